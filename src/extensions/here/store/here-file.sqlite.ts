import { existsSync, renameSync, rmSync } from 'node:fs';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';

/** Marks the file as made by this extension ("RHEV"), in this form of its tables. */
const applicationId = 0x52_48_45_56;
const form = 1;

export interface HereFileOptions {
  /** `:memory:` for tests. */
  readonly file: string;
  /** Told in a sentence what is wrong with the file. */
  readonly warn: (detail: string) => void;
}

/**
 * Opens the SQLite file of what is derived from stored objects: places by position, and when statuses changed. It is never waited
 * for by a writer and not flushed to the disk: a crash of the machine may cost it, and it is then made anew. A file that is
 * broken, of another form or something else, is put aside (`.aside`).
 *
 * Those who keep tables in it make them with `CREATE TABLE IF NOT EXISTS`; `form` moves when one of them changes.
 *
 * @throws what SQLite throws if no file can be made at all
 */
export function openHereFile({ file, warn }: HereFileOptions): SqliteDatabase {
  try {
    return prepared(file);
  } catch (error) {
    if (file === ':memory:' || !existsSync(file)) throw error;
    warn(`${file} cannot be used and is put aside: ${(error as Error).message}`);
    renameSync(file, `${file}.aside`);
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
    return prepared(file);
  }
}

function prepared(file: string): SqliteDatabase {
  const db = new Database(file);
  try {
    const isNew = db.pragma('schema_version', { simple: true }) === 0;
    if (isNew) {
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${form}`);
    } else if (
      db.pragma('application_id', { simple: true }) !== applicationId ||
      db.pragma('user_version', { simple: true }) !== form
    ) {
      throw new Error('it is no file of this release.');
    }
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = OFF');
    db.pragma('cache_size = -8192');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
