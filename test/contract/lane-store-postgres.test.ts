import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import {
  type LaneProgress,
  type LaneRecord,
  type PostgresLaneStorage,
  PostgresLaneStore,
  postgresLaneMigrations,
} from '../../src/platform/delivery/index.js';
import type { FakeTime } from '../../src/platform/delivery/testing/fake-time.js';
import { createDatabase, describeWithPostgres, type TestDatabase } from '../support/services/index.js';
import { closed, describeLaneStore, type LaneStoresUnderTest, refusal } from './lane-store-contract.js';
import { describeOwed } from './lane-store-owed-contract.js';

describeWithPostgres('lane store on PostgreSQL', () => {
  let database: TestDatabase;
  let admin: pg.Client;

  beforeAll(async () => {
    database = await createDatabase();
    const source = new DataSource({ type: 'postgres', url: database.url, migrations: [...postgresLaneMigrations] });
    await source.initialize();
    await source.runMigrations();
    await source.destroy();
    admin = await connect();
    // A clock that stands where a test puts it, for sessions that look here before they look at the system's functions.
    await admin.query(`CREATE SCHEMA moved`);
    await admin.query(`CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql AS
      $$ SELECT to_timestamp(current_setting('moved.now')::numeric / 1000) $$`);
  });
  afterAll(async () => {
    await admin?.end();
    await database?.drop();
  });
  beforeEach(() => empty());

  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    return client;
  };
  const empty = async (): Promise<void> => {
    await admin.query('TRUNCATE push_lane, push_exception, push_owed');
  };
  const contents = async (): Promise<unknown> => ({
    lanes: (await admin.query('SELECT * FROM push_lane ORDER BY partner')).rows,
    owed: (await admin.query('SELECT * FROM push_owed ORDER BY partner')).rows,
    exceptions: (await admin.query('SELECT * FROM push_exception ORDER BY partner, party, module, object')).rows,
  });

  const opened = async (time: FakeTime): Promise<LaneStoresUnderTest> => {
    const clients = [await connect(), await connect()] as const;
    for (const client of clients) await client.query('SET search_path = moved, pg_catalog, public');
    return {
      here: new PostgresLaneStore(onMovedClock(clients[0], time), 'here'),
      there: new PostgresLaneStore(onMovedClock(clients[1], time), 'there'),
      close: async () => {
        for (const client of clients) await client.end();
      },
    };
  };
  describeLaneStore('PostgreSQL', opened);
  describeOwed('PostgreSQL', opened);

  describe('several nodes', () => {
    const open: pg.Client[] = [];
    let statements: string[];

    beforeEach(() => {
      statements = [];
    });
    afterAll(async () => {
      for (const client of open) await client.end();
    });

    const session = async (): Promise<pg.Client> => {
      const client = await connect();
      open.push(client);
      return client;
    };
    const storeOn = (client: pg.Client, node: string): PostgresLaneStore => {
      const note = (sql: string): unknown => statements.push(sql);
      return new PostgresLaneStore(sessionOf(client, note), node);
    };
    const store = async (node: string): Promise<PostgresLaneStore> => storeOn(await session(), node);

    const progress = ({ partner, fence }: LaneRecord, cursor: number): LaneProgress => {
      return { partner, fence, cursor, ahead: '', circuit: closed, cleared: [] };
    };
    const taken = async (by: PostgresLaneStore, leaseMs: number): Promise<LaneRecord> => {
      const record = await by.acquire('p1', leaseMs);
      if (!record) throw new Error('the lane is free and was refused');
      return record;
    };
    /** Whether what was begun has to wait for a lock that another session has, rather than come to its end. */
    const mustWait = async (begun: Promise<unknown>): Promise<boolean> => {
      let ended = false;
      const end = (): void => {
        ended = true;
      };
      begun.then(end, end);
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while (!ended) if ((await admin.query(waiting)).rowCount !== 0) return true;
      return false;
    };

    it('race for each lane, and one gets it', async () => {
      const stores = await Promise.all(['one', 'two', 'three'].map(store));
      for (let round = 0; round < 30; round++) {
        const partner = `p${round}`;
        await stores[0]?.attach(partner, 0);
        const records = await Promise.all(stores.map((one) => one.acquire(partner, 60_000)));
        const winners = records.filter((record) => record !== undefined);
        expect(winners).toHaveLength(1);
        expect(winners[0]).toMatchObject({ partner, fence: 1 });
      }
    });

    it('take a lane over once its lease is out by the clock of the database', async () => {
      const [here, there] = [await store('here'), await store('there')];
      await here.attach('p1', 0);
      const leaseMs = 60_000;
      const before = await taken(here, 200);
      const { lease_until: until } = (await admin.query('SELECT lease_until FROM push_lane')).rows[0];
      let after: LaneRecord | undefined;
      while (!after) after = await there.acquire('p1', leaseMs);
      const { lease_until: next } = (await admin.query('SELECT lease_until FROM push_lane')).rows[0];
      expect(Number(next) - leaseMs).toBeGreaterThanOrEqual(Number(until));
      expect(after).toMatchObject({ fence: before.fence + 1, leaseOwner: 'there' });
      expect(await here.acquire('p1', leaseMs)).toBeUndefined();
    });

    it('write nothing of a lane that another has taken over', async () => {
      const [here, there] = [await store('here'), await store('there')];
      await here.attach('p1', 0);
      await here.attach('p2', 0);
      const before = await taken(here, 0);
      await here.noteException(refusal(), before.fence);
      const [noted] = await here.pendingExceptions('p1', 1);
      await taken(there, 60_000);
      const stood = await contents();

      const object = {
        party: 'NL/EM1',
        module: 'locations',
        object: 'DE/CP1/LOC1/EVSE1',
        whole: false,
        seq: 99,
      } as const;
      const owed = { policy: 9, flows: 'x' };
      expect(await here.save([{ ...progress(before, 50), owed, cleared: [object] }], 60_000)).toEqual(['p1']);
      expect(await here.noteException(refusal({ attempts: 5 }), before.fence)).toBe(false);
      expect(await here.noteException(refusal({ object: 'DE/CP1/OTHER' }), before.fence)).toBe(false);
      expect(noted && (await here.dropException(noted, before.fence))).toBe(false);
      await here.release('p1', before.fence);
      expect(await contents()).toEqual(stood);
    });

    it('wait with a takeover for what is being noted under the old fence, and find it', async () => {
      const [client, there] = [await session(), await store('there')];
      const here = storeOn(client, 'here');
      await here.attach('p1', 0);
      const { fence } = await taken(here, 0);
      await client.query('BEGIN');
      await here.noteException(refusal(), fence);
      const takeover = there.acquire('p1', 60_000);
      const waited = await mustWait(takeover);
      await client.query('COMMIT');
      expect(waited).toBe(true);
      expect(await takeover).toMatchObject({ fence: fence + 1 });
      expect(await there.pendingExceptions('p1', 10)).toHaveLength(1);
    });

    it.each([
      ['noteException', (store: PostgresLaneStore, fence: number) => store.noteException(refusal({ seq: 9 }), fence)],
      ['save', (store: PostgresLaneStore, fence: number) => store.save([progress({ ...anyLane, fence }, 50)], 1000)],
    ])('do not let %s through that began before a takeover was committed', async (_name, write) => {
      const [here, client] = [await store('here'), await session()];
      await here.attach('p1', 0);
      const { fence } = await taken(here, 0);
      await here.noteException(refusal(), fence);
      await client.query('BEGIN');
      await taken(storeOn(client, 'there'), 60_000);
      const late = write(here, fence);
      const waited = await mustWait(late);
      await client.query('COMMIT');
      expect(waited).toBe(true);
      const stood = await contents();
      await late;
      expect(await contents()).toEqual(stood);
    });

    it('find with a takeover what was being written of what the lane owes', async () => {
      const [client, there] = [await session(), await store('there')];
      const here = storeOn(client, 'here');
      await here.attach('p1', 0);
      const record = await taken(here, 0);
      await client.query('BEGIN');
      // A lease that is out: the takeover may go on as soon as this is written.
      await here.save([{ ...progress(record, 7), owed: { policy: 3, flows: 'x' } }], 0);
      const takeover = there.acquire('p1', 60_000);
      const waited = await mustWait(takeover);
      await client.query('COMMIT');
      expect(waited).toBe(true);
      expect(await takeover).toMatchObject({ cursor: 7, policy: 3, owed: 'x' });
    });

    it('keep no lock between statements', async () => {
      const [here, there] = [await store('here'), await store('there')];
      await here.attach('p1', 0);
      const record = await taken(here, 60_000);
      await here.save([progress(record, 7)], 60_000);
      await here.noteException(refusal(), record.fence);
      await there.pause('p1', 'operator');
      expect(await there.all()).toMatchObject([{ cursor: 7, pausedBy: 'operator' }]);
    });

    it('write the progress of all their lanes in one statement', async () => {
      const here = await store('here');
      const records: LaneRecord[] = [];
      for (let index = 0; index < 40; index++) {
        await here.attach(`p${index}`, 0);
        const record = await here.acquire(`p${index}`, 60_000);
        if (record) records.push(record);
      }
      statements = [];
      const given = records.map((record, index) => progress(record, index + 1));
      const object = { party: 'NL/EM1', module: 'locations', object: 'DE/CP1/LOC1', whole: true, seq: 9 } as const;
      await here.save(given, 60_000);
      await here.save(
        given.map((one) => ({ ...one, ahead: 'x', cleared: [object] })),
        60_000,
      );
      expect(statements).toHaveLength(2);
      const cursors = new Map((await here.all()).map((lane) => [lane.partner, [lane.cursor, lane.ahead]]));
      expect(cursors).toEqual(new Map(given.map(({ partner, cursor }) => [partner, [cursor, 'x']])));
    });
  });
});

const anyLane: LaneRecord = {
  partner: 'p1',
  cursor: 0,
  ahead: '',
  fence: 0,
  leaseOwner: undefined,
  leaseLeftMs: 0,
  circuit: closed,
  pausedBy: undefined,
  pausedAt: undefined,
  policy: 0,
};

/** One session as the storage of a node; `before` is told of each statement first. */
function sessionOf(client: pg.Client, before: (sql: string) => unknown): PostgresLaneStorage {
  const query = async <Row>(sql: string, values: readonly unknown[]): Promise<{ rows: Row[] }> => {
    before(sql);
    const { rows } = await client.query(sql, [...values]);
    return { rows: rows as Row[] };
  };
  return { query, progress: query };
}

/** The same, where the database's clock shows the given time. */
function onMovedClock(client: pg.Client, time: FakeTime): PostgresLaneStorage {
  // One behind the other: a client sends what it is given in that order.
  return sessionOf(client, () => client.query(`SELECT set_config('moved.now', $1, false)`, [String(time.now())]));
}
