import Database from 'better-sqlite3';
import { codeOf, StorageRefusal } from './storage-error.js';

/**
 * Holds the right to use a SQLite file for the life of this process; returns how to give it back.
 *
 * The lock is one of the operating system's on a file beside the database (SQLite's own exclusive lock on an empty database):
 * it vanishes with the process, however that ends, so there is no stale lock file to judge after a crash and no
 * process id to mistake for another container's.
 *
 * @throws StorageRefusal if another process holds it.
 */
export function lockDatabaseFile(file: string): () => void {
  const lock = new Database(`${file}.lock`, { timeout: 0 });
  try {
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (codeOf(error) === 'SQLITE_BUSY')
      throw new StorageRefusal(`The database ${file} is in use by another hub process; stop that one first.`);
    throw error;
  }
  return () => lock.close();
}
