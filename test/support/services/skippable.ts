import { describe } from '@jest/globals';

/**
 * A describe block that needs something which may be absent, such as a data set beside the repository. When `missing`
 * is given the block is skipped, and its name says why; `scripts/test` lists the reasons.
 */
export const describeUnless = (missing: string | undefined, name: string, tests: () => void): void => {
  if (missing === undefined) describe(name, tests);
  else skipped(`${name} (skipped: ${missing})`, tests);
};

const { skip: skipped } = describe;
