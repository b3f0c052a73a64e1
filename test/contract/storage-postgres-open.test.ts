import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { PostgresStorage, type PostgresStorageOptions, StorageRefusal } from '../../src/platform/storage/index.js';
import { PostgresDocuments1700000100000 } from '../../src/platform/storage/migrations/postgres/1700000100000-documents.js';
import { createDatabase, describeWithPostgres, postgresUrl, type TestDatabase } from '../support/services/index.js';

class Note1700000199000 implements MigrationInterface {
  readonly name = 'Note1700000199000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE note (text TEXT NOT NULL)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE note');
  }
}

describeWithPostgres('opening a PostgreSQL storage', () => {
  let database: TestDatabase;
  let opened: PostgresStorage[];

  beforeEach(async () => {
    database = await createDatabase();
    opened = [];
  });
  afterEach(async () => {
    for (const storage of opened) await storage.close();
    await database.drop();
  });

  const open = async (options: Partial<PostgresStorageOptions> = {}): Promise<PostgresStorage> => {
    const settings = { url: database.url, entities: [], migrations: [Note1700000199000], requireDurable: false };
    const storage = await PostgresStorage.open({ ...settings, ...options });
    opened.push(storage);
    return storage;
  };
  const execute = async (statement: string, url = database.url): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const nameOf = (url: string): string => new URL(url).pathname.slice(1);
  const changed = (change: (url: URL) => void): string => {
    const url = new URL(database.url);
    change(url);
    return url.href;
  };
  const refusal = async (options: Partial<PostgresStorageOptions>): Promise<string> => {
    const error: unknown = await open(options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StorageRefusal);
    return (error as StorageRefusal).message;
  };

  it('may be done by three nodes at once, and migrates once', async () => {
    const nodes = await Promise.all([open(), open(), open()]);
    for (const node of nodes) expect(await node.probe()).toBe(true);
    expect(await execute('SELECT name FROM migrations ORDER BY id')).toEqual([
      { name: 'PostgresDocuments1700000100000' },
      { name: 'Note1700000199000' },
    ]);
    expect(new Set(nodes.map((node) => node.node)).size).toBe(3);
  });

  it('is refused when nobody answers, when the server does not know the user or the database, without telling where', async () => {
    expect(await refusal({ url: changed((url) => Object.assign(url, { port: '1', password: 'secret' })) })).toMatch(
      /^The PostgreSQL database cannot be reached \(ECONNREFUSED\)/,
    );
    const stranger = await refusal({ url: changed((url) => Object.assign(url, { username: 'nobody_knows' })) });
    expect(stranger).toMatch(/^PostgreSQL refuses the user name or password of the database URL \(28...\)\.$/);
    expect(await refusal({ url: changed((url) => Object.assign(url, { pathname: '/no_such' })) })).toMatch(
      /^The database that the database URL names does not exist/,
    );
    expect(await refusal({ url: 'postgres://no host:x/' })).toBe('The database URL cannot be read.');
  });

  it('is refused while what it acknowledges could get lost, and says which setting does that', async () => {
    await execute(`ALTER DATABASE ${nameOf(database.url)} SET synchronous_commit = off`);
    for (const requireDurable of [true, false])
      expect(await refusal({ requireDurable })).toMatch(/setting synchronous_commit is off/);
    await execute(`ALTER DATABASE ${nameOf(database.url)} RESET synchronous_commit`);
    const options = '-c synchronous_commit=off';
    expect(await refusal({ url: changed((url) => url.searchParams.set('options', options)) })).toMatch(
      /synchronous_commit/,
    );
    const off = await execute(
      "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'",
    );
    if (off.length > 0) expect(await refusal({ requireDurable: true })).toMatch(/setting fsync is off/);
    await open();
  });

  it('is refused for a database that takes no writes, or of another encoding', async () => {
    await execute(`ALTER DATABASE ${nameOf(database.url)} SET default_transaction_read_only = on`);
    expect(await refusal({})).toMatch(/takes no writes/);
    const ascii = `${nameOf(database.url)}_ascii`;
    await execute(
      `CREATE DATABASE ${ascii} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'`,
      postgresUrl(),
    );
    try {
      expect(await refusal({ url: changed((url) => Object.assign(url, { pathname: `/${ascii}` })) })).toMatch(
        /encoding is SQL_ASCII/,
      );
    } finally {
      await execute(`DROP DATABASE ${ascii} WITH (FORCE)`, postgresUrl());
    }
  });

  it('is refused for a database of a newer release, which it leaves as it is', async () => {
    await open();
    expect(await refusal({ migrations: [] })).toMatch(/newer release/);
    await open();
  });

  it('has migrations that lead up, down and up again', async () => {
    const source = new DataSource({
      type: 'postgres',
      url: database.url,
      migrations: [PostgresDocuments1700000100000],
    });
    await source.initialize();
    const objects =
      "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') ORDER BY 1";
    const functions = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace";
    try {
      await source.runMigrations();
      const up = await source.query(objects);
      await source.undoLastMigration();
      expect(await source.query(objects)).toEqual([{ relname: 'migrations' }, { relname: 'migrations_id_seq' }]);
      expect(await source.query(functions)).toEqual([]);
      await source.runMigrations();
      expect(await source.query(objects)).toEqual(up);
    } finally {
      await source.destroy();
    }
    expect(await (await open()).probe()).toBe(true);
  });

  it('leaves no connection behind when it is refused, nor when it is closed', async () => {
    await open();
    await refusal({ migrations: [] });
    for (const storage of opened.splice(0)) await storage.close();
    // The server needs a moment to notice; it is asked until it has.
    for (;;) {
      const left = await execute(
        `SELECT 1 FROM pg_stat_activity WHERE datname = '${nameOf(database.url)}' AND application_name LIKE 'roamhub%'`,
      );
      if (left.length === 0) break;
    }
  });
});
