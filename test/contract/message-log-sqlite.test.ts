import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { SqliteMessageStore } from '../../src/platform/messages/index.js';
import { describeMessageLog, entryNo } from './message-log-contract.js';

const plenty = { keepMs: 86_400_000, entries: 1_000 };

describeMessageLog('SQLite', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'roamhub-messages-'));
  const file = path.join(directory, 'messages.sqlite');
  return {
    open: async (bounds) => SqliteMessageStore.open({ ...bounds, file, warn: (detail) => expect(detail).toBe('') }),
    close: async () => rmSync(directory, { recursive: true }),
  };
});

describe('the file of the message log', () => {
  let directory: string;
  let file: string;
  let warnings: string[];
  let stores: SqliteMessageStore[];

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'roamhub-messages-'));
    file = path.join(directory, 'messages.sqlite');
    warnings = [];
    stores = [];
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    rmSync(directory, { recursive: true });
  });

  const open = (): SqliteMessageStore => {
    const store = SqliteMessageStore.open({ ...plenty, file, warn: (detail) => warnings.push(detail) });
    stores.push(store);
    return store;
  };
  const row = (n: number) => {
    const entry = entryNo(n);
    return { at: entry.at, correlationId: entry.correlationId, text: JSON.stringify(entry) };
  };
  const count = async (store: SqliteMessageStore): Promise<number> =>
    (await store.find({}, 1_000, undefined)).items.length;

  it('is put aside if it is no database, and a new one begun', async () => {
    writeFileSync(file, 'this is no database, and long enough to be looked at as one'.repeat(20));
    const store = open();
    store.write([row(1)]);
    expect(await count(store)).toBe(1);
    expect(warnings).toEqual([expect.stringContaining('put aside')]);
    expect(readFileSync(`${file}.aside`, 'utf8')).toContain('this is no database');
  });

  it('is put aside if it is the database of something else', async () => {
    const other = new Database(file);
    other.exec('CREATE TABLE message (id INTEGER PRIMARY KEY, precious TEXT)');
    other.close();
    const store = open();
    store.write([row(1)]);
    expect(await count(store)).toBe(1);
    const kept = new Database(`${file}.aside`);
    expect(
      kept.prepare("SELECT count(*) FROM pragma_table_info('message') WHERE name = 'precious'").pluck().get(),
    ).toBe(1);
    kept.close();
  });

  it('is replaced when it turns out to be broken while it is in use', async () => {
    const store = open();
    for (let n = 0; n < 200; n++) store.write([row(n)]);
    await store.close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4_096);
    writeFileSync(file, bytes);
    const again = open();
    again.write([row(1)]);
    expect(await count(again)).toBe(1);
    expect(warnings).toEqual([expect.stringContaining('put aside')]);
    expect(existsSync(`${file}.aside`)).toBe(true);
  });

  it('keeps no hub from starting where it cannot be made, and is tried again', async () => {
    file = path.join(directory, 'missing', 'messages.sqlite');
    const store = open();
    expect(() => store.write([row(1)])).toThrow();
    expect(warnings).toHaveLength(1);
    expect(existsSync(file)).toBe(false);
    file = path.join(directory, 'messages.sqlite');
  });

  it('waits for nobody who holds it', () => {
    const store = open();
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const startedAt = performance.now();
    expect(() => store.write([row(1)])).toThrow('locked');
    expect(performance.now() - startedAt).toBeLessThan(500);
    other.exec('ROLLBACK');
    other.close();
    store.write([row(1)]);
  });
});
