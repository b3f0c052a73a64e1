import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sqliteSchema } from '../../src/app/schema-of-storage.js';
import { type HubStorage, SqliteStorage } from '../../src/platform/storage/index.js';

/** A storage with all tables of the hub, empty at first, that a suite may close and open again. */
export interface StorageUnderTest {
  /** Another one after {@link reopen}; ask for it each time. */
  readonly storage: HubStorage;
  /** Closes the storage and opens the same database again. */
  reopen(): Promise<void>;
  /** Closes the storage and takes the database away. */
  release(): Promise<void>;
}

export type OpenStorage = () => Promise<StorageUnderTest>;

/** A SQLite file in a directory of its own; `write` is for suites that look into it. */
export class SqliteUnderTest implements StorageUnderTest {
  storage!: SqliteStorage;
  private readonly directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-contract-'));

  static async open(): Promise<SqliteUnderTest> {
    const under = new SqliteUnderTest();
    await under.start();
    return under;
  }

  async reopen(): Promise<void> {
    await this.storage.close();
    await this.start();
  }

  async release(): Promise<void> {
    await this.storage.close();
    rmSync(this.directory, { recursive: true });
  }

  private async start(): Promise<void> {
    this.storage = await SqliteStorage.open({
      file: path.join(this.directory, 'hub.sqlite'),
      ...sqliteSchema,
      groupCommit: { windowMs: 0 },
    });
  }
}

export const openSqlite: OpenStorage = () => SqliteUnderTest.open();
