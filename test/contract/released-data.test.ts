import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { sqliteSchema } from '../../src/app/schema-of-storage.js';
import { LocationStore, locationDocuments } from '../../src/modules/locations/index.js';
import { TariffStore, tariffDocuments } from '../../src/modules/tariffs/index.js';
import { SqliteStorage } from '../../src/platform/storage/index.js';

const folder = path.resolve('test/fixtures/released');
const releases = readdirSync(folder).filter((name) => name.endsWith('.sql'));

/** The migrations of each release, in their order. They are never changed, taken out or put in between. */
const released: Readonly<Record<string, readonly string[]>> = {
  '0.1.0.sql': [
    'ObjectChange1700000000000',
    'Partners1700000001000',
    'PushLanes1700000002000',
    'PullState1700000004000',
    'Location1700000010000',
    'Tariff1700000011000',
  ],
};

type Row = Record<string, unknown>;

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-released-'));
  file = path.join(directory, 'hub.sqlite');
});

afterEach(() => rmSync(directory, { recursive: true }));

const inFile = <T>(work: (db: SqliteDatabase) => T): T => {
  const db = new Database(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
};
const restore = (release: string): void =>
  inFile((db) => void db.exec(`BEGIN; ${readFileSync(path.join(folder, release), 'utf8')} COMMIT;`));
const tablesOf = (db: SqliteDatabase): string[] =>
  db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .pluck()
    .all() as string[];
const rowsOf = (db: SqliteDatabase, table: string, columns = '*'): Row[] =>
  db.prepare(`SELECT ${columns} FROM "${table}" ORDER BY 1, 2`).all() as Row[];
const open = (): Promise<SqliteStorage> => SqliteStorage.open({ file, ...sqliteSchema });

it('knows of every release', () => {
  expect(releases).toEqual(Object.keys(released));
});

describe.each(releases)('what %s has left', (release) => {
  it('has something in every table', () => {
    restore(release);
    inFile((db) => expect(tablesOf(db).filter((table) => rowsOf(db, table).length === 0)).toEqual([]));
  });

  it('is all there under the tables of today', async () => {
    restore(release);
    const before = inFile((db) => new Map(tablesOf(db).map((table) => [table, rowsOf(db, table)])));
    await (await open()).close();
    inFile((db) => {
      for (const [table, rows] of before) {
        const columns = Object.keys(rows[0] ?? {}).map((column) => `"${column}"`);
        const after = rowsOf(db, table, columns.join(', '));
        // Migrations that came later stand behind.
        expect([table, table === 'migrations' ? after.slice(0, rows.length) : after]).toEqual([table, rows]);
      }
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    });
  });

  it('is what its migrations make to this day', async () => {
    restore(release);
    const tables = (): unknown =>
      inFile((db) =>
        db
          .prepare(
            "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> 'migrations' ORDER BY name",
          )
          .all(),
      );
    const names = inFile((db) => db.prepare('SELECT name FROM migrations ORDER BY id').pluck().all());
    expect(names).toEqual(released[release]);
    const expected = tables();
    file = path.join(directory, 'fresh.sqlite');
    const migrations = sqliteSchema.migrations.filter((one) => names.includes(new one().name ?? ''));
    await (await SqliteStorage.open({ file, entities: [], migrations })).close();
    expect(tables()).toEqual(expected);
  });

  it('goes on from where it was: lists, the change sequence, row numbers', async () => {
    restore(release);
    const [locations, tariffs, head, objects] = inFile((db) => [
      db.prepare('SELECT document FROM location ORDER BY id').pluck().all() as string[],
      db.prepare('SELECT document FROM tariff ORDER BY id').pluck().all() as string[],
      db.prepare('SELECT max(seq) FROM object_change').pluck().get() as number,
      db.prepare('SELECT object FROM object_change ORDER BY seq').pluck().all() as string[],
    ]);
    const storage = await open();
    try {
      const store = new LocationStore(storage.documents(locationDocuments));
      const all = { offset: 0, limit: 1_000 };
      expect((await store.list.page(all)).body.toString()).toBe(locations.join(','));
      const tariffList = new TariffStore(storage.documents(tariffDocuments)).list;
      expect((await tariffList.page(all)).body.toString()).toBe(tariffs.join(','));
      const rows = await storage.changes.changesAfter(0, 1_000);
      expect(rows.map((row) => `${row.module}/${row.object}`)).toEqual(objects);
      expect(storage.changes.head()).toBe(head);
      const key = { country_code: 'DE', party_id: 'CP1', location_id: 'NEW' };
      await store.change(key, { correlationId: 'c', now: 1 }, () => ({
        kind: 'store',
        isNew: true,
        document: '{"new":1}',
        lastUpdated: 1,
        news: { kind: 'PUT' },
      }));
      expect(storage.changes.head()).toBe(head + 1);
      expect((await store.list.page(all)).body.toString()).toBe([...locations, '{"new":1}'].join(','));
    } finally {
      await storage.close();
    }
  });
});
