import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { CurrentPolicy } from '../../agreements/current-policy.js';
import type { Agreement } from '../../agreements/index.js';
import { Delivery, type DeliveryOptions } from '../delivery.js';
import type { LaneAlert, LanePartner } from '../ports.js';
import { FakeQueue } from './fake-queue.js';
import { FakeTime, settle } from './fake-time.js';
import { FakePartners } from './lane-partner.js';
import { MemoryLaneStore } from './memory-lane-store.js';
import { changeTable } from './model-hub.js';
import { ScriptedClient } from './scripted-client.js';
import { ToyObjects } from './toy-objects.js';

/** Delivery with a clock that the test moves, objects of any module and owner, and agreements. */
export class ToyWorld {
  readonly time = new FakeTime();
  readonly client = new ScriptedClient(() => this.time.now());
  readonly partners = new FakePartners();
  readonly store = new MemoryLaneStore(this.time);
  readonly policy = new CurrentPolicy({ version: 0, agreements: [], closed: new Set() });
  readonly objects: ToyObjects;
  readonly alerts: LaneAlert[] = [];
  /** `offline p1`, `online p1` */
  readonly presence: string[] = [];
  readonly failures: unknown[] = [];
  private readonly db: SqliteDatabase = new Database(':memory:');
  private running: Delivery | undefined;
  private agreements: readonly Agreement[] = [];
  private closed: ReadonlySet<string> = new Set();
  private version = 0;

  constructor(...partners: readonly LanePartner[]) {
    this.db.exec(changeTable);
    this.objects = new ToyObjects(this.db, () => this.time.now());
    for (const one of partners) this.partners.set(one);
  }

  get delivery(): Delivery {
    if (!this.running) throw new Error('not started');
    return this.running;
  }

  async start(options: Partial<DeliveryOptions> = {}): Promise<void> {
    const { time, objects, store, partners, client, policy: sharing } = this;
    this.running = new Delivery({
      feed: objects.changes,
      sources: objects.sources,
      store,
      partners,
      client,
      queue: new FakeQueue(time),
      hub: { country_code: 'NL', party_id: 'HUB' },
      clock: time,
      monotonic: () => time.now(),
      timers: time,
      random: () => 0.5,
      sharing,
      observer: {
        alerted: (alert) => this.alerts.push(alert),
        offline: (partner) => this.presence.push(`offline ${partner}`),
        online: (partner) => this.presence.push(`online ${partner}`),
        failed: (_partner, error) => this.failures.push(error),
      },
      ...options,
    });
    await this.running.start();
    await settle();
  }

  /** `DE/CP1 FR/EM1 locations`, either party or the module may be `*`. What was said of the same before is void. */
  agree(effect: Agreement['effect'], text: string): void {
    const [giver = '', taker = '', module = ''] = text.split(' ');
    const others = this.agreements.filter((one) => one.id !== text);
    this.agreements = [...others, { id: text, giver, taker, module, effect, createdAt: 0 }];
    this.changed();
  }

  /** These share only what is agreed. */
  close(...parties: readonly string[]): void {
    this.closed = new Set(parties);
    this.changed();
  }

  /** What was sent since this was last asked: `EM1 PUT locations/DE/CP1/L1`, or `- …` without routing headers. */
  async sent(ms = 1000): Promise<readonly string[]> {
    await this.time.advance(ms);
    const { calls, sent } = this.client;
    const told = calls.map((call, index) => `${sent[index]?.headers?.['OCPI-to-party-id'] ?? '-'} ${call}`);
    this.client.sent.length = 0;
    return told;
  }

  async end(): Promise<void> {
    await this.running?.stop();
    this.db.close();
  }

  private changed(): void {
    this.policy.apply({ version: ++this.version, agreements: this.agreements, closed: this.closed });
  }
}
