/** What the next key means, while a question is open. */
export interface Question {
  readonly keys: Readonly<Record<string, () => void>>;
  /** Any other key; without it, other keys are not heard. */
  readonly otherwise?: () => void;
  /** Who asks to be paired, if the question is about that. */
  readonly request?: string;
}
