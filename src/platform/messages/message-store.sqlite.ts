import { existsSync, renameSync, rmSync } from 'node:fs';
import Database, { type Database as SqliteDatabase, type Statement } from 'better-sqlite3';
import type { MessageFilter } from './message-filter.js';
import type { MessageBounds, MessagePage, MessageRow, MessageStore } from './message-store.js';
import { type MessageSource, type PartWanted, type PlacedText, searchMessages } from './search-messages.js';

export interface SqliteMessageStoreOptions extends MessageBounds {
  readonly file: string;
  /** Told in a sentence what is wrong with the file; the hub works without. */
  readonly warn: (detail: string) => void;
}

/** Marks the file as a message log of a hub ("RMSG"), in this form of its table. */
const applicationId = 0x52_4d_53_47;
const form = 1;
/** Each by itself is a look at one end of the table; together in one SELECT they would go through it all. */
const rangeOf = 'SELECT (SELECT min(id) FROM message) AS low, (SELECT max(id) FROM message) AS high';
/** Rows that are removed in one turn of the event loop. */
const slice = 500;

interface Opened {
  readonly db: SqliteDatabase;
  readonly insert: Statement<[number, string, string]>;
  readonly trim: Statement<[number, number]>;
  readonly writeAll: (rows: readonly MessageRow[]) => void;
}

/**
 * Messages in a SQLite file of their own, so that the hub's database never waits for them. Nothing is flushed to the disk: a
 * crash of the machine may cost the last moments or the whole log, never more. A file that is broken, or is something else,
 * is put aside (`.aside`).
 */
export class SqliteMessageStore implements MessageStore {
  /** What a full disk did not take now is lost: to try again would only lose what comes next. */
  readonly again = false;
  private opened: Opened | undefined;

  private constructor(private readonly options: SqliteMessageStoreOptions) {}

  /** Never throws: what cannot be opened rejects what is written, and is tried again with each sweep. */
  static open(options: SqliteMessageStoreOptions): SqliteMessageStore {
    const store = new SqliteMessageStore(options);
    store.reopen();
    return store;
  }

  write(rows: readonly MessageRow[]): void {
    this.use(({ writeAll }) => writeAll(rows));
  }

  async find(filter: MessageFilter, limit: number, before: number | undefined): Promise<MessagePage> {
    return searchMessages(this.source, filter, limit, before);
  }

  async sweep(now: number): Promise<void> {
    if (!this.opened) this.reopen();
    let removed = slice;
    while (removed === slice && this.opened) {
      removed = this.use(({ trim }) => trim.run(slice, now - this.options.keepMs)).changes;
      await new Promise(setImmediate);
    }
  }

  async close(): Promise<void> {
    this.opened?.db.close();
    this.opened = undefined;
  }

  private readonly source: MessageSource = {
    window: 5_000,
    hasIndex: false,
    range: async () => {
      const row = this.use(({ db }) => db.prepare(rangeOf).get()) as {
        low: number | null;
        high: number | null;
      };
      return row.low === null || row.high === null ? undefined : [row.low, row.high];
    },
    part: async (wanted) => this.part(wanted),
    timeBelow: async (place) =>
      this.use(
        ({ db }) =>
          db.prepare('SELECT at FROM message WHERE id < ? ORDER BY id DESC LIMIT 1').pluck().get(place) as
            | number
            | undefined,
      ),
  };

  private part({ from, below, correlationId, since, until, needles, limit }: PartWanted): readonly PlacedText[] {
    const conditions = [
      'id >= ? AND id < ? AND at >= ? AND at <= ?',
      ...(correlationId === undefined ? [] : ['correlation_id = ?']),
      ...needles.map(() => 'instr(entry, ?) > 0'),
    ].join(' AND ');
    const values = [from, below, since, until, ...(correlationId === undefined ? [] : [correlationId]), ...needles];
    return this.use(({ db }) =>
      db
        .prepare(`SELECT id AS place, entry AS text FROM message WHERE ${conditions} ORDER BY id DESC LIMIT ?`)
        .all(...values, limit),
    ) as PlacedText[];
  }

  /** Works on the file; one that turns out to be broken is replaced, and the work done on the new one. */
  private use<T>(work: (opened: Opened) => T): T {
    if (!this.opened) throw new Error('The message log cannot be used.');
    try {
      return work(this.opened);
    } catch (error) {
      if (!isBroken(error)) throw error;
      this.opened.db.close();
      this.opened = undefined;
      this.replace(error);
      const renewed: Opened | undefined = this.opened;
      if (renewed === undefined) throw error;
      return work(renewed);
    }
  }

  private reopen(): void {
    this.opened = undefined;
    try {
      this.opened = this.openOnce();
    } catch (error) {
      if (isBroken(error)) this.replace(error);
      else this.options.warn(`The message log ${this.options.file} cannot be used: ${error}`);
    }
  }

  private replace(cause: unknown): void {
    this.putAside(cause);
    try {
      this.opened = this.openOnce();
    } catch (error) {
      this.options.warn(`The message log ${this.options.file} cannot be used: ${error}`);
    }
  }

  private openOnce(): Opened {
    // Whoever else holds the file is not waited for: the event loop would stand still.
    const db = new Database(this.options.file, { timeout: 0 });
    try {
      prepare(db);
      const insert = db.prepare<[number, string, string]>(
        'INSERT INTO message (at, correlation_id, entry) VALUES (?, ?, ?)',
      );
      const cut = db.prepare<[number]>('DELETE FROM message WHERE id <= ?');
      const trim = db.prepare<[number, number]>(
        'DELETE FROM message WHERE id IN (SELECT id FROM message ORDER BY id LIMIT ?) AND at < ?',
      );
      const writeAll = db.transaction((rows: readonly MessageRow[]) => {
        let last = 0;
        for (const { at, correlationId, text } of rows)
          last = Number(insert.run(at, correlationId, text).lastInsertRowid);
        cut.run(last - this.options.entries);
      });
      return { db, insert, trim, writeAll };
    } catch (error) {
      db.close();
      throw error;
    }
  }

  private putAside(error: unknown): void {
    const { file, warn } = this.options;
    for (const suffix of ['', '-wal', '-shm'])
      try {
        rmSync(`${file}.aside${suffix}`, { force: true });
        if (existsSync(file + suffix)) renameSync(file + suffix, `${file}.aside${suffix}`);
      } catch {
        // The next attempt to open it says what is wrong.
      }
    const why = error instanceof Error ? error.message : String(error);
    warn(`The message log ${file} could not be read (${why}); it was put aside and a new one begun.`);
  }
}

/** @throws ForeignFile, or what SQLite throws */
function prepare(db: SqliteDatabase): void {
  const id = db.pragma('application_id', { simple: true });
  const version = db.pragma('user_version', { simple: true });
  const tables = db.prepare('SELECT count(*) FROM sqlite_master').pluck().get();
  if (tables !== 0 && (id !== applicationId || version !== form)) throw new ForeignFile('it is not a message log');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = OFF');
  db.pragma('trusted_schema = OFF');
  db.pragma('cache_size = -8192');
  // Little at a time: the event loop stands still while the log is folded into the file.
  db.pragma('wal_autocheckpoint = 1000');
  db.pragma('journal_size_limit = 33554432');
  if (tables !== 0) return;
  // No index: it would cost twice what all the rest does, and to go through 200,000 entries takes a third of a second.
  db.exec(`CREATE TABLE message (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, correlation_id TEXT NOT NULL, entry TEXT NOT NULL);
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${form};`);
}

class ForeignFile extends Error {}

function isBroken(error: unknown): boolean {
  if (error instanceof ForeignFile) return true;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  // A statement that no longer fits the tables means that somebody has changed them.
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_ERROR';
}
