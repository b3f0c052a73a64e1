import type { MessageEntry } from './message-entry.js';
import { fits, type MessageFilter, needlesOf } from './message-filter.js';
import type { LoggedMessage, MessagePage } from './message-store.js';

/** A part of the log that a database is asked for, newest first. */
export interface PartWanted {
  /** Places from `from` (included) to `below` (not included). */
  readonly from: number;
  readonly below: number;
  readonly correlationId: string | undefined;
  readonly since: number;
  readonly until: number;
  /** Texts that are all in the entry's JSON. */
  readonly needles: readonly string[];
  readonly limit: number;
}

export interface PlacedText {
  readonly place: number;
  readonly text: string;
}

/** A log that can be read in parts. */
export interface MessageSource {
  /** The lowest and the highest place; undefined for an empty log. */
  range(): Promise<readonly [number, number] | undefined>;
  part(wanted: PartWanted): Promise<readonly PlacedText[]>;
  /** When the newest entry below a place was made. */
  timeBelow(place: number): Promise<number | undefined>;
  /** How many places are gone through at once. */
  readonly window: number;
  /** Whether a correlation id is found by an index, wherever it stands. */
  readonly hasIndex: boolean;
}

/** A search that takes longer gives what it has, and how to go on, ms. */
const patienceMs = 3_000;
/** Entries of several nodes are not quite in the order of time, ms. */
const disorderMs = 120_000;

/**
 * Goes through a log from its newest entry, a part at a time, so that neither database nor event loop is held for long. A
 * correlation id is found by an index where there is one; everything else is sought entry by entry.
 */
export async function searchMessages(
  source: MessageSource,
  filter: MessageFilter,
  limit: number,
  before: number | undefined,
  patience: number = patienceMs,
): Promise<MessagePage> {
  const range = await source.range();
  if (!range) return { items: [], next: undefined };
  const [oldest, newest] = range;
  const { correlationId, since = 0, until = Number.MAX_SAFE_INTEGER } = filter;
  const needles = needlesOf(filter);
  const items: LoggedMessage[] = [];
  const endsAt = performance.now() + patience;
  let below = Math.min(before ?? Number.MAX_SAFE_INTEGER, newest + 1);
  while (below > oldest) {
    if (performance.now() > endsAt) return { items, next: below };
    const byIndex = correlationId !== undefined && source.hasIndex;
    const from = !byIndex ? Math.max(oldest, below - source.window) : oldest;
    const asked = Math.min(limit, 500);
    const part = await source.part({ from, below, correlationId, since, until, needles, limit: asked });
    for (const { place, text } of part) {
      const entry = JSON.parse(text) as MessageEntry;
      if (!fits(entry, filter)) continue;
      items.push({ ...entry, place });
      if (items.length === limit) return { items, next: place > oldest ? place : undefined };
    }
    below = part.length === asked ? (part.at(-1)?.place ?? from) : from;
    if (since > 0 && below > oldest) {
      const time = await source.timeBelow(below);
      if (time === undefined || time < since - disorderMs) break;
    }
    await new Promise(setImmediate);
  }
  return { items, next: undefined };
}
