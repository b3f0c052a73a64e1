import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { SharedFeed } from './shared-feed.js';
import { changeTable, ModelHub } from './testing/model-hub.js';

describe('shared feed', () => {
  let db: SqliteDatabase;
  let hub: ModelHub;
  let reads: number;
  let feed: SharedFeed;

  beforeEach(() => {
    db = new Database(':memory:');
    db.exec(changeTable);
    hub = new ModelHub(db, () => 0);
    reads = 0;
  });
  afterEach(() => {
    db.close();
  });

  function open(): void {
    const { changes } = hub;
    const counted = {
      head: () => changes.head(),
      refresh: () => changes.refresh(),
      countAfter: (cursor: number) => changes.countAfter(cursor),
      oldestAfter: (cursor: number) => changes.oldestAfter(cursor),
      changesAfter: (cursor: number, limit: number) => {
        reads++;
        return changes.changesAfter(cursor, limit);
      },
    };
    feed = new SharedFeed(counted, hub.sources());
  }

  /** Reads to the end as a lane would. */
  async function follow(cursor: number): Promise<string[]> {
    const seen: string[] = [];
    for (let position = cursor; ; ) {
      const page = await feed.page(position, 100);
      seen.push(...page.entries.map((entry) => `${entry.seq} ${entry.key}`));
      if (page.readTo === position) return seen;
      position = page.readTo;
    }
  }

  const truth = async (cursor: number): Promise<string[]> =>
    (await hub.changes.changesAfter(cursor, 1_000_000)).map((row) => `${row.seq} ${row.module}/${row.object}`);

  it('gives every row behind a cursor, wherever that stands', async () => {
    for (let n = 0; n < 300; n++) hub.putTariff(`A${n}`);
    open();
    for (let n = 0; n < 3000; n++) hub.putTariff(`B${n % 900}`);
    for (const cursor of [0, 150, 299, 300, 301, 1500, 3250, 3300]) {
      expect(await follow(cursor)).toEqual(await truth(cursor));
    }
  });

  it('gives every row while the sequence moves on', async () => {
    open();
    const seen = new Map<string, number>();
    for (let round = 0, position = 0; round < 400; round++) {
      for (let n = 0; n < round % 40; n++) hub.putTariff(`T${(round * 7 + n * 3) % 500}`);
      const page = await feed.page(position, 100);
      for (const entry of page.entries) seen.set(entry.key, entry.seq);
      position = page.readTo;
      if (round === 399)
        for (const line of await follow(position)) seen.set(line.split(' ')[1] ?? '', Number(line.split(' ')[0]));
    }
    expect([...seen].map(([key, seq]) => `${seq} ${key}`).sort()).toEqual((await truth(0)).sort());
  });

  it('reads the database once for all that follow the head', async () => {
    open();
    for (let n = 0; n < 50; n++) hub.putTariff(`T${n}`);
    await Promise.all(Array.from({ length: 20 }, () => feed.page(0, 100)));
    expect(reads).toBe(1);
  });

  it('does not give what has been superseded, and marks what was given', async () => {
    open();
    hub.putTariff('T1');
    const [old] = (await feed.page(0, 100)).entries;
    hub.putTariff('T1');
    const page = await feed.page(0, 100);
    expect(page.entries.map((entry) => entry.seq)).toEqual([2]);
    expect(old?.superseded).toBe(true);
  });

  it('reads an object once for all that send it, unless it must be newer', async () => {
    const [, tariffs] = hub.sources();
    if (!tariffs) throw new Error('no source');
    const read = jest.fn(tariffs.read);
    feed = new SharedFeed(hub.changes, [{ ...tariffs, read }]);
    hub.putTariff('T1');
    const [entry] = (await feed.page(0, 10)).entries;
    if (!entry) throw new Error('no entry');
    const rendered = await Promise.all([entry.render(0, feed), entry.render(1, feed)]);
    expect(read).toHaveBeenCalledTimes(1);
    expect(rendered[0]).toBe(rendered[1]);
    hub.putTariff('T1');
    expect(await entry.render(1, feed)).toMatchObject({
      head: 1,
      item: { body: expect.stringContaining('"stamp":1') },
    });
    expect(await entry.render(2, feed)).toMatchObject({
      head: 2,
      item: { body: expect.stringContaining('"stamp":2') },
    });
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('tries again what could not be read', async () => {
    let broken = true;
    const read = async (): Promise<undefined> => {
      if (broken) throw new Error('no');
      return undefined;
    };
    feed = new SharedFeed(hub.changes, [{ module: 'tariffs', read }]);
    hub.putTariff('T1');
    const [entry] = (await feed.page(0, 10)).entries;
    await expect(entry?.render(0, feed)).rejects.toThrow('no');
    broken = false;
    expect(await entry?.render(0, feed)).toEqual({ item: undefined, head: 1, newest: 1 });
  });
});
