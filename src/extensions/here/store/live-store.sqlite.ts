import type { Database, Statement } from 'better-sqlite3';
import { type LiveBatch, type LiveStore, removalsKept, type StoredRemoval } from './live-store.js';

/** In the file of derived data, which one process owns; the file itself belongs to whoever opened it. */
export class SqliteLiveStore implements LiveStore {
  private readonly readRows: Statement<[string]>;
  private readonly readRemovals: Statement<[number]>;
  private readonly readPosition: Statement<[]>;
  private readonly writeBatch: (batch: LiveBatch) => void;

  /** @param db see `openHereFile` */
  constructor(private readonly db: Database) {
    db.exec(`CREATE TABLE IF NOT EXISTS live_status (
        key TEXT PRIMARY KEY, seq INTEGER NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS live_removal (
        object TEXT PRIMARY KEY, seq INTEGER NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS live_removal_seq ON live_removal (seq);
      CREATE TABLE IF NOT EXISTS live_position (
        id INTEGER PRIMARY KEY CHECK (id = 1), cursor INTEGER NOT NULL, floor INTEGER NOT NULL);`);
    this.readRows = db.prepare('SELECT key, text FROM live_status WHERE key IN (SELECT value FROM json_each(?))');
    this.readRemovals = db.prepare(
      'SELECT object, seq AS offset, text FROM live_removal ORDER BY seq DESC, object LIMIT ?',
    );
    this.readPosition = db.prepare('SELECT cursor, floor FROM live_position');
    const upsert = (table: string, key: string): Statement =>
      db.prepare(`INSERT INTO ${table} (${key}, seq, text) VALUES (?, ?, ?)
        ON CONFLICT (${key}) DO UPDATE SET seq = excluded.seq, text = excluded.text WHERE seq <= excluded.seq`);
    const status = upsert('live_status', 'key');
    const removal = upsert('live_removal', 'object');
    const remove = db.prepare('DELETE FROM live_status WHERE key = ? AND seq <= ?');
    const trim = db.prepare(`DELETE FROM live_removal
      WHERE seq < (SELECT seq FROM live_removal ORDER BY seq DESC LIMIT 1 OFFSET ${removalsKept})`);
    const position = db.prepare(`INSERT INTO live_position (id, cursor, floor) VALUES (1, ?, ?)
      ON CONFLICT (id) DO UPDATE SET cursor = max(cursor, excluded.cursor), floor = max(floor, excluded.floor)`);
    this.writeBatch = db.transaction((batch: LiveBatch) => {
      for (const { key, offset, text } of batch.statuses)
        if (text === undefined) remove.run(key, offset);
        else status.run(key, offset, text);
      for (const { object, offset, text } of batch.removals) removal.run(object, offset, text);
      if (batch.removals.length > 0) trim.run();
      position.run(batch.cursor, batch.floor);
    });
  }

  async position(): Promise<{ cursor: number; floor: number }> {
    return (this.readPosition.get() as { cursor: number; floor: number } | undefined) ?? { cursor: 0, floor: 0 };
  }

  async read(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = this.readRows.all(JSON.stringify(keys)) as { key: string; text: string }[];
    return new Map(rows.map(({ key, text }) => [key, text]));
  }

  async removals(limit: number): Promise<readonly StoredRemoval[]> {
    return (this.readRemovals.all(limit) as StoredRemoval[]).reverse();
  }

  async write(batch: LiveBatch): Promise<void> {
    this.writeBatch(batch);
  }

  async clear(): Promise<void> {
    this.db.exec('DELETE FROM live_status; DELETE FROM live_removal; DELETE FROM live_position;');
  }

  async close(): Promise<void> {}
}
