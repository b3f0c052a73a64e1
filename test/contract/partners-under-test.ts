import { randomBytes } from 'node:crypto';
import {
  openPartners,
  type Partners,
  type PartnersOptions,
  partnerEntities,
  partnerMigrations,
  postgresPartnerMigrations,
} from '../../src/platform/partners/index.js';
import { SealingKeyRing } from '../../src/platform/partners/sealing-key-ring.js';
import { PostgresStorage, SqliteStorage } from '../../src/platform/storage/index.js';
import { temporaryDatabase } from '../../src/platform/storage/testing/temporary-database.js';
import { createDatabase } from '../support/services/index.js';

export const operator = { name: 'operator' };
export const hubParty = { country_code: 'NL', party_id: 'HUB' };
export const sealing: ReadonlyMap<string, Buffer> = new Map([['k1', randomBytes(32)]]);
export const secrets = { pepper: randomBytes(32), auditKey: randomBytes(32) };

/** An empty database with the tables of partners. */
export interface PartnersUnderTest {
  readonly time: { now: number };
  /** Reads everything anew, as a process that starts does; the former one is as good as gone. */
  open(options?: { readonly keys?: ReadonlyMap<string, Buffer>; readonly active?: string }): Promise<Partners>;
  /** One statement past the hub. */
  sql(statement: string): Promise<readonly Record<string, unknown>[]>;
  /** Lets the audit be tampered with, as somebody does who owns the database. */
  dropAuditGuards(): Promise<void>;
  /** Takes the migrations of partners back and makes them anew; returns how many of their tables were left in between. */
  downAndUp(): Promise<number>;
  close(): Promise<void>;
}

const tables = ['partner', 'audit', 'invite', 'partner_revision', 'credential'];
const named = tables.map((name) => `'${name}'`).join(', ');

class Opened {
  readonly time = { now: Date.UTC(2026, 0, 1) };
  private readonly opened: Partners[] = [];

  constructor(private readonly beneath: Pick<PartnersOptions, 'storage' | 'shared'>) {}

  open: PartnersUnderTest['open'] = async ({ keys = sealing, active = 'k1' } = {}) => {
    const clock = { now: () => this.time.now };
    const ring = new SealingKeyRing(keys, active);
    const partners = await openPartners({ ...this.beneath, keys: { ...secrets, ring }, clock, hub: hubParty });
    this.opened.push(partners);
    return partners;
  };

  async end(): Promise<void> {
    for (const partners of this.opened) await partners.stop();
  }
}

export async function partnersOnSqlite(): Promise<PartnersUnderTest> {
  const database = temporaryDatabase();
  const schema = { entities: partnerEntities, migrations: partnerMigrations };
  const storage = await SqliteStorage.open({ file: database.file, ...schema });
  const opened = new Opened({ storage });
  const sql = async (statement: string) => (await storage.dataSource.query(statement)) as Record<string, unknown>[];
  return {
    time: opened.time,
    open: opened.open,
    sql,
    async dropAuditGuards() {
      await sql('DROP TRIGGER audit_no_update');
      await sql('DROP TRIGGER audit_no_delete');
    },
    async downAndUp() {
      for (const _ of partnerMigrations) await storage.dataSource.undoLastMigration();
      const left = await sql(`SELECT name FROM sqlite_master WHERE type = 'table' AND name IN (${named})`);
      await storage.dataSource.runMigrations();
      return left.length;
    },
    async close() {
      await opened.end();
      await storage.close();
      database.remove();
    },
  };
}

export async function partnersOnPostgres(): Promise<PartnersUnderTest> {
  const database = await createDatabase();
  const schema = { entities: partnerEntities, migrations: postgresPartnerMigrations };
  const storage = await PostgresStorage.open({ url: database.url, ...schema, requireDurable: false });
  const opened = new Opened({ storage, shared: storage });
  const sql = async (statement: string) => (await storage.query(statement)).rows;
  return {
    time: opened.time,
    open: opened.open,
    sql,
    async dropAuditGuards() {
      await sql('DROP TRIGGER audit_no_change ON audit');
    },
    async downAndUp() {
      const [migration] = postgresPartnerMigrations.map((Migration) => new Migration());
      const left = await storage.transaction(async (manager) => {
        const { queryRunner } = manager;
        if (!migration || !queryRunner) throw new Error('nothing to take back');
        await migration.down(queryRunner);
        const found = await manager.query(`SELECT tablename FROM pg_tables WHERE tablename IN (${named})`);
        await migration.up(queryRunner);
        return found as unknown[];
      });
      return left.length;
    },
    async close() {
      await opened.end();
      await storage.close();
      await database.drop();
    },
  };
}
