import {
  type Agreements,
  agreementEntities,
  agreementMigrations,
  openAgreements,
  postgresAgreementMigrations,
} from '../../src/platform/agreements/index.js';
import {
  openPartners,
  type Partners,
  type PartnersOptions,
  partnerEntities,
  partnerMigrations,
  postgresPartnerMigrations,
  type SharedDatabase,
} from '../../src/platform/partners/index.js';
import { SealingKeyRing } from '../../src/platform/partners/sealing-key-ring.js';
import { PostgresStorage, SqliteStorage } from '../../src/platform/storage/index.js';
import { temporaryDatabase } from '../../src/platform/storage/testing/temporary-database.js';
import { createDatabase } from '../support/services/index.js';
import { hubParty, sealing, secrets } from './partners-under-test.js';

/** One process on the database. */
export interface AgreementsNode {
  readonly partners: Partners;
  readonly agreements: Agreements;
}

export interface NodeOptions {
  readonly pollMs?: number;
  /** Hears no notifications. */
  readonly deaf?: boolean;
}

/** An empty database with the tables of partners and agreements. */
export interface AgreementsUnderTest {
  readonly time: { now: number };
  /** One more process that reads everything anew. */
  open(options?: NodeOptions): Promise<AgreementsNode>;
  /** Lets the next transaction of every process end with this error instead of its commit. */
  failNext(error: Error): void;
  /** One statement past the hub. */
  sql(statement: string): Promise<readonly Record<string, unknown>[]>;
  /** Takes the migrations of agreements back and makes them anew; returns how many of their tables were left in between. */
  downAndUp(): Promise<number>;
  close(): Promise<void>;
}

const named = ['agreement', 'closed_party', 'sharing_version'].map((name) => `'${name}'`).join(', ');
const entities = [...partnerEntities, ...agreementEntities];

class Processes {
  readonly time = { now: Date.UTC(2026, 0, 1) };
  private readonly running: AgreementsNode[] = [];
  private fault: Error | undefined;

  failNext(error: Error): void {
    this.fault = error;
  }

  async open(beneath: Pick<PartnersOptions, 'storage'> & { shared?: SharedDatabase }, { pollMs, deaf }: NodeOptions) {
    const storage: PartnersOptions['storage'] = {
      transaction: (work) =>
        beneath.storage.transaction(async (manager) => {
          const result = await work(manager);
          const { fault } = this;
          this.fault = undefined;
          if (fault) throw fault;
          return result;
        }),
    };
    const { shared: given } = beneath;
    const shared = given && deaf ? { ...withoutEars(given) } : given;
    const options = { storage, ...(shared ? { shared } : {}), ...(pollMs === undefined ? {} : { pollMs }) };
    const keys = { ...secrets, ring: new SealingKeyRing(sealing, 'k1') };
    const partners = await openPartners({ ...options, keys, clock: { now: () => this.time.now }, hub: hubParty });
    const agreements = await openAgreements({ ...options, partners });
    const node = { partners, agreements };
    this.running.push(node);
    return node;
  }

  async end(): Promise<void> {
    for (const { agreements, partners } of this.running) {
      await agreements.stop();
      await partners.stop();
    }
  }
}

const withoutEars = (shared: SharedDatabase): SharedDatabase => ({
  query: (sql, values) => shared.query(sql, values),
  listen: () => () => undefined,
});

export async function agreementsOnSqlite(): Promise<AgreementsUnderTest> {
  const database = temporaryDatabase();
  const migrations = [...partnerMigrations, ...agreementMigrations];
  const storage = await SqliteStorage.open({ file: database.file, entities, migrations });
  const processes = new Processes();
  const sql = async (statement: string) => (await storage.dataSource.query(statement)) as Record<string, unknown>[];
  return {
    time: processes.time,
    open: (options = {}) => processes.open({ storage }, options),
    failNext: (error) => processes.failNext(error),
    sql,
    async downAndUp() {
      for (const _ of agreementMigrations) await storage.dataSource.undoLastMigration();
      const left = await sql(`SELECT name FROM sqlite_master WHERE type = 'table' AND name IN (${named})`);
      await storage.dataSource.runMigrations();
      return left.length;
    },
    async close() {
      await processes.end();
      await storage.close();
      database.remove();
    },
  };
}

/** Each process has a connection of its own to the one database. */
export async function agreementsOnPostgres(): Promise<AgreementsUnderTest> {
  const database = await createDatabase();
  const migrations = [...postgresPartnerMigrations, ...postgresAgreementMigrations];
  const storages: PostgresStorage[] = [];
  const connect = async (): Promise<PostgresStorage> => {
    const storage = await PostgresStorage.open({ url: database.url, entities, migrations, requireDurable: false });
    storages.push(storage);
    return storage;
  };
  const first = await connect();
  const processes = new Processes();
  return {
    time: processes.time,
    async open(options = {}) {
      const storage = await connect();
      return processes.open({ storage, shared: storage }, options);
    },
    failNext: (error) => processes.failNext(error),
    sql: async (statement) => (await first.query<Record<string, unknown>>(statement)).rows,
    downAndUp: () =>
      first.transaction(async (manager) => {
        const { queryRunner } = manager;
        const steps = postgresAgreementMigrations.map((Migration) => new Migration());
        if (!queryRunner) throw new Error('no connection');
        for (const step of steps) await step.down(queryRunner);
        const left = await manager.query(`SELECT tablename FROM pg_tables WHERE tablename IN (${named})`);
        for (const step of steps) await step.up(queryRunner);
        return (left as unknown[]).length;
      }),
    async close() {
      await processes.end();
      for (const storage of storages) await storage.close();
      await database.drop();
    },
  };
}
