import { canonicalJson } from '../../../src/simulator/wire/canonical.js';
import { fromWire } from '../../../src/simulator/wire/wire-text.js';

/** `ok`: acknowledged. `fail`: certainly not taken. `unknown`: no answer; taken or not. */
export type WriteOutcome = 'ok' | 'fail' | 'unknown';

export interface Entry {
  readonly key: string;
  readonly what: string;
  /** The object as it is if the write is taken (wire text). */
  readonly after: string;
  outcome: WriteOutcome | 'open';
}

/** One object that is not as the journal allows. */
export interface Breach {
  readonly key: string;
  /** `lost`: an acknowledged write is missing; `absent`: the object itself. */
  readonly kind: 'lost' | 'absent' | 'invented';
  /** Fields that differ from the last acknowledged state. */
  readonly fields: readonly string[];
  readonly last: string;
}

/**
 * What a driver meant to write and what became of it: the intent before the request leaves, the outcome after.
 *
 * The verdict (P1): an object is as the last acknowledged write left it, or as a later write did whose answer never came.
 */
export class Journal {
  readonly entries: Entry[] = [];
  private readonly base = new Map<string, string>();
  private readonly since = new Map<string, Entry[]>();

  /** An object as it is known to be stored. */
  known(key: string, text: string): void {
    this.base.set(key, text);
    this.since.delete(key);
  }

  /** What the next change of an object builds on: its last state that may be stored. */
  present(key: string): string {
    return this.since.get(key)?.at(-1)?.after ?? this.base.get(key) ?? '';
  }

  intend(key: string, what: string, after: string): Entry {
    const entry: Entry = { key, what, after, outcome: 'open' };
    this.entries.push(entry);
    const pending = this.since.get(key) ?? [];
    pending.push(entry);
    this.since.set(key, pending);
    return entry;
  }

  settle(entry: Entry, outcome: WriteOutcome): void {
    entry.outcome = outcome;
    if (outcome === 'unknown') return;
    if (outcome === 'ok') this.known(entry.key, entry.after);
    else
      this.since.set(
        entry.key,
        (this.since.get(entry.key) ?? []).filter((one) => one !== entry),
      );
  }

  count(outcome: Entry['outcome']): number {
    return this.entries.filter((entry) => entry.outcome === outcome).length;
  }

  /** Judges stored texts by key, and takes what is stored as known from now on. */
  judge(stored: ReadonlyMap<string, string>): Breach[] {
    const breaches: Breach[] = [];
    for (const [key, last] of this.base) {
      const text = stored.get(key);
      const allowed = [last, ...(this.since.get(key) ?? []).map((entry) => entry.after)].map(canonicalJson);
      if (text === undefined) breaches.push({ key, kind: 'absent', fields: [], last: fromWire(last) });
      else if (!allowed.includes(canonicalJson(text)))
        breaches.push({ key, kind: 'lost', fields: differing(last, text), last: this.historyOf(key) });
      if (text !== undefined) this.known(key, text);
    }
    for (const key of stored.keys())
      if (!this.base.has(key)) breaches.push({ key, kind: 'invented', fields: [], last: '' });
    return breaches;
  }

  private historyOf(key: string): string {
    const recent = this.entries.filter((entry) => entry.key === key).slice(-5);
    return recent.map(({ what, outcome }) => `${what}: ${outcome}`).join('; ');
  }
}

/** Paths of the values in which two documents differ. */
export function differing(left: string, right: string, path = ''): string[] {
  return compare(JSON.parse(fromWire(left)), JSON.parse(fromWire(right)), path);
}

function compare(left: unknown, right: unknown, path: string): string[] {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return left === right ? [] : [`${path}: ${JSON.stringify(left)} → ${JSON.stringify(right)}`];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].flatMap((key) =>
    compare((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key], `${path}/${key}`),
  );
}
