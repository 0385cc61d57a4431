/** A terminal with lines that stay and one status line below them that is drawn over. Without a terminal, plain lines. */

/** The part of a stream that is used; `process.stdout` is one. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const CLEAR_LINE = '\r\u001b[2K';
/** DEC private mode 7: what is wider than the terminal, by whatever its characters measure, is cut there and not wrapped. */
const WRAP_OFF = '\u001b[?7l';
const WRAP_ON = '\u001b[?7h';

export class Screen {
  readonly #output: Output;
  #status = '';

  constructor(output: Output) {
    this.#output = output;
  }

  get isTerminal(): boolean {
    return this.#output.isTTY === true;
  }

  get columns(): number {
    return this.#output.columns ?? 100;
  }

  /** Prints lines above the status line. */
  print(text = ''): void {
    if (this.isTerminal) this.#output.write(`${CLEAR_LINE}${text}\n${this.#cut(this.#status)}`);
    else this.#output.write(`${text}\n`);
  }

  /** Replaces the status line; the same text is not written again. */
  setStatus(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    if (this.isTerminal) this.#output.write(`${CLEAR_LINE}${this.#cut(text)}`);
  }

  /** Leaves the cursor on a line of its own. */
  close(): void {
    if (this.isTerminal) this.#output.write(`${CLEAR_LINE}`);
    this.#status = '';
  }

  #cut(text: string): string {
    const cut = text.length < this.columns ? text : `${text.slice(0, Math.max(0, this.columns - 2)).toWellFormed()}…`;
    return cut === '' ? '' : `${WRAP_OFF}${cut}${WRAP_ON}`;
  }
}
