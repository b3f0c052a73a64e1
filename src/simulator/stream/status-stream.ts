import type { Clock } from '../../kernel/clock.js';
import type { CatalogueEntry } from '../sender/catalogue.js';
import type { OwnerPush } from '../sender/owner-push.js';
import type { EvseFleet, FleetEvse, StatusChange } from './evse-fleet.js';

/** Settings of {@link StatusStream.run}. Give a rate, or a speed-up of the clock. */
export interface StreamOptions {
  /** Changes a second; simulated time then runs as fast as that takes. */
  rate?: number;
  /** Simulated seconds a second; changes then come as often as the model has them. */
  speedUp?: number;
  durationSeconds?: number;
  /** Stops after so many changes. */
  count?: number;
  /** PATCHes in flight at once; default 32. */
  concurrency?: number;
}

/** The last state of an EVSE that the peer acknowledged. */
export interface Acknowledged {
  status: string;
  last_updated: string;
}

const TICK_MS = 10;

/**
 * Sends status changes as EVSE PATCHes: one at a time per Location, so that order holds. A PATCH answered 404 is followed by
 * a PUT of the whole Location (T-28), which also tells what was still waiting for it; one without an answer is tried again.
 */
export class StatusStream {
  running = false;
  produced = 0;
  accepted = 0;
  healed = 0;
  refused = 0;
  failed = 0;
  readonly reasons: Record<string, number> = {};
  readonly acknowledged = new Map<FleetEvse, Acknowledged>();
  private readonly waiting = new Map<CatalogueEntry, StatusChange[]>();
  private outstanding = 0;
  private wake: (() => void) | undefined;

  constructor(
    private readonly fleet: EvseFleet,
    private readonly push: OwnerPush,
    private readonly clock: Clock,
  ) {}

  /** Runs until duration, count or {@link stop} ends it and every PATCH has its answer. */
  async run(options: StreamOptions): Promise<void> {
    if (this.running) throw new Error('the stream is running');
    this.running = true;
    const startedAt = this.clock.now();
    const producedBefore = this.produced;
    const simulatedBefore = this.fleet.now;
    const rate = options.rate ?? 0;
    let forgiven = 0;
    const allowed = (elapsed: number): number => {
      const made = this.produced - producedBefore;
      const left = (options.count ?? Number.POSITIVE_INFINITY) - made;
      const room = (options.concurrency ?? 32) * 4 - this.outstanding;
      if (options.speedUp !== undefined) return Math.min(left, room);
      const debt = (elapsed / 1000) * rate - made - forgiven;
      if (debt > rate) forgiven += debt - rate;
      return Math.min(left, room, Math.floor(Math.min(debt, rate)));
    };
    const over = (elapsed: number): boolean =>
      !this.running ||
      this.fleet.size === 0 ||
      elapsed >= (options.durationSeconds ?? Number.POSITIVE_INFINITY) * 1000 ||
      this.produced - producedBefore >= (options.count ?? Number.POSITIVE_INFINITY);
    try {
      for (let elapsed = 0; !over(elapsed); elapsed = this.clock.now() - startedAt) {
        const speedUp = options.speedUp;
        const horizon = speedUp === undefined ? Number.POSITIVE_INFINITY : simulatedBefore + elapsed * speedUp;
        this.produce(allowed(elapsed), horizon);
        await this.nextTick();
      }
      while (this.outstanding > 0) await this.nextTick();
    } finally {
      this.running = false;
    }
  }

  /** Makes and tells one change by order; resolves once it has its answer. False if the EVSE does not take part. */
  async set(location: CatalogueEntry, uid: string, status: string): Promise<boolean> {
    const evse = this.fleet.find(location, uid);
    const change = evse && this.fleet.change(evse, status);
    if (!change) return false;
    this.produced += 1;
    const accepted = this.accepted;
    await this.tell(change, [change]);
    return this.accepted > accepted;
  }

  /** Makes no more changes; {@link run} ends once all are answered. */
  stop(): void {
    this.running = false;
  }

  /** What the control server shows. */
  state(): Record<string, unknown> {
    const { running, produced, accepted, healed, refused, failed, reasons, outstanding } = this;
    const simulated_hours = Math.round(this.fleet.now / 36_000) / 100;
    const evses = this.fleet.size;
    const retries = this.push.retries;
    return {
      running,
      evses,
      produced,
      accepted,
      healed,
      refused,
      failed,
      retries,
      outstanding,
      reasons,
      simulated_hours,
    };
  }

  private produce(count: number, horizon: number): void {
    for (let made = 0, tried = 0; made < count && tried < count + 100; tried += 1) {
      const next = this.fleet.nextAt();
      if (next === undefined || next > horizon) return;
      const change = this.fleet.step();
      if (change === undefined) continue;
      made += 1;
      this.produced += 1;
      this.outstanding += 1;
      const queue = this.waiting.get(change.evse.location);
      if (queue !== undefined) queue.push(change);
      else {
        this.waiting.set(change.evse.location, [change]);
        void this.drain(change.evse.location);
      }
    }
  }

  /** Sends what waits for one Location, one by one. */
  private async drain(location: CatalogueEntry): Promise<void> {
    const queue = this.waiting.get(location) ?? [];
    for (let change = queue[0]; change !== undefined; change = queue[0]) {
      const told = await this.tell(change, queue);
      queue.splice(0, told);
      this.outstanding -= told;
      this.wake?.();
    }
    this.waiting.delete(location);
  }

  /** Tells of one change; returns how many of the queue that settled. */
  private async tell(change: StatusChange, queue: readonly StatusChange[]): Promise<number> {
    const { location, uid } = change.evse;
    const { owner, id } = location;
    const target = { module: 'locations', role: 'RECEIVER', from: owner } as const;
    const path = [owner.country_code, owner.party_id, id];
    const body = JSON.stringify({ status: change.status, last_updated: change.last_updated });
    const outcome = await this.push.send(() => ({ ...target, method: 'PATCH', path: [...path, uid], body }));
    if (outcome.kind === 'accepted') {
      this.confirm(change);
      return 1;
    }
    if (outcome.kind === 'failed') {
      this.failed += 1;
      this.count(outcome.reason);
      return 1;
    }
    if (outcome.answer.http === 404) {
      let covered: StatusChange[] = [];
      const put = await this.push.send(() => {
        covered = [...queue];
        return { ...target, method: 'PUT', path, body: location.text };
      });
      if (put.kind === 'accepted') {
        this.healed += 1;
        for (const told of covered) this.confirm(told);
        return covered.length;
      }
    }
    this.refused += 1;
    this.count(`${outcome.answer.http}/${outcome.answer.code ?? 'none'} ${outcome.answer.message}`.trim());
    return 1;
  }

  private confirm({ evse, status, last_updated }: StatusChange): void {
    this.accepted += 1;
    this.acknowledged.set(evse, { status, last_updated });
  }

  private count(reason: string): void {
    this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
  }

  /** Resolves with the next tick, or earlier when an answer has made room. */
  private nextTick(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, TICK_MS);
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      this.wake = done;
    });
  }
}
