import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  type DocumentDecision,
  type DocumentKey,
  type DocumentKind,
  type DocumentTable,
  PostgresStorage,
  StorageUnavailable,
} from '../../src/platform/storage/index.js';
import { lasting, until } from '../support/e2e/until.js';
import { describeWithPostgres } from '../support/services/index.js';
import { PostgresUnderTest } from './postgres-under-test.js';
import { TcpProxy } from './tcp-proxy.js';

const kind: DocumentKind = { module: 'locations', table: 'location', idColumn: 'location_key' };
const context = { correlationId: 'corr', now: 77 };
const key = (id: string): DocumentKey => ({ key: `DE/CP1/${id}`, id, owner: 'DE/CP1' });
const put = (document: string): DocumentDecision<string> => ({
  kind: 'store',
  result: document,
  document,
  lastUpdated: 1,
  news: { kind: 'PUT' },
});
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Runs `work` for 0, 1, 2…, `width` at a time. */
async function inParallel(count: number, width: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(range(width).map(lane));
}

/** Resolves when a node knows a place; it must come by itself. */
function reaches(storage: PostgresStorage, place: number): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (storage.changes.head() < place) return;
      stop();
      resolve();
    };
    const stop = storage.changes.onAdvance(look);
    look();
  });
}

describeWithPostgres('several nodes on one PostgreSQL database', () => {
  let under: PostgresUnderTest;
  let admin: pg.Pool;
  let tables: DocumentTable[];

  beforeEach(async () => {
    under = await PostgresUnderTest.open();
    admin = new pg.Pool({ connectionString: under.database.url, max: 2 });
    // One test has the server end all connections.
    admin.on('error', () => undefined);
    tables = [];
  });
  afterEach(async () => {
    await admin.end();
    await under.release();
  });

  const nodes = async (count: number): Promise<PostgresStorage[]> => {
    const opened = [under.storage, ...(await Promise.all(range(count - 1).map(() => under.node())))];
    tables = opened.map((storage) => storage.documents(kind));
    return opened;
  };
  const table = (n: number): DocumentTable => {
    const found = tables[n % tables.length];
    if (!found) throw new RangeError('no node');
    return found;
  };
  const terminate = async (name: string): Promise<number> => {
    const { rows } = await admin.query<{ done: boolean }>(
      'SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
      [name],
    );
    return rows.length;
  };

  describe('the order of changes', () => {
    const each = 250;
    const writers = 12;

    it('is the same for everybody: a reader that follows by cursor sees every row of twelve writers, once, without a gap', async () => {
      const [reader] = await nodes(writers + 1);
      const seen: { seq: number; object: string }[] = [];
      let done = false;
      const follow = async (): Promise<void> => {
        let cursor = 0;
        for (;;) {
          const last = done;
          const rows = (await reader?.changes.changesAfter(cursor, 100)) ?? [];
          seen.push(...rows);
          cursor = rows.at(-1)?.seq ?? cursor;
          // A row that is shown is never above the head.
          expect(reader?.changes.head()).toBeGreaterThanOrEqual(cursor);
          if (last && rows.length === 0) return;
        }
      };
      const following = follow();
      const acknowledged = new Set<string>();
      await Promise.all(
        range(writers).map((writer) =>
          inParallel(each, 3, async (n) => {
            const one = key(`W${writer}N${n}`);
            await table(writer + 1).change(one, context, () => put('{}'));
            acknowledged.add(one.key);
          }),
        ),
      );
      done = true;
      await following;
      expect(seen.map((row) => row.seq)).toEqual(range(writers * each).map((n) => n + 1));
      expect(new Set(seen.map((row) => row.object))).toEqual(acknowledged);
      // Rows of the table of documents have the same order: nobody commits behind another's back.
      const { rows } = await admin.query<{ version: string }>('SELECT version FROM document ORDER BY id');
      expect(rows.map((row) => Number(row.version))).toEqual(seen.map((row) => row.seq));
    }, 60_000);

    it('would not be with a plain sequence: the same reader misses rows (what this test can see)', async () => {
      await admin.query('CREATE TABLE plain (seq BIGINT GENERATED ALWAYS AS IDENTITY, object TEXT)');
      const seen: string[] = [];
      let done = false;
      const follow = async (): Promise<void> => {
        let cursor = '0';
        for (;;) {
          const last = done;
          const { rows } = await admin.query<{ seq: string; object: string }>(
            'SELECT seq, object FROM plain WHERE seq > $1 ORDER BY seq LIMIT 100',
            [cursor],
          );
          seen.push(...rows.map((row) => row.object));
          cursor = rows.at(-1)?.seq ?? cursor;
          if (last && rows.length === 0) return;
        }
      };
      const following = follow();
      const pool = new pg.Pool({ connectionString: under.database.url, max: writers });
      // Its end does not wait for the connections', which the database's end may overtake.
      pool.on('error', () => undefined);
      await inParallel(each * writers, writers, async (n) => {
        const client = await pool.connect();
        await client.query('BEGIN');
        await client.query('INSERT INTO plain (object) VALUES ($1)', [`N${n}`]);
        await client.query('COMMIT');
        client.release();
      });
      done = true;
      await following;
      await pool.end();
      expect(new Set(seen).size).toBeLessThan(each * writers);
    }, 60_000);
  });

  it('decide on what the others left: counts on one document lose nothing, and nobody is refused', async () => {
    await nodes(4);
    await Promise.all(
      range(4).map((node) =>
        inParallel(60, 5, () =>
          table(node).change(key('HOT'), context, (current) => put(String(Number(current?.document ?? 0) + 1))),
        ),
      ),
    );
    expect(await table(0).find('DE/CP1/HOT')).toBe('240');
    expect(await table(1).countOf()).toBe(1);
  }, 30_000);

  it('join patches of several nodes on the base of the first', async () => {
    const [first] = await nodes(2);
    await table(0).change(key('LOC1'), context, () => put('{}'));
    const base = first?.changes.head();
    for (const [n, patch] of ['{"a":1}', '{"b":2}', '{"a":3}'].entries())
      await table(n).change(key('LOC1'), context, () => ({
        ...put(`{"n":${n}}`),
        news: { kind: 'PATCH', object: 'DE/CP1/LOC1/E1', patch },
      }));
    const rows = await first?.changes.changesAfter(base ?? 0, 10);
    expect(rows).toMatchObject([{ object: 'DE/CP1/LOC1/E1', patch: '{"a":3,"b":2}', patchBase: base }]);
  });

  it('join patches on what was told whole in the same commit', async () => {
    const [first] = await nodes(1);
    const evse = { ...put('{"n":1}'), news: { kind: 'PATCH', object: 'DE/CP1/LOC1/E1', patch: '{"a":1}' } } as const;
    await table(0).change(key('LOC0'), context, () => put('{}'));
    await Promise.all([
      table(0).change(key('LOC1'), context, () => put('{}')),
      table(0).change(key('LOC2'), context, () => put('{}')),
      table(0).change(key('LOC1'), context, () => evse),
      table(0).change(key('LOC1'), context, () => ({ ...evse, news: { ...evse.news, patch: '{"b":1}' } })),
    ]);
    expect((await first?.changes.changesAfter(1, 10))?.map((row) => [row.seq, row.kind, row.patchBase])).toEqual([
      [2, 'PUT', undefined],
      [3, 'PUT', undefined],
      // Its first patch had place 4.
      [5, 'PATCH', 2],
    ]);
  });

  it('refuse alone what cannot be stored, and store what was handed in beside it', async () => {
    await nodes(1);
    const results = await Promise.allSettled([
      table(0).change(key('A'), context, () => put('{"id":"A"}')),
      // Longer than an index takes.
      table(0).change(
        key(
          range(9_000)
            .map((n) => n * 7919)
            .join(''),
        ),
        context,
        () => put('{}'),
      ),
      table(0).change(key('B'), context, () => put('{"id":"B"}')),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await table(0).list.page({ offset: 0, limit: 10 })).body.toString()).toBe('{"id":"A"},{"id":"B"}');
  });

  describe('hear of one another', () => {
    it('at once, by notification', async () => {
      const [, other] = await nodes(2);
      if (!other) throw new RangeError('no node');
      await table(0).change(key('A'), context, () => put('{}'));
      await reaches(other, 1);
      expect((await other.changes.changesAfter(0, 10)).map((row) => row.object)).toEqual(['DE/CP1/A']);
      expect(await table(1).find('DE/CP1/A')).toBe('{}');
    });

    it('at the next look when the notification was lost', async () => {
      const [, other] = await nodes(2);
      if (!other) throw new RangeError('no node');
      await admin.query('UPDATE feed_counter SET n = 7');
      await reaches(other, 7);
    });

    it('again after the listening connection was cut, and are told that something may have been missed', async () => {
      const [first] = await nodes(1);
      const heard: (string | undefined)[] = [];
      let wake: () => void = () => undefined;
      const next = async (): Promise<string | undefined> => {
        while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        return heard.shift();
      };
      const stop = first?.listen('roamhub_test', (payload) => {
        heard.push(payload);
        wake();
      });
      expect(await next()).toBeUndefined();
      await admin.query("SELECT pg_notify('roamhub_test', 'one')");
      expect(await next()).toBe('one');
      expect(await terminate('roamhub listener')).toBe(1);
      expect(await next()).toBeUndefined();
      await admin.query("SELECT pg_notify('roamhub_test', 'two')");
      expect(await next()).toBe('two');
      stop?.();
    });
  });

  describe('a node that stands still in the middle of a write', () => {
    let proxy: TcpProxy;
    beforeAll(async () => {
      const { hostname, port } = new URL(process.env.ROAMHUB_TEST_POSTGRES_URL ?? '');
      proxy = await TcpProxy.open(hostname, Number(port));
    });
    afterAll(() => proxy.close());

    it('keeps nobody from writing, wherever it stands, and loses nothing when it goes on', async () => {
      const url = new URL(under.database.url);
      url.hostname = '127.0.0.1';
      url.port = String(proxy.port);
      const frozen = (await under.node({ url: url.href })).documents(kind);
      const free = under.storage.documents(kind);
      const large = JSON.stringify({ text: 'x'.repeat(300_000) });
      let slowest = 0;
      for (const chunks of range(24)) {
        const stopped = proxy.freezeAfter(chunks + 1);
        // Two documents that the other one wants as well, one of them large enough to be sent in many pieces.
        const hanging = ['A', 'B'].map((id) => frozen.change(key(id), context, () => put(id === 'A' ? large : '{}')));
        await Promise.race([stopped, Promise.all(hanging)]);
        const startedAt = performance.now();
        for (const id of ['A', 'B', 'C']) await free.change(key(id), context, () => put(`{"n":${chunks}}`));
        slowest = Math.max(slowest, performance.now() - startedAt);
        proxy.thaw();
        await Promise.all(hanging);
      }
      // Far below every timeout of the server: nothing was waited for.
      expect(slowest).toBeLessThan(1_500);
      expect(await free.countOf()).toBe(3);
    }, 60_000);
  });

  it('keep every acknowledged write when the server ends their connections in the middle (P1, P9)', async () => {
    const [first] = await nodes(3);
    const acknowledged: string[] = [];
    let refused = 0;
    let kills = 0;
    await Promise.all(
      range(3).map((node) =>
        inParallel(400, 8, async (n) => {
          const one = key(`K${node}N${n}`);
          try {
            await table(node).change(one, context, () => put(`{"id":"${one.id}"}`));
            acknowledged.push(one.id);
          } catch (error) {
            if (!(error instanceof StorageUnavailable)) throw error;
            refused++;
          }
          if (n % 20 === 19) kills += await terminate('roamhub writer');
        }),
      ),
    );
    const { rows } = await admin.query<{ id_key: string; document: string; version: string }>(
      'SELECT id_key, document, version FROM document',
    );
    const stored = new Map(rows.map((row) => [row.id_key, row]));
    expect(acknowledged.filter((id) => stored.get(id)?.document !== `{"id":"${id}"}`)).toEqual([]);
    // Each document has its change, at its place; the places are without a gap; the count is right.
    const changes = (await first?.changes.changesAfter(0, 10_000)) ?? [];
    expect(changes.map((row) => row.seq)).toEqual(range(stored.size).map((n) => n + 1));
    expect(changes.map((row) => Number(stored.get(row.object.slice(7))?.version))).toEqual(
      changes.map((row) => row.seq),
    );
    expect(await table(0).countOf()).toBe(stored.size);
    expect(kills).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(0);
    expect(acknowledged.length).toBeGreaterThan(100);
    // And they go on.
    await table(1).change(key('AFTER'), context, () => put('{}'));
  }, 60_000);

  it('refuse while the database lets nobody in, and go on without a restart when it does (P9)', async () => {
    const [storage] = await nodes(1);
    if (!storage) throw new RangeError('no node');
    const name = new URL(under.database.url).pathname.slice(1);
    await table(0).change(key('A'), context, () => put('{}'));
    const server = new pg.Client({ connectionString: process.env.ROAMHUB_TEST_POSTGRES_URL });
    await server.connect();
    const claims = async (): Promise<number | undefined> => {
      const sql = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1 AND application_name = 'roamhub node'`;
      return (await server.query<{ n: number }>(sql, [name])).rows[0]?.n;
    };
    const nodesThere = await claims();
    await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    await expect(table(0).change(key('B'), context, () => put('{}'))).rejects.toThrow(StorageUnavailable);
    await expect(table(0).find('DE/CP1/A')).rejects.toThrow(StorageUnavailable);
    await expect(storage.changes.refresh()).rejects.toThrow(StorageUnavailable);
    await expect(storage.query('SELECT 1')).rejects.toThrow(StorageUnavailable);
    await expect(storage.transaction(async (manager) => manager.query('SELECT 1'))).rejects.toThrow(StorageUnavailable);
    expect([await storage.probe(), await storage.duty('x', 1_000)]).toEqual([false, false]);
    await lasting(2_500);
    await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await until('each node holds its name, on one connection', async () => (await claims()) === nodesThere);
    await table(0).change(key('B'), context, () => put('{"b":1}'));
    expect(await table(0).find('DE/CP1/B')).toBe('{"b":1}');
    expect(await storage.transaction(async (manager) => manager.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    expect([await storage.probe(), await storage.duty('x', 1_000)]).toEqual([true, true]);
    await admin.query('UPDATE feed_counter SET n = 99');
    await reaches(storage, 99);
    await server.end();
  }, 30_000);

  describe('transactions of the mapper', () => {
    it('go one at a time over all nodes', async () => {
      const all = await nodes(3);
      await admin.query('CREATE TABLE tally (n INTEGER NOT NULL)');
      await admin.query('INSERT INTO tally VALUES (0)');
      await Promise.all(
        range(30).map((n) =>
          all[n % 3]?.transaction(async (manager) => {
            const [row] = (await manager.query('SELECT n FROM tally')) as { n: number }[];
            await manager.query('UPDATE tally SET n = $1', [(row?.n ?? 0) + 1]);
          }),
        ),
      );
      expect((await admin.query('SELECT n FROM tally')).rows).toEqual([{ n: 30 }]);
    });

    it('undo everything when their work fails, and reject with what it threw', async () => {
      const [storage] = await nodes(1);
      const failing = storage?.transaction(async (manager) => {
        await manager.query("INSERT INTO hub_duty VALUES ('x', 'y', now())");
        throw new RangeError('no');
      });
      await expect(failing).rejects.toThrow(RangeError);
      expect((await admin.query('SELECT 1 FROM hub_duty')).rows).toEqual([]);
    });

    it('are unavailable when the server ends their connection, in the middle and before the end (P9)', async () => {
      const [storage] = await nodes(1);
      for (const goesOn of [true, false]) {
        const cut = storage?.transaction(async (manager) => {
          await manager.query("INSERT INTO hub_duty VALUES ('x', 'y', now())");
          const [row] = (await manager.query('SELECT pg_backend_pid() AS pid')) as { pid: number }[];
          await admin.query('SELECT pg_terminate_backend($1, 5000)', [row?.pid]);
          if (goesOn) await manager.query('SELECT 1');
        });
        await expect(cut).rejects.toThrow(StorageUnavailable);
      }
      expect((await admin.query('SELECT 1 FROM hub_duty')).rows).toEqual([]);
      expect(await storage?.transaction(async (manager) => manager.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    });

    it('are run again when the server undid them for the sake of others, three times at most', async () => {
      const [storage] = await nodes(1);
      for (const failures of [2, 3]) {
        let runs = 0;
        const result = storage?.transaction(async (manager) => {
          if (++runs <= failures) await manager.query("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$");
          return runs;
        });
        if (failures === 2) expect(await result).toBe(3);
        else await expect(result).rejects.toThrow(StorageUnavailable);
        expect(runs).toBe(3);
      }
    });
  });

  it('notice a database that went back to an older state of itself', async () => {
    let reversed = 0;
    const node = await under.node({ onReversed: () => reversed++ });
    await node.documents(kind).change(key('A'), context, () => put('{}'));
    await node.changes.refresh();
    expect(reversed).toBe(0);
    await admin.query('UPDATE feed_counter SET n = n - 1');
    await node.changes.refresh();
    expect(reversed).toBeGreaterThan(0);
    await admin.query('UPDATE feed_counter SET n = n + 1');
  });

  it('have names of their own: one that was killed gets its name back, unless somebody lives under it', async () => {
    const settings = { url: under.database.url, entities: [], migrations: [], requireDurable: false };
    const first = await PostgresStorage.open({ ...settings, node: 'node-one' });
    expect(first.node).toBe('node-one');
    const second = await under.node({ node: 'node-one' });
    expect(second.node).not.toBe('node-one');
    // What holds the name breaks, and is taken anew before anybody else may have it.
    const claims = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 7402 AND objid = hashtext('node-one')::oid`;
    const holder = async (): Promise<number | undefined> =>
      (await under.storage.query<{ pid: number }>(claims)).rows[0]?.pid;
    const before = await holder();
    await under.storage.query('SELECT pg_terminate_backend($1)', [before]);
    await until('the name is held again', async () => ![undefined, before].includes(await holder()));
    expect((await under.node({ node: 'node-one' })).node).not.toBe('node-one');
    await first.close();
    const successor = await under.node({ node: 'node-one' });
    expect(successor.node).toBe('node-one');
  });

  it('share duties: one has it until it runs out, by the clock of the database', async () => {
    const [first, second] = await nodes(2);
    expect([await first?.duty('rotation', 60_000), await second?.duty('rotation', 60_000)]).toEqual([true, false]);
    expect([await first?.duty('rotation', 60_000), await second?.duty('other', 60_000)]).toEqual([true, true]);
    await admin.query("UPDATE hub_duty SET ends_at = clock_timestamp() WHERE name = 'rotation'");
    expect([await second?.duty('rotation', 60_000), await first?.duty('rotation', 60_000)]).toEqual([true, false]);
  });
});
