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

it('flushes the real log; callers that come together share turns', async () => {
  const sync = new WalSync(database.file);
  insert('a')();
  await Promise.all([sync.durable(), sync.durable(), sync.durable()]);
  await sync.close();
});
