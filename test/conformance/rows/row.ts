import type { TestHub } from '../../support/hub/index.js';

/** How strongly the text asks for it; `must` in lower case: stated as plain fact; `REC`: the reading that this project uses. */
export type Strength = 'MUST' | 'SHOULD' | 'MAY' | 'must' | 'REC';

interface Rule {
  /** Id of the rule, such as `O-10`. */
  readonly rule: string;
  readonly strength: Strength;
  /** The rule in a few words. */
  readonly title: string;
}

/** How a rule is proven, or why it is not. */
export type Row = Rule &
  (
    | {
        /** Judged here, over real HTTP. */
        readonly kind: 'tested';
        readonly run: (hub: TestHub) => Promise<void>;
      }
    | {
        /** Another test proves it: a file that holds this text in the title of a test. */
        readonly kind: 'elsewhere';
        readonly file: string;
        readonly text: string;
      }
    | {
        /** Nothing that a program could show. */
        readonly kind: 'not testable';
        readonly reason: string;
      }
    | {
        /** Not done. With `run` the test is expected to fail, and says so when it no longer does. */
        readonly kind: 'not met';
        readonly reason: string;
        readonly run?: (hub: TestHub) => Promise<void>;
      }
  );

type Run = (hub: TestHub) => Promise<void>;

export const tested = (rule: string, strength: Strength, title: string, run: Run): Row => ({
  kind: 'tested',
  rule,
  strength,
  title,
  run,
});

/** @param text what the title of that test holds; the rule's id unless given */
export const elsewhere = (rule: string, strength: Strength, title: string, file: string, text = rule): Row => ({
  kind: 'elsewhere',
  rule,
  strength,
  title,
  file,
  text,
});

export const notTestable = (rule: string, strength: Strength, title: string, reason: string): Row => ({
  kind: 'not testable',
  rule,
  strength,
  title,
  reason,
});

export const notMet = (rule: string, strength: Strength, title: string, reason: string, run?: Run): Row => ({
  kind: 'not met',
  rule,
  strength,
  title,
  reason,
  ...(run ? { run } : {}),
});
