import type { MessageEntry } from './message-entry.js';
import type { MessageFilter } from './message-filter.js';

/** An entry as it is written. */
export interface MessageRow {
  readonly at: number;
  readonly correlationId: string;
  /** The entry as JSON. */
  readonly text: string;
}

/** An entry with its place; a newer one has a higher place. */
export interface LoggedMessage extends MessageEntry {
  readonly place: number;
}

export interface MessagePage {
  /** Newest first. */
  readonly items: readonly LoggedMessage[];
  /** `before` of the next page; undefined: there is nothing older. There may be a next page after an empty one. */
  readonly next: number | undefined;
}

/** How much is kept. */
export interface MessageBounds {
  readonly keepMs: number;
  readonly entries: number;
}

/** Where messages are kept. What it cannot keep it rejects; the log counts that. */
export interface MessageStore {
  /** Writes all or none. Fails with whatever went wrong. */
  write(rows: readonly MessageRow[]): Promise<void> | void;
  /** Whether what `write` rejected may be handed in once more later. */
  readonly again: boolean;
  find(filter: MessageFilter, limit: number, before: number | undefined): Promise<MessagePage>;
  /** Removes what is too old or too much; to be called now and then. */
  sweep(now: number): Promise<void>;
  close(): Promise<void>;
}
