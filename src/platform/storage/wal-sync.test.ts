import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { GroupCommit } from './group-commit.js';
import { StorageUnavailable } from './storage-error.js';
import { temporaryDatabase } from './testing/temporary-database.js';
import { type LogSync, WalSync } from './wal-sync.js';

let database: ReturnType<typeof temporaryDatabase>;
let db: SqliteDatabase;

beforeEach(() => {
  database = temporaryDatabase();
  db = new Database(database.file);
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE entry (text TEXT NOT NULL)');
});

afterEach(() => {
  db.close();
  database.remove();
});

/** A disk that finishes when the test says so. */
class SlowDisk implements LogSync {
  private readonly turns: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  durable(): Promise<void> {
    return new Promise((resolve, reject) => this.turns.push({ resolve, reject }));
  }

  finish(): void {
    this.turns.shift()?.resolve();
  }

  fail(error: unknown): void {
    this.turns.shift()?.reject(error);
  }

  get waiting(): number {
    return this.turns.length;
  }

  async close(): Promise<void> {}
}

const insert = (text: string) => () => db.prepare('INSERT INTO entry VALUES (?)').run(text).changes;
const rows = (): unknown[] => db.prepare('SELECT text FROM entry ORDER BY rowid').pluck().all();

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a commit that is flushed off the main thread', () => {
  it('answers, and shows its effects, only when the log is on disk', async () => {
    const disk = new SlowDisk();
    const group = new GroupCommit(db, { sync: disk });
    const seen: string[] = [];
    const written = group.write((tx) => {
      tx.afterCommit(() => seen.push('effect'));
      return insert('a')();
    });
    void written.then(() => seen.push('answer'));
    await until(() => disk.waiting === 1);
    expect(rows()).toEqual(['a']);
    expect(seen).toEqual([]);
    disk.finish();
    expect(await written).toBe(1);
    expect(seen).toEqual(['effect', 'answer']);
  });

  it('refuses everybody of a batch that could not be flushed (P9)', async () => {
    const disk = new SlowDisk();
    const failures: unknown[] = [];
    const group = new GroupCommit(db, { sync: disk, onFailure: (error) => failures.push(error) });
    const effects: string[] = [];
    const writes = ['a', 'b'].map((text) =>
      group.write((tx) => {
        tx.afterCommit(() => effects.push(text));
        return insert(text)();
      }),
    );
    await until(() => disk.waiting === 1);
    disk.fail(Object.assign(new Error('EIO'), { code: 'EIO' }));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual([
      expect.any(StorageUnavailable),
      expect.any(StorageUnavailable),
    ]);
    // Readers see the rows all the same, so what mirrors them in memory must too.
    expect([rows(), effects]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(failures).toHaveLength(1);
  });

  it('gathers the next batch while the disk is busy, and settles batches in order', async () => {
    const disk = new SlowDisk();
    const batches: number[] = [];
    const group = new GroupCommit(db, { sync: disk, onCommit: (jobs) => batches.push(jobs) });
    const order: string[] = [];
    const write = (text: string): Promise<unknown> => group.write(insert(text)).then(() => order.push(text));
    const first = write('a');
    await until(() => disk.waiting === 1);
    const rest = ['b', 'c', 'd'].map(write);
    await new Promise((resolve) => setImmediate(resolve));
    expect(rows()).toEqual(['a']);
    disk.finish();
    await first;
    await until(() => disk.waiting === 1);
    disk.finish();
    await Promise.all(rest);
    expect(batches).toEqual([1, 3]);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('waits for the flush before a stop goes on', async () => {
    const disk = new SlowDisk();
    const group = new GroupCommit(db, { sync: disk });
    let drained = false;
    void group.write(insert('a'));
    await until(() => disk.waiting === 1);
    const draining = group.drain().then(() => {
      drained = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(drained).toBe(false);
    disk.finish();
    await until(() => disk.waiting === 1 || drained);
    disk.finish();
    await draining;
  });
});

describe('after a flush that failed', () => {
  const eio = Object.assign(new Error('i/o error'), { code: 'EIO' });
  let disk: SlowDisk;
  let group: GroupCommit;
  let failures: unknown[];

  /** One write whose flush fails. */
  const fail = async (text = 'doubtful'): Promise<void> => {
    const written = group.write(insert(text));
    await until(() => disk.waiting === 1);
    disk.fail(eio);
    await expect(written).rejects.toThrow(StorageUnavailable);
  };

  beforeEach(() => {
    disk = new SlowDisk();
    failures = [];
    group = new GroupCommit(db, { sync: disk, maxJobs: 1, onFailure: (error) => failures.push(error) });
  });

  it('nobody is acknowledged by a later flush that succeeds: it may have left out what the first one could not write', async () => {
    const first = group.write(insert('a'));
    await until(() => disk.waiting === 1);
    const second = group.write(insert('b'));
    await until(() => disk.waiting === 2);
    disk.fail(eio);
    disk.finish();
    await expect(first).rejects.toThrow(StorageUnavailable);
    await expect(second).rejects.toThrow(StorageUnavailable);
  });

  it('nothing more is taken: not a write, nor one that does not wait for the disk, nor a transaction', async () => {
    await fail();
    const refused = [
      group.write(insert('b')),
      group.write(insert('c'), { durable: false }),
      group.exclusive(async () => insert('d')()),
    ];
    for (const outcome of await Promise.allSettled(refused))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StorageUnavailable) });
    expect(rows()).toEqual(['doubtful']);
    expect(disk.waiting).toBe(0);
    expect(failures).toEqual([eio, eio, eio]);
  });

  it('those who came before and wait for their turn are refused as well', async () => {
    let letGo = (): void => undefined;
    const held = group.exclusive(() => new Promise<void>((resolve) => (letGo = resolve)));
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = group.write(insert('b'));
    letGo();
    await until(() => disk.waiting === 1);
    disk.fail(eio);
    await expect(held).rejects.toThrow(StorageUnavailable);
    await expect(waiting).rejects.toThrow(StorageUnavailable);
    expect(rows()).toEqual([]);
  });

  it('a proof lets writes go on; one that fails does not', async () => {
    await fail();
    await expect(group.recover(() => Promise.reject(eio))).rejects.toBe(eio);
    expect(group.inDoubt).toBe(true);
    await expect(group.write(insert('b'))).rejects.toThrow(StorageUnavailable);
    await group.recover(async () => undefined);
    expect(group.inDoubt).toBe(false);
    const written = group.write(insert('c'));
    await until(() => disk.waiting === 1);
    disk.finish();
    expect(await written).toBe(1);
  });

  it('a proof waits for flushes that were asked for before', async () => {
    const first = group.write(insert('a'));
    await until(() => disk.waiting === 1);
    const second = group.write(insert('b'));
    await until(() => disk.waiting === 2);
    disk.fail(eio);
    await expect(first).rejects.toThrow(StorageUnavailable);
    const proven: string[] = [];
    const recovered = group.recover(async () => void proven.push('asked'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(proven).toEqual([]);
    disk.finish();
    await expect(second).rejects.toThrow(StorageUnavailable);
    await recovered;
    expect(proven).toEqual(['asked']);
  });

  it('a stop waits for nothing that cannot be', async () => {
    await fail();
    await group.drain();
  });

  it('no proof is asked for where nothing is in doubt', async () => {
    await group.recover(() => Promise.reject(eio));
  });
});

describe('a write that does not wait for the disk', () => {
  it('is answered, and shows its effects, after the commit, with a disk that never finishes', async () => {
    const disk = new SlowDisk();
    const group = new GroupCommit(db, { sync: disk });
    const seen: string[] = [];
    const write = (text: string, durable: boolean): Promise<unknown> =>
      group.write(
        (tx) => {
          tx.afterCommit(() => seen.push(text));
          return insert(text)();
        },
        { durable },
      );
    const durable = write('a', true);
    expect(await write('b', false)).toBe(1);
    expect([rows(), seen]).toEqual([['a', 'b'], ['b']]);
    // The next one does not wait for the flush that is under way, and overtakes who does.
    await until(() => disk.waiting === 1);
    const gathering = write('c', true);
    await write('d', false);
    expect([rows(), seen]).toEqual([
      ['a', 'b', 'd'],
      ['b', 'd'],
    ]);
    expect(disk.waiting).toBe(1);
    disk.finish();
    await durable;
    await until(() => disk.waiting === 1);
    disk.finish();
    await gathering;
    expect(seen).toEqual(['b', 'd', 'a', 'c']);
  });

  it('asks for no flush of its own', async () => {
    const disk = new SlowDisk();
    const group = new GroupCommit(db, { sync: disk });
    await group.write(insert('a'), { durable: false });
    expect(disk.waiting).toBe(0);
  });

  it('is refused like any other when nothing can be stored, and when it throws', async () => {
    const group = new GroupCommit(db, { sync: new SlowDisk() });
    const thrown = group.write(
      () => {
        throw new RangeError('no');
      },
      { durable: false },
    );
    await expect(thrown).rejects.toThrow(RangeError);
    db.pragma('query_only = ON');
    await expect(group.write(insert('a'), { durable: false })).rejects.toThrow(StorageUnavailable);
    db.pragma('query_only = OFF');
  });
});

it('flushes the real log; callers that come together share turns', async () => {
  const sync = new WalSync(database.file);
  insert('a')();
  await Promise.all([sync.durable(), sync.durable(), sync.durable()]);
  await sync.close();
});
