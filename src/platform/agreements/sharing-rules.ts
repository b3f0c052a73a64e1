import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import { type Agreement, everyone, moduleKey, type SharingState, sharedModules } from './agreement.js';
import type { Flow, SharingJudge, Verdict } from './sharing-policy.js';

/** What was agreed for one pair of giver and taker, either of which may be everyone. */
interface PairRules {
  readonly named: Map<string, Verdict>;
  everything: Verdict | undefined;
}

const own: Verdict = Object.freeze({ allowed: true, rule: 'own' });
const open: Verdict = Object.freeze({ allowed: true, rule: 'open' });

/** No agreement names it, so that what is found for it holds for all modules that none names. */
const unnamedModule = '';

/**
 * Judges by the agreements and the closed parties of one moment. Four look-ups for a judgement, however many agreements there are,
 * and nothing is kept of what was asked: callers choose the spelling of parties and the names of custom modules.
 *
 * The closest agreement decides: both parties named, then one, then none; next a named module before all modules; a denial where
 * two are equally close. Without any, what a closed party gives or takes is denied and everything else allowed.
 */
export class SharingRules implements SharingJudge {
  readonly version: number;
  readonly isOpen: boolean;
  private readonly pairs = new Map<string, Map<string, PairRules>>();
  private readonly ofEveryone: ReadonlyMap<string, PairRules>;
  private readonly closed = new Map<string, Verdict>();
  private readonly modules: readonly string[];

  constructor(state: SharingState) {
    this.version = state.version;
    for (const agreement of state.agreements) this.add(agreement);
    for (const key of state.closed) this.closed.set(key, Object.freeze({ allowed: false, rule: `closed ${key}` }));
    this.ofEveryone = this.pairs.get(everyone) ?? new Map();
    this.isOpen = this.closed.size === 0 && state.agreements.every(({ effect }) => effect === 'allow');
    const named = state.agreements.map(({ module }) => module).filter((module) => module !== everyone);
    this.modules = [...new Set([unnamedModule, ...sharedModules, ...named])];
  }

  judge({ giver, taker, module }: Flow): Verdict {
    return this.verdict(partyKey(giver), partyKey(taker), moduleKey(module));
  }

  shares(giverKey: string, takerKey: string, module: string): boolean {
    return this.isOpen || this.verdict(giverKey, takerKey, moduleKey(module)).allowed;
  }

  mayKnow(a: PartyRef, b: PartyRef): boolean {
    return this.isOpen || this.acquaintance(partyKey(a), partyKey(b)).allowed;
  }

  private verdict(giver: string, taker: string, module: string): Verdict {
    if (module === 'hubclientinfo') return this.acquaintance(giver, taker);
    if (giver === taker) return own;
    return this.agreed(giver, taker, module) ?? this.closed.get(giver) ?? this.closed.get(taker) ?? open;
  }

  /** The first thing that the two share, or why the one gives the other nothing. */
  private acquaintance(giver: string, taker: string): Verdict {
    for (const module of this.modules) {
      const there = this.verdict(giver, taker, module);
      if (there.allowed) return there;
      const back = this.verdict(taker, giver, module);
      if (back.allowed) return back;
    }
    return this.verdict(giver, taker, unnamedModule);
  }

  private agreed(giver: string, taker: string, module: string): Verdict | undefined {
    const ofGiver = this.pairs.get(giver);
    return (
      closest(module, ofGiver?.get(taker), undefined) ??
      closest(module, ofGiver?.get(everyone), this.ofEveryone.get(taker)) ??
      closest(module, this.ofEveryone.get(everyone), undefined)
    );
  }

  private add({ id, giver, taker, module, effect }: Agreement): void {
    const ofGiver = this.pairs.get(giver) ?? new Map<string, PairRules>();
    this.pairs.set(giver, ofGiver);
    const rules = ofGiver.get(taker) ?? { named: new Map(), everything: undefined };
    ofGiver.set(taker, rules);
    const verdict = Object.freeze({ allowed: effect === 'allow', rule: id });
    if (module === everyone) rules.everything = sterner(verdict, rules.everything);
    else rules.named.set(module, sterner(verdict, rules.named.get(module)) ?? verdict);
  }
}

/** What two equally close pairs say of a module. */
function closest(module: string, one: PairRules | undefined, other: PairRules | undefined): Verdict | undefined {
  if (one === undefined && other === undefined) return undefined;
  return sterner(one?.named.get(module), other?.named.get(module)) ?? sterner(one?.everything, other?.everything);
}

function sterner(one: Verdict | undefined, other: Verdict | undefined): Verdict | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.allowed || !one.allowed ? one : other;
}
