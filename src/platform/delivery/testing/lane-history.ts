import type { Database } from 'better-sqlite3';
import type { OutboundOutcome, OutboundRequest } from '../../outbound/outbound-types.js';
import type { ChooseMessage } from '../choose-message.js';
import { Delivery } from '../delivery.js';
import type { PushClient, Timers } from '../ports.js';
import type { DeliveryTiming } from '../timing.js';
import { FakeQueue } from './fake-queue.js';
import { FakeTime, settle } from './fake-time.js';
import { FakePartners, lanePartner } from './lane-partner.js';
import { MemoryLaneStore } from './memory-lane-store.js';
import { ModelHub } from './model-hub.js';
import { ModelPartner } from './model-partner.js';

export interface HistoryOptions {
  readonly seed: number;
  readonly steps: number;
  readonly timing?: Partial<DeliveryTiming>;
  readonly choose?: ChooseMessage;
  /** Requests that were cut may be applied much later. */
  readonly lateArrivals?: boolean;
  /** Told what happens, for the search for a fault. */
  readonly trace?: (line: string) => void;
}

export interface HistoryResult {
  readonly differences: readonly string[];
  readonly regressions: readonly string[];
  readonly methods: Readonly<Record<string, number>>;
}

/** A tenth of the real times, so that a history ends soon. */
const modelTiming: Partial<DeliveryTiming> = {
  backOffMs: [100, 200, 500, 1000],
  probeMs: 1500,
  settleMs: 3000,
  exceptionMs: [2000, 2000, 2000, 2000, 2000, 2000, 2000],
  lingerMs: 50,
  sliceMs: 500,
  saveMs: 20,
  sweepMs: 2000,
  leaseMs: 1500,
};
const latestArrivalMs = 2500;

interface InFlight {
  readonly request: OutboundRequest;
  readonly answer: (outcome: OutboundOutcome) => void;
}

/** One life of the process: what it started ends with it, without a word. */
interface Life {
  alive: boolean;
}

/**
 * A random history of one partner: commits, lost requests, lost answers, requests that are applied late, refusals, failures,
 * crashes, resyncs, lost wake-ups. Then the faults end, and what the partner holds is compared with what the hub holds.
 */
export class LaneHistory {
  private readonly time = new FakeTime();
  private readonly hub: ModelHub;
  private readonly store: MemoryLaneStore;
  private readonly receivers = new Map<string, ModelPartner>();
  private readonly partners: FakePartners;
  private inFlight: InFlight[] = [];
  private readonly methods: Record<string, number> = {};
  private life: Life = { alive: true };
  private queue: FakeQueue;
  private delivery: Delivery | undefined;
  private state: number;

  constructor(
    db: Database,
    private readonly options: HistoryOptions,
  ) {
    this.state = options.seed * 2_654_435_761 + 1;
    this.hub = new ModelHub(db, () => this.time.now());
    this.store = new MemoryLaneStore(this.time);
    this.queue = new FakeQueue(this.time);
    const keys = this.random() < 0.3 ? ['EM1', 'EM2'] : ['EM1'];
    for (const key of keys) this.receivers.set(key, new ModelPartner());
    this.partners = new FakePartners(lanePartner({ roles: keys.map((key) => `NL/${key} EMSP`) }));
  }

  async run(): Promise<HistoryResult> {
    if (this.random() < 0.7) for (const id of ['L1', 'L2']) this.hub.putLocation(id, ['E1', 'E2', 'E3']);
    await this.begin();
    await this.delivery?.resync('p1');
    for (let step = 0; step < this.options.steps; step++) await this.step();
    await this.heal();
    const differences = [...this.receivers].flatMap(([key, one]) =>
      one.differences(this.hub).map((d) => `${key} ${d}`),
    );
    const regressions = [...this.receivers.values()].flatMap((one) => one.regressions);
    await this.end();
    return { differences, regressions, methods: this.methods };
  }

  private async step(): Promise<void> {
    const roll = this.random();
    if (roll < 0.45) this.commit();
    else if (roll < 0.75) this.answer(this.fault());
    else if (roll < 0.93) await this.time.advance(this.pick([1, 5, 30, 120, 600, 2000]));
    else if (roll < 0.96) await this.crash();
    else if (roll < 0.98) this.queue.deaf = !this.queue.deaf;
    else {
      this.options.trace?.('resync');
      await this.delivery?.resync('p1');
    }
    await settle();
  }

  private commit(): void {
    this.options.trace?.(`${this.time.now() % 1e6} commit ${this.hub.changes.head() + 1}`);
    const id = this.pick(['L1', 'L2']);
    const uid = this.pick(['E1', 'E2', 'E3']);
    const roll = this.random();
    if (roll < 0.12)
      this.hub.putLocation(
        id,
        ['E1', 'E2', 'E3'].filter(() => this.random() < 0.8),
      );
    else if (roll < 0.24) this.hub.patchLocation(id, this.pick(['name', 'city']));
    else if (roll < 0.34) this.hub.putEvse(id, uid);
    else if (roll < 0.85) this.hub.patchEvse(id, uid, this.pick(['status', 'power']));
    else if (roll < 0.95) this.hub.putTariff(this.pick(['T1', 'T2']));
    else this.hub.deleteTariff(this.pick(['T1', 'T2']));
  }

  private fault(): string {
    const roll = this.random();
    if (roll < 0.6) return 'ok';
    if (roll < 0.68) return 'request lost';
    if (roll < 0.76) return 'answer lost';
    if (roll < 0.82) return 'cut';
    if (roll < 0.88) return this.options.lateArrivals ? 'late' : 'cut';
    if (roll < 0.94) return '500';
    return 'refused';
  }

  /** One of the requests in flight comes to its end. */
  private answer(fate: string): void {
    const [one] = this.inFlight.splice(Math.floor(this.random() * this.inFlight.length), 1);
    if (!one) return;
    this.options.trace?.(
      `${this.time.now() % 1e6} ${fate}: ${one.request.method} ${one.request.url} ${one.request.body}`,
    );
    const ids = { requestId: 'r', durationMs: 1 };
    const answered = (httpStatus: number, statusCode: number): OutboundOutcome => ({
      kind: 'answered',
      httpStatus,
      statusCode,
      statusMessage: undefined,
      envelope: true,
      text: '',
      headers: {},
      ...ids,
    });
    const cut: OutboundOutcome = { kind: 'ambiguous', reason: 'timeout', bytesSent: true, detail: '', ...ids };
    if (fate === 'request lost') one.answer({ kind: 'unreachable', reason: 'connect', detail: '', ...ids });
    else if (fate === '500') one.answer(answered(500, 3000));
    else if (fate === 'refused' && one.request.method !== 'GET') one.answer(answered(200, 2001));
    else if (fate === 'cut') one.answer(cut);
    else if (fate === 'late') {
      this.time.after(this.random() * latestArrivalMs, () => this.apply(one.request, true));
      one.answer(cut);
    } else {
      const status = this.apply(one.request, false);
      one.answer(fate === 'answer lost' ? cut : answered(status, status === 200 ? 1000 : 2003));
    }
  }

  private apply({ method, url, body, headers }: OutboundRequest, late: boolean): number {
    if (method === 'GET') return 200;
    const receiver = this.receivers.get(headers?.['OCPI-to-party-id'] ?? '');
    const path = url.slice(url.indexOf('/receiver/') + '/receiver'.length);
    return receiver?.receive(method, path, body ?? '', late) ?? 500;
  }

  /** The process ends between two instructions, and starts again. */
  private async crash(): Promise<void> {
    this.life.alive = false;
    this.options.trace?.('crash');
    for (const one of this.inFlight.splice(0)) if (this.random() < 0.5) this.apply(one.request, false);
    this.life = { alive: true };
    await this.begin();
  }

  private async begin(): Promise<void> {
    const { life } = this;
    this.queue = new FakeQueue(mortal(this.time, life));
    const client: PushClient = {
      send: (request) =>
        new Promise((resolve) => {
          if (!life.alive) return;
          this.methods[request.method] = (this.methods[request.method] ?? 0) + 1;
          this.inFlight.push({ request, answer: (outcome) => life.alive && resolve(outcome) });
        }),
    };
    const { choose, timing } = this.options;
    this.delivery = new Delivery({
      feed: this.hub.changes,
      store: mortalStore(this.store, life),
      partners: this.partners,
      client,
      queue: this.queue,
      sources: this.hub.sources(),
      hub: { country_code: 'NL', party_id: 'HUB' },
      clock: this.time,
      timers: mortal(this.time, life),
      timing: { ...modelTiming, ...timing },
      random: () => this.random(),
      memoryLimit: this.pick([1, 2, 1000]),
      ...(choose ? { choose } : {}),
    });
    await this.delivery.start();
  }

  /** Faults end: every request is answered as it should be, until nothing is left to do. */
  private async heal(): Promise<void> {
    this.queue.deaf = false;
    for (let round = 0; round < 40; round++) {
      for (let more = 0; more < 100 && this.inFlight.length > 0; more++) {
        this.answer('ok');
        await settle();
      }
      await this.time.advance(500);
    }
  }

  private async end(): Promise<void> {
    this.life.alive = false;
    this.inFlight = [];
    await settle();
  }

  private pick<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.random() * values.length)] ?? values[0];
  }

  /** mulberry32 */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
}

function mortal(timers: Timers, life: Life): Timers {
  return { after: (ms, job) => timers.after(ms, () => life.alive && job()) };
}

/** The store as one life of the process sees it: nothing that it says after its end is heard. */
function mortalStore(store: MemoryLaneStore, life: Life): MemoryLaneStore {
  return new Proxy(store, {
    get(target, name, receiver): unknown {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown =>
        life.alive ? Reflect.apply(value, target, args) : new Promise(() => undefined);
    },
  });
}
