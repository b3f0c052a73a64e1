import type { PartyRef } from '../../kernel/party-ref.js';
import { partyKey } from '../../kernel/party-ref.js';
import type { Partner, PartnerDirectory } from '../partners/index.js';
import type { WorkQueue } from '../queue/index.js';
import { type PullListDeps, pullList } from './pull-list.js';
import type { PullSink } from './pull-sink.js';
import type { PullState } from './pull-state.js';

export interface PullServiceOptions extends PullListDeps {
  readonly queue: WorkQueue;
  readonly directory: PartnerDirectory;
  readonly sinks: readonly PullSink[];
  /** Time between two pulls of a partner, ms; spread by 20 % either way (T-30). */
  readonly intervalMs?: number;
  /** After this long a partial crawl is not enough, ms. */
  readonly fullEveryMs?: number;
  readonly random?: () => number;
  readonly onPulled: (state: PullState) => void;
}

const hour = 3_600_000;
/** A partner may open its functional modules only after it has our answer. */
const settlingMs = 1_000;
/** Pause after a pull that did not come to its end; doubled each time, up to the usual interval. */
const firstRetryMs = 10_000;

/**
 * Reads partners' lists: after registration, on schedule, and when the operator asks.
 *
 * One crawl at a time per partner, one list per CPO party of the platform (A-67).
 */
export class PullService {
  private readonly intervalMs: number;
  private readonly fullEveryMs: number;
  private readonly fullWanted = new Set<string>();
  /** By partner: pulls in a row that did not come to their end. */
  private readonly failures = new Map<string, number>();

  constructor(private readonly options: PullServiceOptions) {
    this.intervalMs = options.intervalMs ?? hour;
    this.fullEveryMs = options.fullEveryMs ?? 24 * hour;
    options.queue.process('pull', (partnerId, signal) => this.run(partnerId, signal), { concurrency: 2 });
  }

  /** Takes up the schedule; a crawl that a stop interrupted goes on at once. */
  start(): void {
    const now = this.options.clock.now();
    for (const partner of this.options.directory.all()) {
      const states = this.options.states.all().filter((state) => state.partner === partner.id);
      const interrupted = states.some((state) => state.phase === 'running');
      const last = Math.max(0, ...states.map((state) => state.finishedAt ?? 0));
      const due = interrupted || last === 0 ? 0 : Math.max(0, last + this.intervalMs - now);
      this.options.queue.add('pull', partner.id, { delayMs: due });
    }
  }

  /** Asks for a pull as soon as the partner's turn comes; `full` reads everything and replaces. */
  request(partnerId: string, full: boolean): void {
    if (full) this.fullWanted.add(partnerId);
    this.options.queue.add('pull', partnerId);
  }

  /** A partner has just exchanged tokens: it is pulled once it can know that the exchange is over. */
  registered(partnerId: string): void {
    this.options.queue.add('pull', partnerId, { delayMs: settlingMs });
  }

  /** Progress of every list ever read. */
  progress(): readonly PullState[] {
    return this.options.states.all();
  }

  private async run(partnerId: string, signal: AbortSignal): Promise<void> {
    const partner = this.options.directory.byId(partnerId);
    if (!partner || partner.status === 'SUSPENDED') return;
    const asked = this.fullWanted.delete(partnerId);
    let complete = false;
    try {
      complete = !partner.switches.pull || (await this.pullPartner(partner, asked, signal));
    } finally {
      if (!signal.aborted) this.scheduleNext(partnerId, complete);
    }
  }

  private scheduleNext(partnerId: string, complete: boolean): void {
    const failures = complete ? 0 : (this.failures.get(partnerId) ?? 0) + 1;
    this.failures.set(partnerId, failures);
    const pause = complete ? this.intervalMs : Math.min(this.intervalMs, firstRetryMs * 2 ** (failures - 1));
    const spread = 0.8 + 0.4 * (this.options.random ?? Math.random)();
    this.options.queue.add('pull', partnerId, { delayMs: Math.round(pause * spread) });
  }

  /** Whether every list was read to its end. */
  private async pullPartner(partner: Partner, asked: boolean, signal: AbortSignal): Promise<boolean> {
    let complete = true;
    const token = this.options.directory.outboundToken(partner.id);
    for (const sink of this.options.sinks) {
      const url = this.options.directory.endpoint(partner, sink.module, 'SENDER');
      if (url === undefined || token === undefined) continue;
      for (const party of cpoParties(partner)) {
        if (signal.aborted) return false;
        const full = asked || this.isFullDue(partner.id, sink.module, partyKey(party));
        const state = await pullList(this.options, { partner, party, sink, url, token, full, signal });
        complete &&= state.phase === 'complete';
        this.options.onPulled(state);
      }
    }
    return complete;
  }

  private isFullDue(partner: string, module: string, party: string): boolean {
    const since = this.options.states.get(partner, module, party)?.fullSince;
    return since === undefined || this.options.clock.now() - since >= this.fullEveryMs;
  }
}

function cpoParties(partner: Partner): PartyRef[] {
  return [...new Map(partner.roles.filter((r) => r.role === 'CPO').map((r) => [partyKey(r), r])).values()];
}
