import type { Token } from '../../generated/ocpi.js';
import { parseDateTime } from '../../kernel/date-time.js';
import { stringMember } from '../../kernel/json-text.js';
import { mergeObject } from '../../kernel/merge-text.js';
import { unknownToken } from '../../kernel/ocpi-error.js';
import type { Oddity } from '../../kernel/oddity.js';
import type { StoredDocument } from '../../platform/storage/index.js';
import type { TokenDecision } from './token-store.js';

/** What the rules need to know beside the object itself. */
export interface RuleContext {
  /** Whether an older `last_updated` than the stored one is applied all the same (a partner's switch). */
  readonly applyStale: boolean;
  readonly oddities: (token: Token) => readonly Oddity[];
}

export interface PatchContext extends RuleContext {
  /** Names of vendor objects that a PATCH merges one level deep. */
  readonly extensionKeys: ReadonlySet<string>;
  /** Judges a whole merged Token; throws what its owner is to read. */
  readonly checkWhole: (value: unknown) => void;
}

type Decide = (current: StoredDocument | undefined) => TokenDecision;

const stale: TokenDecision = { kind: 'unchanged', reason: 'stale' };
const identical: TokenDecision = { kind: 'unchanged', reason: 'identical' };

/** PUT: replaces the Token as sent (O-07, O-15). */
export function putToken(text: string, token: Token, context: RuleContext): Decide {
  const lastUpdated = instantOf(text);
  return (current) => {
    if (current && lastUpdated < current.lastUpdated && !context.applyStale) return stale;
    if (current?.document === text) return identical;
    return {
      kind: 'store',
      isNew: current === undefined,
      document: text,
      lastUpdated,
      oddities: context.oddities(token),
    };
  };
}

/** PATCH: changes what it names (O-09…O-15, O-19); of what is not there it creates nothing (O-11). */
export function patchToken(patch: string, context: PatchContext): Decide {
  return (current) => {
    if (!current) throw unknownToken();
    if (instantOf(patch) < current.lastUpdated && !context.applyStale) return stale;
    const document = mergeObject(current.document, patch, context.extensionKeys);
    if (document === current.document) return identical;
    const token: unknown = JSON.parse(document);
    context.checkWhole(token);
    return {
      kind: 'store',
      isNew: false,
      document,
      lastUpdated: instantOf(document),
      oddities: context.oddities(token as Token),
    };
  };
}

function instantOf(object: string): number {
  return parseDateTime(stringMember(object, 'last_updated') ?? '') ?? 0;
}
