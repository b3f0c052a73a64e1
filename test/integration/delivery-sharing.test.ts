import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/kernel/clock.js';
import { tariffDocuments } from '../../src/modules/tariffs/index.js';
import { CurrentPolicy } from '../../src/platform/agreements/current-policy.js';
import type { Agreement } from '../../src/platform/agreements/index.js';
import {
  Delivery,
  type LaneStore,
  PostgresLaneStore,
  type PushSource,
  postgresLaneMigrations,
  SqliteLaneStore,
} from '../../src/platform/delivery/index.js';
import { FakePartners, lanePartner } from '../../src/platform/delivery/testing/lane-partner.js';
import { accepted } from '../../src/platform/delivery/testing/scripted-client.js';
import { EmbeddedQueue } from '../../src/platform/queue/index.js';
import type { ChangeRow, DocumentTable, HubStorage, LiveChangeFeed } from '../../src/platform/storage/index.js';
import { PostgresUnderTest } from '../contract/postgres-under-test.js';
import { SqliteUnderTest } from '../contract/storage-under-test.js';
import { describeWithPostgres } from '../support/services/index.js';

const many = 10_000;
const patience = 60_000;

interface Node {
  readonly storage: HubStorage;
  readonly lanes: LaneStore;
}

interface Database {
  node(): Promise<Node>;
  release(): Promise<void>;
}

const sqlite = async (): Promise<Database> => {
  const under = await SqliteUnderTest.open();
  return {
    node: async () => ({ storage: under.storage, lanes: new SqliteLaneStore(under.storage, systemClock, 'hub') }),
    release: () => under.release(),
  };
};

const postgres = async (): Promise<Database> => {
  const under = await PostgresUnderTest.open({ entities: [], migrations: postgresLaneMigrations });
  let count = 0;
  return {
    node: async () => {
      const storage = await under.node();
      return { storage, lanes: new PostgresLaneStore(storage, `n${++count}`) };
    },
    release: () => under.release(),
  };
};

/** One hub's delivery over a real database, partners in memory, and requests that are noted. */
class Hub {
  readonly policy = new CurrentPolicy({ version: 0, agreements: [], closed: new Set() });
  readonly sent: string[] = [];
  readonly failures: unknown[] = [];
  /** Rows of the largest page that was read of the sequence. */
  largestPage = 0;
  private readonly queue = new EmbeddedQueue({ clock: systemClock, report: (error) => this.failures.push(error) });
  private delivery: Delivery | undefined;
  private readonly table: DocumentTable;

  constructor(private readonly node: Node) {
    this.table = node.storage.documents(tariffDocuments);
  }

  async start(): Promise<void> {
    const source: PushSource = { module: 'tariffs', read: (row) => this.read(row) };
    const roles = { p1: ['DE/CP1 CPO'], p2: ['DE/CP2 CPO'], p3: ['FR/EM1 EMSP'] };
    this.delivery = new Delivery({
      feed: this.watched(this.node.storage.changes),
      store: this.node.lanes,
      partners: new FakePartners(...Object.entries(roles).map(([id, own]) => lanePartner({ id, roles: own }))),
      client: {
        send: async ({ method, url }) => {
          this.sent.push(`${method} ${url.split('/receiver/')[1]}`);
          return accepted;
        },
      },
      queue: this.queue,
      sources: [source],
      hub: { country_code: 'NL', party_id: 'HUB' },
      clock: systemClock,
      sharing: this.policy,
      timing: { sweepMs: 100 },
      observer: { failed: (_partner, error) => this.failures.push(error) },
    });
    await this.queue.start();
    await this.delivery.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.delivery?.stop(), this.queue.close(5_000)]);
  }

  async put(owner: string, ids: readonly string[]): Promise<void> {
    const context = { correlationId: 'c', now: systemClock.now() };
    for (let from = 0; from < ids.length; from += 500) {
      await Promise.all(
        ids.slice(from, from + 500).map((id) =>
          this.table.change({ key: `${owner}/${id}`, id, owner }, context, () => ({
            kind: 'store',
            result: undefined,
            document: JSON.stringify({ id }),
            lastUpdated: context.now,
            news: { kind: 'PUT' },
          })),
        ),
      );
    }
  }

  async remove(owner: string, id: string): Promise<void> {
    await this.table.change(
      { key: `${owner}/${id}`, id, owner },
      { correlationId: 'c', now: systemClock.now() },
      () => ({
        kind: 'remove',
        result: undefined,
        news: { kind: 'DELETE' },
      }),
    );
  }

  /** Waits until so many requests were sent in all, then until nothing is under way. */
  async until(sent: number): Promise<void> {
    const end = systemClock.now() + patience;
    while (this.sent.length < sent) {
      if (systemClock.now() > end) throw new Error(`waited in vain: ${this.sent.length} of ${sent} were sent`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  private async read(row: ChangeRow) {
    const body = await this.table.find(row.object);
    return body === undefined ? undefined : { path: `/${row.object}`, body };
  }

  private watched(feed: LiveChangeFeed): LiveChangeFeed {
    return {
      head: () => feed.head(),
      refresh: () => feed.refresh(),
      countAfter: (cursor) => feed.countAfter(cursor),
      oldestAfter: (cursor) => feed.oldestAfter(cursor),
      onAdvance: (listener) => feed.onAdvance(listener),
      changesAfter: async (cursor, limit) => {
        const rows = await feed.changesAfter(cursor, limit);
        this.largestPage = Math.max(this.largestPage, rows.length);
        return rows;
      },
    };
  }
}

function describeBackfill(name: string, open: () => Promise<Database>): void {
  describe(`what is shared anew, on ${name}`, () => {
    let database: Database;
    const hubs: Hub[] = [];

    afterEach(async () => {
      for (const hub of hubs.splice(0)) await hub.stop();
      await database.release();
    });

    async function hub(): Promise<Hub> {
      const one = new Hub(await database.node());
      hubs.push(one);
      return one;
    }
    const deny: Agreement = { id: 'a1', giver: 'DE/CP1', taker: '*', module: '*', effect: 'deny', createdAt: 0 };
    const denied = (version: number) => ({ version, agreements: [deny], closed: new Set<string>() });
    const open_ = (version: number) => ({ version, agreements: [], closed: new Set<string>() });
    const ids = Array.from({ length: many }, (_, n) => `T${n}`);

    it(
      `is brought whole (${many} objects), once each, in small pages, though the node is stopped in the middle of it`,
      async () => {
        database = await open();
        const first = await hub();
        first.policy.apply(denied(1));
        await first.start();
        await first.put('DE/CP1', ids);
        await first.put('DE/CP2', ['T1', 'T2', 'T3']);
        await first.remove('DE/CP1', 'T7');
        await first.until(3);
        expect(first.sent.sort()).toEqual(['T1', 'T2', 'T3'].map((id) => `PUT tariffs/DE/CP2/${id}`));
        first.policy.apply(open_(2));
        await first.until(2000);
        await first.stop();

        const second = await hub();
        second.policy.apply(open_(2));
        await second.start();
        await second.until(many + 3 - first.sent.length);
        await second.put('DE/CP2', ['LAST']);
        await second.until(many + 4 - first.sent.length);

        const brought = [...first.sent, ...second.sent].filter((one) => one.includes('DE/CP1'));
        expect(brought.filter((one, index) => brought.indexOf(one) !== index)).toEqual([]);
        expect(brought.length).toBe(many);
        expect(brought.filter((one) => one.startsWith('DELETE'))).toEqual(['DELETE tariffs/DE/CP1/T7']);
        expect(Math.max(first.largestPage, second.largestPage)).toBeLessThanOrEqual(500);
        expect([...first.failures, ...second.failures]).toEqual([]);
      },
      2 * patience,
    );
  });
}

describeBackfill('SQLite', sqlite);
describeWithPostgres('on PostgreSQL', () => {
  describeBackfill('PostgreSQL', postgres);

  it('is brought by the node that has the lane, wherever the agreement was heard of first', async () => {
    const database = await postgres();
    const [one, two] = [new Hub(await database.node()), new Hub(await database.node())];
    const deny: Agreement = { id: 'a1', giver: 'DE/CP1', taker: '*', module: '*', effect: 'deny', createdAt: 0 };
    for (const hub of [one, two]) {
      hub.policy.apply({ version: 1, agreements: [deny], closed: new Set() });
      await hub.start();
    }
    await one.put('DE/CP1', ['T1', 'T2']);
    await one.put('DE/CP2', ['T1']);
    const count = (): number => one.sent.length + two.sent.length;
    const wait = async (sent: number): Promise<void> => {
      const end = systemClock.now() + 20_000;
      while (count() < sent && systemClock.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await wait(1);
    const [holder, other] = one.sent.length > 0 ? [one, two] : [two, one];
    // The other one hears of it first.
    other.policy.apply({ version: 2, agreements: [], closed: new Set() });
    holder.policy.apply({ version: 2, agreements: [], closed: new Set() });
    await wait(3);
    const all = [...one.sent, ...two.sent].sort();
    for (const hub of [one, two]) await hub.stop();
    await database.release();
    expect(all).toEqual(['PUT tariffs/DE/CP1/T1', 'PUT tariffs/DE/CP1/T2', 'PUT tariffs/DE/CP2/T1']);
  }, 60_000);
});
