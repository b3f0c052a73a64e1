import { createReadStream, rmSync } from 'node:fs';
import readline from 'node:readline';
import Database from 'better-sqlite3';

// Reads Locations from an NDJSON file, parses each, and inserts its text into SQLite, durable after each batch: what taking a
// data set in costs if nobody sends it, checks it or is told of it.
const [file = '', database = ''] = process.argv.slice(2);
const batchSize = 250;

interface Location {
  readonly country_code: string;
  readonly party_id: string;
  readonly id: string;
  readonly last_updated: string;
}

async function load(): Promise<number> {
  const db = new Database(database);
  db.pragma('synchronous = FULL');
  db.pragma('journal_mode = WAL');
  db.exec(
    'CREATE TABLE location (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, last_updated INTEGER, document TEXT NOT NULL)',
  );
  const insert = db.prepare('INSERT OR REPLACE INTO location (key, last_updated, document) VALUES (?, ?, ?)');
  let batch: string[] = [];
  let count = 0;
  const store = db.transaction((lines: readonly string[]) => {
    for (const line of lines) {
      const location = JSON.parse(line) as Location;
      const key = `${location.country_code}/${location.party_id}/${location.id}`.toUpperCase();
      insert.run(key, Date.parse(location.last_updated), line);
      count++;
    }
  });
  for await (const line of readline.createInterface({ input: createReadStream(file) })) {
    batch.push(line);
    if (batch.length < batchSize) continue;
    store(batch);
    batch = [];
  }
  store(batch);
  db.close();
  return count;
}

process.on('message', async () => {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const count = await load();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  for (const suffix of ['', '-wal', '-shm']) rmSync(database + suffix, { force: true });
  process.send?.({ count, seconds, cpuSeconds: (user + system) / 1e6 });
});
