import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryHub, StoredEvse } from '../data/delivery-hub.js';
import type { RequestSpec } from '../load/load-client.js';
import type { Receivers } from '../receivers/receivers.js';
import { sharedNow } from './shared-clock.js';

/** So many EVSEs take turns: each is changed again long after its last change has arrived everywhere. */
const evseCount = 200;
const patienceMs = 10_000;

/** How long updates took, ms, in order of size: one entry for each update and receiver. */
export interface Latencies {
  /** From the answer to the owner until the push arrived; below zero where the push was quicker than the answer. */
  readonly accepted: Float64Array;
  /** From the owner's request. */
  readonly sent: Float64Array;
}

/** The owner changes EVSEs at a steady pace; the receivers note when they are told. */
export class PacedUpdates {
  private readonly agent = new http.Agent({ keepAlive: true });
  private readonly evses: readonly StoredEvse[];
  private next = 0;
  private turn = 0;
  private stamp = 0;

  constructor(
    private readonly world: DeliveryHub,
    private readonly receivers: Receivers,
    private readonly perSecond: number,
  ) {
    const step = world.evses.length / evseCount;
    this.evses = Array.from({ length: evseCount }, (_, index) => world.evses[Math.floor(index * step)]).filter(
      (evse) => evse !== undefined,
    );
  }

  /** Changes every EVSE once, so that each receiver is known to hold it, and waits until all have arrived. */
  async prepare(): Promise<void> {
    await this.measure(0, this.evses.length / this.perSecond);
  }

  /** Goes on for `leadSeconds`, of which nothing is counted, and then for `seconds`. */
  async measure(leadSeconds: number, seconds: number): Promise<Latencies> {
    await this.receivers.keep(Number.POSITIVE_INFINITY);
    const lead = Math.round(leadSeconds * this.perSecond);
    const count = lead + Math.round(seconds * this.perSecond);
    const startedAt = sharedNow();
    const updates: Promise<Update>[] = [];
    for (let index = 0; index < count; index++) {
      const wait = startedAt + (index * 1000) / this.perSecond - sharedNow();
      if (wait > 0) await sleep(wait);
      updates.push(this.update());
    }
    const measured = (await Promise.all(updates)).slice(lead);
    return this.collect(measured);
  }

  close(): void {
    this.agent.destroy();
  }

  private update(): Promise<Update> {
    const evse = this.evses[this.next++ % this.evses.length];
    if (!evse) throw new Error('The hub holds no EVSE.');
    if (this.next % this.evses.length === 0) this.turn++;
    // No two alike: they tell the updates apart.
    this.stamp = Math.max(this.stamp + 1, Date.now());
    const stamp = new Date(this.stamp).toISOString();
    return this.send(this.world.statusChange(evse, this.turn % 2 === 0 ? 'CHARGING' : 'AVAILABLE', stamp), stamp);
  }

  private send({ method, target, headers, body }: RequestSpec, stamp: string): Promise<Update> {
    return new Promise((resolve, reject) => {
      const sentAt = sharedNow();
      const type = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body ?? '')) };
      const { agent } = this;
      const options = { agent, host: '127.0.0.1', port: this.world.hub.port, method, path: target };
      const request = http.request({ ...options, headers: { ...headers, ...type } }, (response) => {
        const acceptedAt = sharedNow();
        if (response.statusCode !== 200) reject(new Error(`${method} ${target}: ${response.statusCode}`));
        response.resume();
        response.on('end', () => resolve({ stamp, sentAt, acceptedAt }));
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Waits until everything has arrived. */
  private async collect(updates: readonly Update[]): Promise<Latencies> {
    const stamps = updates.map(({ stamp }) => stamp);
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const arrivals = await this.receivers.arrivals(stamps);
      const missing = arrivals.reduce((sum, times) => sum + times.filter(Number.isNaN).length, 0);
      if (missing === 0) {
        const since = (from: (update: Update) => number): Float64Array =>
          Float64Array.from(
            arrivals.flatMap((times) => updates.map((update, place) => (times[place] ?? Number.NaN) - from(update))),
          ).sort();
        return { accepted: since(({ acceptedAt }) => acceptedAt), sent: since(({ sentAt }) => sentAt) };
      }
      if (performance.now() > deadline) throw new Error(`${missing} updates did not arrive.`);
      await sleep(100);
    }
  }
}

interface Update {
  readonly stamp: string;
  /** ms on the shared clock */
  readonly sentAt: number;
  readonly acceptedAt: number;
}

/** The value below which this share of an ordered list lies. */
export function quantile(ordered: Float64Array, share: number): number {
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? Number.NaN;
}
