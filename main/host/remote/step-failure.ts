/** An expected failure of one step of a test, in words for a person: what is wrong, and what to do. */
export class StepFailure extends Error {
  override name = 'StepFailure';
}
