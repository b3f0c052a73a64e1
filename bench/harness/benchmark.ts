import type { LocationSet } from '../data/location-set.js';
import type { StoredHub } from '../data/stored-hub.js';
import type { LoadClient } from '../load/load-client.js';
import type { Stack, StackName } from '../stacks/stack.js';
import type { Figure } from './figure.js';
import type { Workspace } from './workspace.js';

/** What a benchmark works with. */
export interface BenchContext {
  /** The hub's program that is measured. */
  readonly program: string;
  /** How often each pair is measured. */
  readonly rounds: number;
  /** How long is measured where the length is free to choose, in seconds. */
  readonly window: number;
  readonly stack: Stack;
  readonly workspace: Workspace;
  readonly load: LoadClient;
  /** The Locations as a CPO platform would serve them. */
  locations(): Promise<LocationSet>;
  /** A hub's data directory with all of them stored, prepared once. */
  stored(): Promise<StoredHub>;
  /** Tells a person what is being done. */
  say(text: string): void;
}

export interface Benchmark {
  readonly name: string;
  /** What it measures, in one line. */
  readonly about: string;
  /** On which stacks it can be run, if not on the embedded one alone. */
  readonly stacks?: readonly StackName[];
  /** Yields each figure as soon as it is there. */
  run(context: BenchContext): AsyncGenerator<Figure>;
}
