import { canonicalJson } from '../../../src/simulator/wire/canonical.js';
import { membersAt, stringMember } from '../../../src/simulator/wire/json-scan.js';
import { mergeObject, partOf, patchPart, putPart } from '../../../src/simulator/wire/merge.js';
import { stampOf } from '../../../src/simulator/wire/stamp.js';
import { differing } from '../../support/e2e/journal.js';
import type { JournalRecord } from '../framework/journal-file.js';

type Intent = Extract<JournalRecord, { t: 'intent' }>;

/** One object that is not as the journal allows. */
export interface Breach {
  readonly key: string;
  /** `lost`: a write that was acknowledged is missing, wholly or in part. `impossible`: an acknowledgement of what cannot have been done. */
  readonly kind: 'lost' | 'absent' | 'invented' | 'impossible';
  /** Fields that differ from what should be there. */
  readonly fields: readonly string[];
  /** The last writes of the object. */
  readonly history: string;
}

/** A state in which an object may be, and which unanswered writes are in it. */
interface Possible {
  readonly text: string;
  readonly taken: ReadonlySet<number>;
}

interface KeyState {
  possible: Possible[];
  /** Writes without an answer, oldest first: each may be in the store, now or later. */
  unanswered: Intent[];
  history: string[];
}

/** More states than this mean that the driver did not do as it should. */
const tooMany = 2_000;

/**
 * Follows a journal and knows in which states each object may be: after every acknowledged write, and with or without each
 * write whose answer never came. Applies the writes itself, to the documents' text.
 */
export class Replay {
  acks = 0;
  unknown = 0;
  failed = 0;
  readonly breaches: Breach[] = [];
  private readonly keys = new Map<string, KeyState>();
  private readonly open = new Map<number, Intent>();

  take(record: JournalRecord): void {
    if (record.t === 'known') this.know(record.k, record.d);
    else if (record.t === 'intent') this.open.set(record.n, record);
    else if (record.t === 'outcome') this.settle(record);
  }

  /** Compares with what the hub holds; from then on that is what is known. */
  compare(stored: ReadonlyMap<string, string>): void {
    // Whoever never told an outcome has none.
    for (const intent of [...this.open.values()]) {
      this.open.delete(intent.n);
      this.leaveOpen(intent);
    }
    for (const [key, state] of this.keys) {
      const text = stored.get(key);
      if (text === undefined) {
        this.breach(key, state, 'absent', []);
        continue;
      }
      const wanted = canonicalJson(text);
      const states = closure(state);
      if (!states.some((one) => canonicalJson(one.text) === wanted)) {
        const nearest = states.map((one) => differing(one.text, text, '')).sort((a, b) => a.length - b.length)[0];
        this.breach(key, state, 'lost', nearest ?? []);
      }
      this.know(key, text);
    }
    for (const key of stored.keys())
      if (!this.keys.has(key)) this.breaches.push({ key, kind: 'invented', fields: [], history: '' });
  }

  private know(key: string, text: string): void {
    const history = this.keys.get(key)?.history ?? [];
    this.keys.set(key, { possible: [{ text, taken: new Set() }], unanswered: [], history });
  }

  private settle({ n, r, why }: Extract<JournalRecord, { t: 'outcome' }>): void {
    const intent = this.open.get(n);
    if (!intent) return;
    this.open.delete(n);
    if (r === 'unknown') this.leaveOpen(intent, why);
    else if (r === 'fail') {
      this.failed += 1;
      this.tell(intent, `fail ${why ?? ''}`);
    } else this.acknowledge(intent);
  }

  private leaveOpen(intent: Intent, why = 'no outcome'): void {
    this.unknown += 1;
    this.tell(intent, `unknown ${why}`);
    const state = this.keys.get(intent.k);
    // The same write sent again is one write.
    if (state && !state.unanswered.some((one) => isSame(one, intent))) state.unanswered.push(intent);
  }

  private acknowledge(intent: Intent): void {
    this.acks += 1;
    this.tell(intent, 'ok');
    const state = this.keys.get(intent.k);
    if (!state) {
      this.know(intent.k, intent.b);
      return;
    }
    const next = closure(state).flatMap(({ text, taken }) => {
      const applied = apply(text, intent);
      return applied === undefined ? [] : [{ text: applied, taken }];
    });
    if (next.length === 0) this.breach(intent.k, state, 'impossible', []);
    else state.possible = distinct(next);
    state.unanswered = state.unanswered.filter((one) => !isSame(one, intent));
  }

  private tell(intent: Intent, outcome: string): void {
    const history = this.keys.get(intent.k)?.history;
    history?.push(`${intent.m} ${intent.p.join('/')} ${intent.b.slice(0, 100)}: ${outcome}`);
    if (history && history.length > 6) history.shift();
  }

  private breach(key: string, state: KeyState, kind: Breach['kind'], fields: readonly string[]): void {
    this.breaches.push({ key, kind, fields: fields.slice(0, 10), history: state.history.join('; ') });
  }
}

const isSame = (one: Intent, other: Intent): boolean =>
  one.m === other.m && one.b === other.b && one.p.join('/') === other.p.join('/');

/** The states in which an object may be if any of the unanswered writes were taken, in the order in which they were sent. */
function closure({ possible, unanswered }: KeyState): Possible[] {
  let states = possible;
  for (const intent of unanswered) {
    const more = states.flatMap((state) => {
      if (state.taken.has(intent.n)) return [];
      const text = apply(state.text, intent);
      return text === undefined ? [] : [{ text, taken: new Set([...state.taken, intent.n]) }];
    });
    states = distinct([...states, ...more]);
    if (states.length > tooMany) throw new Error(`too many unanswered writes of ${intent.k}`);
  }
  return states;
}

function distinct(states: readonly Possible[]): Possible[] {
  const byText = new Map<string, Possible>();
  for (const state of states) {
    const id = `${[...state.taken].sort().join(',')}\n${state.text}`;
    byText.set(id, state);
  }
  return [...byText.values()];
}

/** The document after a write; undefined if the write cannot be done. What is older than what is there changes nothing. */
function apply(text: string, { m, p, b, s }: Intent): string | undefined {
  const present = p.length === 0 ? text : partOf(text, p);
  const before = present && stampOf(stringMember(present, membersAt(present, 0) ?? [], 'last_updated'));
  const stamp = stampOf(s);
  if (before !== undefined && stamp !== undefined && Number(before) > stamp) return text;
  if (p.length === 0) return m === 'PUT' ? b : mergeObject(text, b);
  const change = m === 'PUT' ? putPart(text, p, b, s) : patchPart(text, p, b, s);
  return change.kind === 'missing' ? undefined : change.text;
}
