/** Reasons not to start, one plain sentence each, for the operator's eyes: printed without a stack, exit code 2. */
export class StartRefusal extends Error {
  constructor(readonly sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'StartRefusal';
  }
}
