import type { PartyRef } from '../../kernel/party-ref.js';
import type { SharingState } from './agreement.js';
import type { Flow, PolicyChange, SharingJudge, SharingPolicy, Verdict } from './sharing-policy.js';
import { SharingRules } from './sharing-rules.js';

/** The policy of this process: answers by the newest state that it was given. */
export class CurrentPolicy implements SharingPolicy {
  private rules: SharingRules;
  private readonly listeners = new Set<(change: PolicyChange) => void>();

  constructor(private known: SharingState) {
    this.rules = new SharingRules(known);
  }

  /** What the answers follow from. */
  get state(): SharingState {
    return this.known;
  }

  get isOpen(): boolean {
    return this.rules.isOpen;
  }

  get version(): number {
    return this.rules.version;
  }

  judge(flow: Flow): Verdict {
    return this.rules.judge(flow);
  }

  shares(giverKey: string, takerKey: string, module: string): boolean {
    return this.rules.shares(giverKey, takerKey, module);
  }

  mayKnow(a: PartyRef, b: PartyRef): boolean {
    return this.rules.mayKnow(a, b);
  }

  snapshot(): SharingJudge {
    return this.rules;
  }

  onChange(listener: (change: PolicyChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes over a committed state. They may come in any order, as changes of our own overlap with reading those of others. */
  apply(state: SharingState): void {
    if (state.version <= this.rules.version) return;
    const before = this.rules;
    this.known = state;
    this.rules = new SharingRules(state);
    const change = { before, after: this.rules };
    for (const listener of [...this.listeners]) listener(change);
  }
}
