/**
 * Something strange in an object that is accepted, stored and passed on all the same (D-16, second class).
 */
export interface Oddity {
  /** Id of the rule that was bent, such as `T-37`. */
  readonly rule: string;
  /** JSON pointer into the object; `''` is the whole object. */
  readonly pointer: string;
  /** What is strange there, in one sentence. */
  readonly message: string;
}
