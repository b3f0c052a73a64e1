import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { temporaryDatabase } from './testing/temporary-database.js';
import { LogDamaged, rewriteLog } from './wal-rewrite.js';

let database: ReturnType<typeof temporaryDatabase>;
let db: SqliteDatabase;
let log: string;

beforeEach(() => {
  database = temporaryDatabase();
  log = `${database.file}-wal`;
  db = new Database(database.file);
  db.pragma('journal_mode = WAL');
  db.pragma('wal_autocheckpoint = 0');
  db.exec('CREATE TABLE entry (text TEXT NOT NULL)');
});

afterEach(() => {
  db.close();
  database.remove();
});

const insert = (bytes: number): unknown => db.prepare('INSERT INTO entry VALUES (?)').run('x'.repeat(bytes));
const frames = (): number => (db.pragma('wal_checkpoint(NOOP)') as { log: number }[])[0]?.log ?? -1;
const damage = (change: (bytes: Buffer) => void): void => {
  const bytes = readFileSync(log);
  change(bytes);
  writeFileSync(log, bytes);
};

it('asks SQLite how long the log is without folding any of it into the file', () => {
  insert(10);
  expect(db.pragma('wal_checkpoint(NOOP)')).toEqual([{ busy: 0, log: frames(), checkpointed: 0 }]);
  expect(frames()).toBeGreaterThan(1);
});

describe('writing a log anew', () => {
  it('leaves it as it was, however long, while others read', async () => {
    insert(10);
    insert(3_000_000);
    const before = readFileSync(log);
    const rewritten = rewriteLog(log, frames());
    expect(db.prepare('SELECT count(*) FROM entry').pluck().get()).toBe(2);
    await rewritten;
    expect(readFileSync(log).equals(before)).toBe(true);
  });

  it('takes a log that begins anew over an older one', async () => {
    insert(50_000);
    db.pragma('wal_checkpoint(RESTART)');
    insert(10);
    expect(frames()).toBeLessThan(5);
    await rewriteLog(log, frames());
    // What lies behind is of the older one.
    await expect(rewriteLog(log, frames() + 1)).rejects.toThrow(LogDamaged);
  });

  it('has nothing to judge where all is in the file', async () => {
    insert(10);
    db.pragma('wal_checkpoint(TRUNCATE)');
    expect(frames()).toBe(0);
    await rewriteLog(log, 0);
  });

  it.each<[string, (bytes: Buffer) => void]>([
    ['a page that came back empty', (bytes) => bytes.fill(0, 32 + 24, 32 + 24 + 4096)],
    ['one bit of the last page', (bytes) => bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1)],
    ['a frame of another log', (bytes) => bytes.writeUInt32BE(7, 32 + 8)],
    ['no header', (bytes) => bytes.fill(0, 0, 32)],
    ['a header that does not add up', (bytes) => bytes.writeUInt32BE(7, 16)],
  ])('refuses %s, and writes nothing there', async (_, change) => {
    insert(10);
    const count = frames();
    damage(change);
    const before = readFileSync(log);
    await expect(rewriteLog(log, count)).rejects.toThrow(LogDamaged);
    expect(readFileSync(log).equals(before)).toBe(true);
  });

  it('refuses a log that is too short', async () => {
    insert(10);
    const count = frames();
    truncateSync(log, readFileSync(log).length - 1);
    await expect(rewriteLog(log, count)).rejects.toThrow(LogDamaged);
  });

  it('fails where there is no log', async () => {
    const other = `${database.file}.other-wal`;
    rmSync(other, { force: true });
    await expect(rewriteLog(other, 0)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
