import { afterEach, beforeEach, expect, it } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { SqliteDocumentList } from './document-list.sqlite.js';
import { temporaryDatabase } from './testing/temporary-database.js';

let database: ReturnType<typeof temporaryDatabase>;
let writer: SqliteDatabase;
let reader: SqliteDatabase;
let list: SqliteDocumentList;

beforeEach(() => {
  database = temporaryDatabase();
  writer = new Database(database.file);
  writer.pragma('journal_mode = WAL');
  writer.exec(
    'CREATE TABLE tariff (id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT, last_updated INTEGER, document TEXT)',
  );
  for (let n = 0; n < 5; n++)
    writer.prepare("INSERT INTO tariff (owner, last_updated, document) VALUES ('A', 1, ?)").run(`${n}`);
  reader = new Database(database.file, { readonly: true });
  list = new SqliteDocumentList(reader, 'tariff');
});
afterEach(() => {
  reader.close();
  writer.close();
  database.remove();
});

const body = async (query: object): Promise<string> =>
  (await list.page({ offset: 0, limit: 2, ...query })).body.toString();

it('serves what is left while a removal is committed and not yet told of', async () => {
  writer.exec('DELETE FROM tariff WHERE id IN (1, 2, 3)');
  expect(await body({})).toBe('');
  expect(await body({ owners: ['A'] })).toBe('');
  expect(await body({ offset: 2 })).toBe('3');
  list.removed([1, 2, 3]);
  expect(await body({})).toBe('3,4');
});

it('does not show what is stored and not yet told of, and shows it then', async () => {
  writer.exec("INSERT INTO tariff (owner, last_updated, document) VALUES ('A', 1, '5')");
  expect(await body({ limit: 10 })).toBe('0,1,2,3,4');
  list.stored(6, 'A', 1, true);
  expect(await body({ limit: 10 })).toBe('0,1,2,3,4,5');
});

it('does not keep a page that shows a change before it was told of', async () => {
  writer.exec("UPDATE tariff SET document = 'new' WHERE id = 1");
  const early = await list.page({ offset: 0, limit: 2 });
  expect(early.body.toString()).toBe('new,1');
  list.stored(1, 'A', 1, false);
  expect(list.isCurrent(early.validity)).toBe(false);
});
