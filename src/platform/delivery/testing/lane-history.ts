import type { Database } from 'better-sqlite3';
import type { OutboundOutcome, OutboundRequest } from '../../outbound/outbound-types.js';
import type { ChooseMessage } from '../choose-message.js';
import type { PushClient } from '../ports.js';
import type { DeliveryTiming } from '../timing.js';
import { WakeUps } from './fake-queue.js';
import { FakeTime, settle } from './fake-time.js';
import { FakePartners, lanePartner } from './lane-partner.js';
import { MemoryLaneStore } from './memory-lane-store.js';
import { ModelHub } from './model-hub.js';
import { ModelNode } from './model-node.js';
import { ModelPartner } from './model-partner.js';
import { ModelSharing } from './model-sharing.js';
import { modelTiming } from './model-timing.js';
import { answered } from './scripted-client.js';
import { seededRandom } from './seeded-random.js';

/** What somebody who knew no better might have done. */
export type WrongChoice =
  /** The writer hears yes before the commit. */
  | 'acknowledged before commit'
  /** Places are handed out before commit; a lane goes on behind a row that it cannot see yet. */
  | 'no snapshot bound'
  /** Whoever writes is believed. */
  | 'no fence'
  /** A request that waits for its connection is not judged again before it leaves. */
  | 'no last look'
  /** The cursor is written down, and not what is done beyond it. */
  | 'cursor alone'
  /** What is not shared is passed over, and nobody writes down that it was. */
  | 'no note of what is not shared';

export interface HistoryOptions {
  readonly seed: number;
  readonly steps: number;
  /** Nodes on one store; 2 unless given. */
  readonly nodes?: number;
  /**
   * `all`: requests and answers are lost, refused, cut; nodes crash, freeze, stop and start, commits get lost in crashes.
   * `crashes`: crashes, freezes and stops only. `none`: stops and starts only.
   */
  readonly faults?: 'all' | 'crashes' | 'none';
  readonly timing?: Partial<DeliveryTiming>;
  readonly choose?: ChooseMessage;
  /** Requests that were cut may be applied much later. */
  readonly lateArrivals?: boolean;
  readonly wrong?: WrongChoice;
  /** Agreements are withdrawn and made again. */
  readonly sharing?: boolean;
  /** Told what happens, for the search for a fault. */
  readonly trace?: (line: string) => void;
}

export interface HistoryResult {
  readonly differences: readonly string[];
  readonly regressions: readonly string[];
  readonly duplicates: readonly string[];
  /** Requests that left while another node had one of the same Location under way. */
  readonly overlaps: readonly string[];
  /** Writes that were acknowledged and are not stored. */
  readonly lost: readonly string[];
  /** Requests that left though they were not shared. */
  readonly leaks: readonly string[];
  /** How often something was shared again. */
  readonly allowances: number;
  /** Crashes and freezes. */
  readonly blows: number;
  readonly methods: Readonly<Record<string, number>>;
}

const latestArrivalMs = 2500;

interface Request {
  readonly node: ModelNode;
  readonly request: OutboundRequest;
  readonly answer: (outcome: OutboundOutcome) => void;
}

/** A write that its writer waits for. */
interface Write {
  readonly object: string;
  readonly commit: () => string | undefined;
}

const ids = { requestId: 'r', durationMs: 1 };
const cut: OutboundOutcome = { kind: 'ambiguous', reason: 'timeout', bytesSent: true, detail: '', ...ids };

/**
 * A random history of one partner and the nodes that push to it: commits, requests and answers that are lost or late, refusals,
 * crashes, frozen nodes that wake up late, heads that lag and jump, resyncs, lost wake-ups. Then the faults end, and what the
 * partner holds is compared with what the hub holds.
 */
export class LaneHistory {
  private readonly time = new FakeTime();
  private readonly hub: ModelHub;
  private readonly store: MemoryLaneStore;
  private readonly receivers = new Map<string, ModelPartner>();
  private readonly partners: FakePartners;
  private readonly wakeUps = new WakeUps();
  private readonly methods: Record<string, number> = {};
  private readonly nodes: ModelNode[] = [];
  private readonly overlaps: string[] = [];
  /** Requests that wait for their connection. */
  private leaving: Request[] = [];
  private inFlight: Request[] = [];
  private uncommitted: Write[] = [];
  private readonly acknowledged = new Map<string, number>();
  private readonly stored = new Map<string, number>();
  private readonly sharing: ModelSharing;
  private readonly faults: 'all' | 'crashes' | 'none';
  private blows = 0;
  private lives = 0;
  private readonly random: () => number;

  constructor(
    db: Database,
    private readonly options: HistoryOptions,
  ) {
    this.random = seededRandom(options.seed);
    this.faults = options.faults ?? 'all';
    this.hub = new ModelHub(db, () => this.time.now());
    this.store = new MemoryLaneStore(this.time, 'n0', options.wrong !== 'no fence');
    const keys = this.random() < 0.3 ? ['EM1', 'EM2'] : ['EM1'];
    for (const key of keys) this.receivers.set(key, new ModelPartner());
    this.sharing = new ModelSharing(this.time, this.random, this.receivers);
    const owner = lanePartner({ id: 'cp', roles: ['DE/CP1 CPO'], receives: [] });
    this.partners = new FakePartners(lanePartner({ roles: keys.map((key) => `NL/${key} EMSP`) }), owner);
  }

  async run(): Promise<HistoryResult> {
    if (this.random() < 0.7) for (const id of ['L1', 'L2']) this.hub.putLocation(id, ['E1', 'E2', 'E3']);
    await this.store.attach('p1', 0);
    for (let n = 0; n < (this.options.nodes ?? 2); n++) await this.begin(n);
    await settle();
    for (let step = 0; step < this.options.steps; step++) await this.step();
    await this.heal();
    const differences = [...this.receivers].flatMap(([key, one]) =>
      one.differences(this.hub).map((d) => `${key} ${d}`),
    );
    const all = [...this.receivers.values()];
    for (const node of this.nodes) node.end();
    await settle();
    return {
      differences,
      regressions: all.flatMap((one) => one.regressions),
      duplicates: all.flatMap((one) => one.duplicates),
      overlaps: this.overlaps,
      lost: [...this.acknowledged].flatMap(([key, n]) => ((this.stored.get(key) ?? 0) < n ? [key] : [])),
      leaks: this.sharing.leaks,
      allowances: this.sharing.allowances,
      blows: this.blows,
      methods: this.methods,
    };
  }

  private async step(): Promise<void> {
    const roll = this.random();
    if (this.options.sharing && this.random() < 0.06) this.say(this.sharing.step());
    else if (roll < 0.4) this.write();
    else if (roll < 0.7) this.answer(this.fault());
    else if (roll < 0.76) this.leave();
    else if (roll < 0.9) await this.advance(this.pick([1, 5, 30, 120, 600, 2000]));
    else if (roll < 0.93) await this.blow();
    else if (roll < 0.95) for (const node of this.nodes) node.thaw();
    else if (roll < 0.96) await this.stopAndStart();
    else if (roll < 0.98) {
      const { queue } = this.node();
      queue.cutOff = !queue.cutOff;
    } else if (this.faults === 'all') {
      this.say('resync');
      // Said to any node, also one that does not have the lane.
      void this.node().delivery?.resync('p1');
    }
    await settle();
  }

  /** A writer's request: it hears yes when, and only when, it is stored. */
  private write(): void {
    const id = this.pick(['L1', 'L2']);
    const uid = this.pick(['E1', 'E2', 'E3']);
    const tariff = this.pick(['T1', 'T2']);
    const kept = ['E1', 'E2', 'E3'].filter(() => this.random() < 0.8);
    const field = this.random() < 0.5;
    const roll = this.random();
    const { hub } = this;
    const write = (object: string, commit: Write['commit']): number => this.uncommitted.push({ object, commit });
    if (roll < 0.12) write(id, () => hub.putLocation(id, kept));
    else if (roll < 0.24) write(id, () => hub.patchLocation(id, field ? 'name' : 'city'));
    else if (roll < 0.34) write(`${id}/${uid}`, () => hub.putEvse(id, uid));
    else if (roll < 0.85) write(`${id}/${uid}`, () => hub.patchEvse(id, uid, field ? 'status' : 'power'));
    else if (roll < 0.95) write(tariff, () => hub.putTariff(tariff));
    else write(tariff, () => hub.deleteTariff(tariff));
    const [last] = this.uncommitted.slice(-1);
    if (last && this.options.wrong === 'acknowledged before commit') count(this.acknowledged, last.object);
    if (this.random() < 0.8) this.commit();
  }

  private commit(): void {
    for (const { object, commit } of this.uncommitted.splice(0)) {
      const name = commit();
      this.say(`commit ${this.hub.changes.head()} ${name}`);
      count(this.stored, object);
      if (this.options.wrong !== 'acknowledged before commit') count(this.acknowledged, object);
    }
  }

  private fault(): string {
    const roll = this.faults === 'all' ? this.random() : 0;
    if (roll < 0.6) return 'ok';
    if (roll < 0.68) return 'request lost';
    if (roll < 0.76) return 'answer lost';
    if (roll < 0.82) return 'cut';
    if (roll < 0.88) return this.options.lateArrivals ? 'late' : 'cut';
    if (roll < 0.94) return '500';
    return 'refused';
  }

  /** A connection stands: the request leaves if its lane still may. */
  private leave(): void {
    const index = this.leaving.findIndex(({ node }) => !node.frozen);
    const [one] = index < 0 ? [] : this.leaving.splice(index, 1);
    if (!one) return;
    if (this.options.wrong !== 'no last look' && one.request.mayLeave?.() === false)
      one.answer({ kind: 'refused', reason: 'withdrawn' });
    else this.left(one);
  }

  private left(one: Request): void {
    const place = placeOf(one.request);
    this.say(`${one.node.name} sends ${one.request.method} ${one.request.url} ${one.request.body ?? ''}`);
    for (const other of this.inFlight)
      if (other.node !== one.node && place !== '' && placeOf(other.request) === place) this.overlaps.push(place);
    this.sharing.left(one.node, one.request);
    this.inFlight.push(one);
  }

  /** One of the requests in flight comes to its end. */
  private answer(fate: string): void {
    const [one] = this.inFlight.splice(Math.floor(this.random() * this.inFlight.length), 1);
    if (one) this.conclude(one, fate);
  }

  private conclude(one: Request, fate: string): void {
    this.say(`${fate}: ${one.node.name} ${one.request.method} ${one.request.url}`);
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
    return receiver?.receive(method, path, String(body ?? ''), late) ?? 500;
  }

  /** A node dies between two instructions and is started again, or it is frozen. What had left comes to its end without it. */
  private async blow(): Promise<void> {
    if (this.faults === 'none') return;
    const node = this.node();
    if (node.frozen) return;
    this.blows++;
    const isCrash = this.random() < 0.5;
    this.say(`${node.name} ${isCrash ? 'crashes' : 'freezes'}`);
    if (isCrash) {
      node.end();
      // Its own writers hear nothing.
      this.uncommitted = [];
      this.leaving = this.leaving.filter((one) => one.node !== node);
    } else node.freeze();
    const own = this.inFlight.filter((one) => one.node === node);
    this.inFlight = this.inFlight.filter((one) => one.node !== node);
    for (const one of own) this.conclude(one, this.random() < 0.5 ? 'ok' : 'request lost');
    if (isCrash) await this.begin(this.nodes.indexOf(node));
  }

  /** A node is stopped in order, under load, and started again. */
  private async stopAndStart(): Promise<void> {
    const node = this.node();
    if (node.frozen) return;
    this.say(`${node.name} stops`);
    let stopped = false;
    void node.delivery?.stop().then(() => {
      stopped = true;
    });
    for (let round = 0; round < 1000 && !stopped; round++) {
      if (this.random() < 0.3) this.write();
      this.leave();
      this.answer('ok');
      await this.advance(5);
    }
    node.end();
    this.leaving = this.leaving.filter((one) => one.node !== node);
    await this.begin(this.nodes.indexOf(node));
  }

  private async begin(index: number): Promise<void> {
    const { choose, timing, wrong } = this.options;
    // As with PostgreSQL: a process that is started again does not know the name it had before.
    const name = `n${index}.${++this.lives}`;
    const node = new ModelNode({
      name,
      hub: this.hub,
      timers: this.time,
      wakeUps: this.wakeUps,
      store: this.store.as(name),
      random: this.random,
      slow: this.faults !== 'none',
      outOfOrder: wrong === 'no snapshot bound',
      cursorAlone: wrong === 'cursor alone',
      noNote: wrong === 'no note of what is not shared',
    });
    this.nodes[index] = node;
    const client: PushClient = {
      send: (request) =>
        new Promise((resolve) => {
          if (!node.alive) return;
          this.methods[request.method] = (this.methods[request.method] ?? 0) + 1;
          const one: Request = { node, request, answer: (outcome) => node.when(() => resolve(outcome)) };
          if (this.random() < 0.2) this.leaving.push(one);
          else this.left(one);
        }),
    };
    await node.begin({
      partners: this.partners,
      client,
      hub: { country_code: 'NL', party_id: 'HUB' },
      clock: this.time,
      monotonic: () => this.time.now(),
      timing: { ...modelTiming, ...timing },
      ...(this.options.sharing ? { sharing: this.sharing.viewOf(node) } : {}),
      random: this.random,
      // A small memory costs whole objects, and repetitions where nothing was at fault.
      memoryLimit: this.faults === 'all' ? this.pick([1, 2, 1000]) : 1000,
      ...(choose ? { choose } : {}),
    });
  }

  /** Faults end: every request is answered as it should be, until nothing is left to do. */
  private async heal(): Promise<void> {
    this.commit();
    this.sharing.shareAll();
    for (const node of this.nodes) {
      node.thaw();
      node.queue.cutOff = false;
    }
    // As long as anything may still come: what is to settle, what was refused, a lease that runs out.
    for (let round = 0, quiet = 0; quiet < 9 && round < 60; round++, quiet++) {
      for (let more = 0; more < 100 && this.inFlight.length + this.leaving.length > 0; more++) {
        this.leave();
        this.answer('ok');
        await settle();
        quiet = 0;
      }
      await this.advance(800);
    }
  }

  private async advance(ms: number): Promise<void> {
    await this.time.advance(ms);
    for (const node of this.nodes) node.feed.advance();
    await settle();
  }

  private node(): ModelNode {
    const [first, ...others] = this.nodes;
    if (!first) throw new Error('no node');
    return this.pick([first, ...others]);
  }

  private say(what: string): void {
    this.options.trace?.(`${this.time.now() % 1e6} ${what}`);
  }

  private pick<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.random() * values.length)] ?? values[0];
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Receiver and Location (or Tariff) of a push; '' of a probe. */
function placeOf({ method, url, headers }: OutboundRequest): string {
  if (method === 'GET') return '';
  const [module, country, party, id] = url.slice(url.indexOf('/receiver/') + '/receiver/'.length).split('/');
  return `${headers?.['OCPI-to-party-id']} ${module}/${country}/${party}/${id}`;
}
