import { type PartyRef, sameParty } from '../../kernel/party-ref.js';

/** What is judged: something of a module that one party gives and another takes. */
export interface Flow {
  /** Whose data or requests they are. */
  readonly giver: PartyRef;
  readonly taker: PartyRef;
  /** A ModuleID, or that of a custom module. */
  readonly module: string;
}

/** The judgement, and what it rests on. */
export interface Verdict {
  readonly allowed: boolean;
  /** `own`, `open` (nothing says otherwise), `closed DE/CP1` (that party shares only what is agreed), or the id of an agreement. */
  readonly rule: string;
}

/**
 * What is shared as of one moment; never changes. Parties and modules compare without regard to case.
 *
 * Never throws, whatever it is asked about: parties that nobody knows, custom modules, odd spellings.
 */
export interface SharingJudge {
  /**
   * `hubclientinfo` follows from the rest: it is allowed where the two may know of each other, see {@link mayKnow}.
   */
  judge(flow: Flow): Verdict;
  /** The same by keys as `partyKey` makes them, where there are many of them. */
  shares(giverKey: string, takerKey: string, module: string): boolean;
  /** Whether one may know that the other is there: if they share anything, in either direction. */
  mayKnow(a: PartyRef, b: PartyRef): boolean;
  /** Whether everybody shares everything: then nothing needs to be filtered. */
  readonly isOpen: boolean;
  /** Moves with each change: the same on all nodes, and kept over restarts. */
  readonly version: number;
}

/** What was shared, and what is shared now. */
export interface PolicyChange {
  readonly before: SharingJudge;
  readonly after: SharingJudge;
}

/**
 * Whether two parties share something: the one question that lists, totals, pushes, forwards, open routing and hubclientinfo
 * ask. In memory; the answer holds for all nodes within a second of a change.
 */
export interface SharingPolicy extends SharingJudge {
  /** What is shared now, for who wants to compare it later or to use one state throughout. */
  snapshot(): SharingJudge;
  /** Calls `listener` after each change, in the order of versions. Returns how to stop that. */
  onChange(listener: (change: PolicyChange) => void): () => void;
}

/** A policy that stays as it is. */
export function fixedPolicy(judge: SharingJudge): SharingPolicy {
  return {
    judge: (flow) => judge.judge(flow),
    shares: (giver, taker, module) => judge.shares(giver, taker, module),
    mayKnow: (a, b) => judge.mayKnow(a, b),
    isOpen: judge.isOpen,
    version: judge.version,
    snapshot: () => judge,
    onChange: () => () => undefined,
  };
}

/** The policy of a hub without agreements. */
export const everythingOpen: SharingPolicy = fixedPolicy({
  judge: ({ giver, taker }) => ({ allowed: true, rule: sameParty(giver, taker) ? 'own' : 'open' }),
  shares: () => true,
  mayKnow: () => true,
  isOpen: true,
  version: 0,
});

/**
 * What a request makes flow: what is asked of a SENDER interface flows from its owner, what comes to a RECEIVER interface flows
 * from whoever sends it.
 */
export function flowOf(interfaceRole: 'SENDER' | 'RECEIVER', module: string, from: PartyRef, to: PartyRef): Flow {
  return interfaceRole === 'SENDER' ? { giver: to, taker: from, module } : { giver: from, taker: to, module };
}
