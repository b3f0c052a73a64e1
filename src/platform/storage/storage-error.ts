import { StartRefusal } from '../../kernel/start-refusal.js';

/**
 * The database cannot be written or read at the moment: disk full, I/O error, read-only file.
 * Nothing of the work was stored; the caller answers 503 and the hub goes on trying (P9).
 */
export class StorageUnavailable extends Error {
  constructor(cause: unknown) {
    super('The database cannot be used at the moment.', { cause });
    this.name = 'StorageUnavailable';
  }
}

/** A reason not to start, as one plain sentence for the operator. */
export class StorageRefusal extends StartRefusal {
  constructor(sentence: string) {
    super([sentence]);
    this.name = 'StorageRefusal';
  }
}

const faultCodes = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|BUSY|LOCKED)/;

/** Whether an error tells of the storage as a whole, not of the one statement. */
export function isStorageFault(error: unknown): boolean {
  return faultCodes.test(codeOf(error));
}

/** SQLite's code of an error such as `SQLITE_BUSY`, or '' if it has none. The driver's errors may come from another realm. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
