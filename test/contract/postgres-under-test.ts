import { PostgresStorage, type PostgresStorageOptions } from '../../src/platform/storage/index.js';
import { createDatabase, type TestDatabase } from '../support/services/index.js';
import type { OpenStorage, StorageUnderTest } from './storage-under-test.js';

type Schema = Pick<PostgresStorageOptions, 'entities' | 'migrations'>;

/** Nodes on one PostgreSQL database of their own, which is taken away with them. */
export class PostgresUnderTest implements StorageUnderTest {
  storage!: PostgresStorage;
  private readonly others: PostgresStorage[] = [];

  private constructor(
    readonly database: TestDatabase,
    private readonly schema: Schema,
  ) {}

  /** @param schema tables beside the storage's own */
  static async open(schema: Schema = { entities: [], migrations: [] }): Promise<PostgresUnderTest> {
    const under = new PostgresUnderTest(await createDatabase(), schema);
    under.storage = await under.connect();
    return under;
  }

  /** One more node on the same database. */
  async node(options: Partial<PostgresStorageOptions> = {}): Promise<PostgresStorage> {
    const storage = await this.connect(options);
    this.others.push(storage);
    return storage;
  }

  async reopen(): Promise<void> {
    await this.storage.close();
    this.storage = await this.connect();
  }

  async release(): Promise<void> {
    for (const storage of [this.storage, ...this.others]) await storage.close();
    await this.database.drop();
  }

  private connect(options: Partial<PostgresStorageOptions> = {}): Promise<PostgresStorage> {
    // The server of the tests does without fsync: its data die with it.
    const settings = { url: this.database.url, ...this.schema, requireDurable: false };
    return PostgresStorage.open({ ...settings, ...options });
  }
}

export const openPostgres: OpenStorage = () => PostgresUnderTest.open();
