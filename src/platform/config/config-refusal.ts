import { StartRefusal } from '../../kernel/start-refusal.js';

/**
 * Reasons not to start, one plain sentence each, for the operator's eyes. Whoever catches it prints the sentences
 * (no stack) and exits with code 2.
 */
export class ConfigRefusal extends StartRefusal {
  constructor(readonly problems: readonly string[]) {
    super(problems);
    this.name = 'ConfigRefusal';
  }
}
