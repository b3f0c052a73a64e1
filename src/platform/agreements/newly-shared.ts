import type { PartyRef } from '../../kernel/party-ref.js';
import type { SharingJudge } from './sharing-policy.js';

export interface Pair<G extends PartyRef = PartyRef, T extends PartyRef = PartyRef> {
  readonly giver: G;
  readonly taker: T;
}

/** The pairs that share a module now and did not before: what is to be sent again. */
export function newlyAllowed<G extends PartyRef, T extends PartyRef>(
  before: SharingJudge,
  after: SharingJudge,
  givers: readonly G[],
  takers: readonly T[],
  module: string,
): readonly Pair<G, T>[] {
  if (before.isOpen) return [];
  const found: Pair<G, T>[] = [];
  for (const giver of givers)
    for (const taker of takers) {
      const flow = { giver, taker, module };
      if (after.judge(flow).allowed && !before.judge(flow).allowed) found.push({ giver, taker });
    }
  return found;
}

/** The pairs that shared a module before and do not now: what is to stop. */
export const newlyDenied = <G extends PartyRef, T extends PartyRef>(
  before: SharingJudge,
  after: SharingJudge,
  givers: readonly G[],
  takers: readonly T[],
  module: string,
): readonly Pair<G, T>[] => newlyAllowed(after, before, givers, takers, module);
