import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Database from 'better-sqlite3';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SqliteStorage } from './sqlite-storage.js';
import { StorageRefusal, StorageUnavailable } from './storage-error.js';
import { temporaryDatabase } from './testing/temporary-database.js';
import { type LogSync, WalSync } from './wal-sync.js';

class Note1700000099000 implements MigrationInterface {
  readonly name = 'Note1700000099000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (text TEXT NOT NULL)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE note');
  }
}

let database: ReturnType<typeof temporaryDatabase>;
let opened: SqliteStorage[];

beforeEach(() => {
  database = temporaryDatabase();
  opened = [];
});
afterEach(async () => {
  for (const storage of opened) await storage.close();
  database.remove();
});

async function open(migrations = [Note1700000099000]): Promise<SqliteStorage> {
  const storage = await SqliteStorage.open({ file: database.file, entities: [], migrations });
  opened.push(storage);
  return storage;
}
const close = async (storage: SqliteStorage): Promise<void> => {
  opened.splice(opened.indexOf(storage), 1);
  await storage.close();
};
const notes = (storage: SqliteStorage): unknown[] => storage.reader.prepare('SELECT text FROM note').pluck().all();
const note = (text: string) => (tx: { db: Database.Database }) =>
  tx.db.prepare('INSERT INTO note VALUES (?)').run(text);

describe('opening', () => {
  it('keeps a log that is flushed before anybody is answered, read back from the connection that writes', async () => {
    const storage = await open();
    expect(storage.writer.pragma('journal_mode', { simple: true })).toBe('wal');
    // NORMAL: SQLite flushes where the log is folded into the file, WalSync after each commit.
    expect(storage.writer.pragma('synchronous', { simple: true })).toBe(1);
    expect(storage.writer.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(storage.writer.pragma('trusted_schema', { simple: true })).toBe(0);
  });

  it('is refused while somebody else has the file, and works once that one is gone', async () => {
    const storage = await open();
    await expect(SqliteStorage.open({ file: database.file, entities: [], migrations: [] })).rejects.toThrow(
      StorageRefusal,
    );
    await storage.write(note('still works'));
    await close(storage);
    expect(notes(await open())).toEqual(['still works']);
  });

  it('is refused for a file of a newer release, which it leaves as it is', async () => {
    await close(await open());
    const refused = SqliteStorage.open({ file: database.file, entities: [], migrations: [] });
    await expect(refused).rejects.toThrow(/newer release/);
    await close(await open());
  });

  it('leaves no lock behind when it fails', async () => {
    writeFileSync(database.file, 'this is no database, only some text that is long enough to look at');
    await expect(open()).rejects.toThrow(/^The database .* cannot be used \(SQLITE_NOTADB\)\.$/);
    writeFileSync(database.file, '');
    await open();
  });

  it('keeps what was written, over a clean stop and over a crash', async () => {
    const storage = await open();
    await storage.write(note('a'));
    const crashed = temporaryDatabase();
    copyFileSync(database.file, crashed.file);
    copyFileSync(`${database.file}-wal`, `${crashed.file}-wal`);
    await close(storage);
    expect(notes(await open())).toEqual(['a']);
    const survivor = await SqliteStorage.open({ file: crashed.file, entities: [], migrations: [Note1700000099000] });
    expect(notes(survivor)).toEqual(['a']);
    await survivor.close();
    crashed.remove();
  });
});

describe('reading', () => {
  it('sees committed rows only and cannot write', async () => {
    const storage = await open();
    await storage.transaction(async (manager) => {
      await manager.query("INSERT INTO note VALUES ('not yet')");
      expect(notes(storage)).toEqual([]);
    });
    expect(notes(storage)).toEqual(['not yet']);
    expect(() => storage.reader.exec("INSERT INTO note VALUES ('never')")).toThrow(/readonly|read-only/i);
  });
});

describe('transactions of the mapper', () => {
  it('take turns with jobs and with one another: nobody commits in the middle of another', async () => {
    const storage = await open();
    const failing = storage.transaction(async (manager) => {
      await manager.query("INSERT INTO note VALUES ('undone')");
      await new Promise((resolve) => setImmediate(resolve));
      throw new RangeError('no');
    });
    const other = storage.transaction(async (manager) => manager.query("INSERT INTO note VALUES ('other')"));
    const jobs = Array.from({ length: 20 }, (_, index) => storage.write(note(`job ${index}`)));
    await expect(failing).rejects.toThrow(RangeError);
    await Promise.all([other, ...jobs]);
    expect(notes(storage)).toHaveLength(21);
    expect(notes(storage)).not.toContain('undone');
  });

  it('fail as StorageUnavailable when the storage does (P9)', async () => {
    const storage = await open();
    storage.writer.pragma('query_only = ON');
    const failed = storage.transaction(async (manager) => manager.query("INSERT INTO note VALUES ('x')"));
    await expect(failed).rejects.toThrow(StorageUnavailable);
    expect(await storage.probe()).toBe(false);
    storage.writer.pragma('query_only = OFF');
    await storage.transaction(async (manager) => manager.query("INSERT INTO note VALUES ('y')"));
    expect(notes(storage)).toEqual(['y']);
  });
});

describe('a log that cannot be flushed', () => {
  /** The real log, on a disk that fails when the test says so. */
  class FailingDisk implements LogSync {
    broken = false;
    constructor(private readonly log: WalSync) {}
    async durable(): Promise<void> {
      await this.log.durable();
      if (this.broken) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    }
    close(): Promise<void> {
      return this.log.close();
    }
  }
  let disk: FailingDisk;
  const openLog = (file: string): LogSync => {
    disk = new FailingDisk(new WalSync(file));
    return disk;
  };
  const openFailing = async (): Promise<SqliteStorage> => {
    const storage = await SqliteStorage.open({
      file: database.file,
      entities: [],
      migrations: [Note1700000099000],
      openLog,
    });
    opened.push(storage);
    return storage;
  };

  it('stops every write until a probe has made sure of what was committed, and then goes on', async () => {
    const storage = await openFailing();
    await storage.write(note('before'));
    disk.broken = true;
    await expect(storage.write(note('doubtful'))).rejects.toThrow(StorageUnavailable);
    expect(await storage.probe()).toBe(false);
    disk.broken = false;
    // A flush would succeed now; that alone says nothing of what was not written before.
    await expect(storage.write(note('too early'))).rejects.toThrow(StorageUnavailable);
    await expect(storage.transaction((manager) => manager.query("INSERT INTO note VALUES ('x')"))).rejects.toThrow(
      StorageUnavailable,
    );
    expect(await storage.probe()).toBe(true);
    await storage.write(note('after'));
    expect(notes(storage)).toEqual(['before', 'doubtful', 'after']);
    await close(storage);
    expect(notes(await open())).toEqual(['before', 'doubtful', 'after']);
  });

  it('stops a transaction of the mapper from being acknowledged, too', async () => {
    const storage = await openFailing();
    disk.broken = true;
    const work = storage.transaction((manager) => manager.query("INSERT INTO note VALUES ('doubtful')"));
    await expect(work).rejects.toThrow(StorageUnavailable);
    disk.broken = false;
    await expect(storage.write(note('too early'))).rejects.toThrow(StorageUnavailable);
    expect(await storage.probe()).toBe(true);
    await storage.write(note('after'));
  });

  it('is not taken for whole when it no longer holds what was written, and the file is left alone', async () => {
    const storage = await openFailing();
    await storage.write(note('before'));
    const log = `${database.file}-wal`;
    const before = readFileSync(log);
    disk.broken = true;
    await expect(storage.write(note('doubtful'))).rejects.toThrow(StorageUnavailable);
    disk.broken = false;
    // What the system dropped comes back from the disk as it was before.
    const after = readFileSync(log);
    writeFileSync(log, Buffer.concat([before, Buffer.alloc(Math.max(0, after.length - before.length))]));
    expect(await storage.probe()).toBe(false);
    await expect(storage.write(note('too early'))).rejects.toThrow(StorageUnavailable);
    await close(storage);
    // As another process finds it: the index of the log in memory is gone with this one.
    const left = temporaryDatabase();
    copyFileSync(database.file, left.file);
    copyFileSync(log, `${left.file}-wal`);
    const again = await SqliteStorage.open({ file: left.file, entities: [], migrations: [Note1700000099000] });
    expect(notes(again)).toEqual(['before']);
    expect(again.reader.pragma('integrity_check', { simple: true })).toBe('ok');
    await again.close();
    left.remove();
  });
});

it('probe says whether a write reaches the disk, by making one', async () => {
  const storage = await open();
  for (let turn = 0; turn < 2; turn++) {
    const before = storage.reader.pragma('data_version', { simple: true });
    expect(await storage.probe()).toBe(true);
    expect(storage.reader.pragma('data_version', { simple: true })).not.toBe(before);
  }
  await close(storage);
  expect(await storage.probe()).toBe(false);
});
