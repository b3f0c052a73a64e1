import { copyFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Database from 'better-sqlite3';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SqliteStorage } from './sqlite-storage.js';
import { StorageRefusal, StorageUnavailable } from './storage-error.js';
import { temporaryDatabase } from './testing/temporary-database.js';

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
