import type { Role } from '../../kernel/module-id.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import { partyKey } from '../../kernel/party-ref.js';
import { ownTurns, type Partner, type PartnerDirectory, type Turns } from '../partners/index.js';
import type { WorkQueue } from '../queue/index.js';
import { type PullListDeps, pullList } from './pull-list.js';
import { OwnPullSchedule, type PullDue, type PullSchedule, type PullTurn } from './pull-schedule.js';
import { ownerRolesOf, type PullSink } from './pull-sink.js';
import { type PullState, TurnLost } from './pull-state.js';

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
  /** Where other nodes work on the same database: what all share. Absent: this process pulls alone. */
  readonly shared?: { readonly turns: Turns; readonly schedule: PullSchedule };
  /** Whether this process pulls at all, or only hands on what is asked for; default true. */
  readonly runs?: boolean;
  /** How often the shared schedule is looked through for partners that nobody was woken for, ms. */
  readonly sweepMs?: number;
  /** Told of what went wrong outside a pull. */
  readonly onTrouble?: (error: unknown) => void;
}

/** What stands before the partner in the name of a turn. */
export const pullTurnPrefix = 'pull ';

const hour = 3_600_000;
const defaultSweepMs = 60_000;
/** A partner may open its functional modules only after it has our answer. */
const settlingMs = 1_000;
/** Pause after a pull that did not come to its end; doubled each time, up to the usual interval. */
const firstRetryMs = 10_000;

/**
 * Reads partners' lists: after registration, on schedule, and when the operator asks.
 *
 * One crawl at a time per partner over all nodes, one list per CPO party of the platform (A-67). The queue is only what wakes; where
 * several nodes share a database, what is due and what was asked for stands there.
 */
export class PullService {
  private readonly intervalMs: number;
  private readonly fullEveryMs: number;
  /** By partner: pulls in a row that did not come to their end. */
  private readonly failures = new Map<string, number>();
  private readonly turns: Turns;
  private readonly schedule: PullSchedule;
  private readonly runs: boolean;
  private timer: NodeJS.Timeout | undefined;
  private endListening: () => void = () => undefined;

  constructor(private readonly options: PullServiceOptions) {
    this.intervalMs = options.intervalMs ?? hour;
    this.fullEveryMs = options.fullEveryMs ?? 24 * hour;
    this.turns = options.shared?.turns ?? ownTurns;
    this.schedule = options.shared?.schedule ?? new OwnPullSchedule();
    this.runs = options.runs ?? true;
    if (this.runs) options.queue.process('pull', (id, signal) => this.run(id, signal), { concurrency: 2 });
  }

  /** Takes up the schedule; a crawl that a stop interrupted goes on at once. */
  async start(): Promise<void> {
    if (!this.runs) return;
    if (this.options.shared === undefined) return this.takeUp();
    this.endListening = this.schedule.onWish((wish) => {
      if (wish) this.wake(wish.partner, wish.delayMs);
      else void this.sweep();
    });
    this.timer = setInterval(() => void this.sweep(), this.options.sweepMs ?? defaultSweepMs);
    this.timer.unref();
    await this.sweep();
  }

  /** Looks after the shared schedule no more; what runs is ended by the queue. */
  stop(): void {
    clearInterval(this.timer);
    this.endListening();
  }

  /** Asks for a pull as soon as the partner's turn comes; `full` reads everything and replaces. Resolves once that is noted. */
  async request(partnerId: string, full: boolean): Promise<void> {
    await this.wish(partnerId, { delayMs: 0, full });
  }

  /** A partner has just exchanged tokens: it is pulled once it can know that the exchange is over. */
  registered(partnerId: string): void {
    this.wish(partnerId, { delayMs: settlingMs, full: false }).catch((error: unknown) => this.trouble(error));
  }

  /** Progress of every list ever read, by whatever node. */
  async progress(): Promise<readonly PullState[]> {
    return this.options.states.all();
  }

  private async wish(partnerId: string, wish: { readonly delayMs: number; readonly full: boolean }): Promise<void> {
    await this.schedule.wish(partnerId, wish);
    if (this.runs) this.wake(partnerId, wish.delayMs);
  }

  private wake(partnerId: string, delayMs: number): void {
    // With a shared schedule every node that pulls wakes itself.
    const here = this.options.shared ? { here: true } : {};
    this.options.queue.add('pull', partnerId, { delayMs, ...here });
  }

  private async takeUp(): Promise<void> {
    const now = this.options.clock.now();
    const all = await this.options.states.all();
    for (const partner of this.options.directory.all()) {
      const states = all.filter((state) => state.partner === partner.id);
      const interrupted = states.some((state) => state.phase === 'running');
      const last = Math.max(0, ...states.map((state) => state.finishedAt ?? 0));
      const due = interrupted || last === 0 ? 0 : Math.max(0, last + this.intervalMs - now);
      this.wake(partner.id, due);
    }
  }

  /** Wakes whoever nobody is at, when it is due: wake-ups are lost with the process that had them. */
  private async sweep(): Promise<void> {
    const partners = this.options.directory.all().filter(({ status }) => status !== 'SUSPENDED');
    try {
      const due = await this.schedule.sweep(partners.map(({ id }) => id));
      for (const [id, inMs] of due) this.wake(id, inMs);
    } catch (error) {
      this.trouble(error);
    }
  }

  private trouble(error: unknown): void {
    this.options.onTrouble?.(error);
  }

  private async run(partnerId: string, stop: AbortSignal): Promise<void> {
    const partner = this.options.directory.byId(partnerId);
    if (!partner || partner.status === 'SUSPENDED') return;
    try {
      await this.turns.run(`${pullTurnPrefix}${partnerId}`, (turn) =>
        this.pullInTurn(partner, { ...turn, partner: partnerId }, AbortSignal.any([stop, turn.signal])),
      );
    } catch (error) {
      if (!(error instanceof TurnLost)) throw error;
    }
    // Another node goes on where this one stops.
    if (stop.aborted && this.options.shared) await this.schedule.wish(partnerId, { delayMs: 0, full: false });
  }

  private async pullInTurn(partner: Partner, turn: PullTurn, signal: AbortSignal): Promise<void> {
    const due = await this.schedule.due(partner.id);
    if (due.inMs > 0) return this.wake(partner.id, due.inMs);
    let complete = false;
    try {
      complete = !partner.switches.pull || (await this.pullPartner(partner, due.full, signal, turn));
    } finally {
      if (!signal.aborted) await this.scheduleNext(turn, due, complete);
    }
  }

  private async scheduleNext(turn: PullTurn, due: PullDue, complete: boolean): Promise<void> {
    const partnerId = turn.partner;
    const failures = complete ? 0 : (this.failures.get(partnerId) ?? 0) + 1;
    this.failures.set(partnerId, failures);
    const pause = complete ? this.intervalMs : Math.min(this.intervalMs, firstRetryMs * 2 ** (failures - 1));
    const spread = 0.8 + 0.4 * (this.options.random ?? Math.random)();
    const nextMs = Math.round(pause * spread);
    this.wake(partnerId, nextMs);
    await this.schedule.ended(turn, due, nextMs);
  }

  /** Whether every list was read to its end. */
  private async pullPartner(partner: Partner, asked: boolean, signal: AbortSignal, turn: PullTurn): Promise<boolean> {
    let complete = true;
    const token = this.options.directory.outboundToken(partner.id);
    for (const sink of this.options.sinks) {
      const url = this.options.directory.endpoint(partner, sink.module, 'SENDER');
      if (url === undefined || token === undefined || sink.isWanted?.(partner) === false) continue;
      for (const party of ownersAt(partner, ownerRolesOf(sink))) {
        if (signal.aborted) return false;
        const full = asked || (await this.isFullDue(partner.id, sink.module, partyKey(party)));
        const state = await pullList(this.options, { partner, party, sink, url, token, full, signal, turn });
        complete &&= state.phase === 'complete';
        this.options.onPulled(state);
      }
    }
    return complete;
  }

  private async isFullDue(partner: string, module: string, party: string): Promise<boolean> {
    const since = (await this.options.states.get(partner, module, party))?.fullSince;
    return since === undefined || this.options.clock.now() - since >= this.fullEveryMs;
  }
}

function ownersAt(partner: Partner, roles: readonly Role[]): PartyRef[] {
  return [...new Map(partner.roles.filter((r) => roles.includes(r.role)).map((r) => [partyKey(r), r])).values()];
}
