import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Location1700000010000, SqliteLocationStore } from '../../src/modules/locations/index.js';
import { SqliteTariffStore, Tariff1700000011000 } from '../../src/modules/tariffs/index.js';
import { SqliteStorage } from '../../src/platform/storage/index.js';

/** A SQLite storage in a directory of its own that can be closed and opened again. */
export class SqliteWorld {
  storage!: SqliteStorage;
  locations!: SqliteLocationStore;
  tariffs!: SqliteTariffStore;
  private readonly directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-contract-'));

  static async open(): Promise<SqliteWorld> {
    const world = new SqliteWorld();
    await world.start();
    return world;
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
      entities: [],
      migrations: [Location1700000010000, Tariff1700000011000],
      groupCommit: { windowMs: 0 },
    });
    this.locations = new SqliteLocationStore(this.storage);
    this.tariffs = new SqliteTariffStore(this.storage);
  }
}
