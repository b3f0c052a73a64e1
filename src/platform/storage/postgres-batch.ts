import type { ModuleId } from '../../kernel/module-id.js';
import type { ChangeKind } from './change-feed.js';
import type { DocumentDecision, DocumentKey, StoredDocument, WriteContext } from './document-table.js';
import { joinPatch, type PlacedChange } from './patch-joining.js';
import { plainArray, textArray } from './postgres-array.js';
import { encodeId, encodeKey, plainText } from './postgres-keys.js';

/** A document as it is read for a change. */
export interface ReadDocument extends StoredDocument {
  /** When it or something inside last changed, ms since the epoch. */
  readonly changedAt: number;
  /** Place of its newest change; above all others where a job of this batch has written it. */
  readonly version: number;
}

/** One write that waits for its batch. */
export interface WriteJob {
  readonly module: ModuleId;
  readonly key: DocumentKey;
  readonly context: WriteContext;
  /** False: `decide` does not look at the document's text, which then need not be read. */
  readonly reads: boolean;
  readonly decide: (current: ReadDocument | undefined) => DocumentDecision<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** When it is given up, as told by performance.now(). */
  readonly deadline: number;
}

/** Places that this batch takes lie above every place that a database has given out, in their order. */
const ahead = 2 ** 52;

interface Change extends PlacedChange {
  readonly kind: ChangeKind;
  readonly context: WriteContext;
}

/** What becomes of the row: I(nserted), U(pdated), D(eleted), R(eplaced by a new row), N(one: it came and went). */
type Fate = 'I' | 'U' | 'D' | 'R' | 'N';

/** A document with all jobs of a batch that concern it. */
export class Slot {
  readonly jobs: WriteJob[] = [];
  readonly outcomes: (() => void)[] = [];
  readonly laneKey: string;
  /** Newest changes of the document and of what is inside, by object. */
  readonly changes = new Map<string, Change>();
  readonly places: number[] = [];
  version = 0;
  current: ReadDocument | undefined;
  private renewed = false;
  oddities: string | null | undefined;
  wholeTold = false;

  constructor(
    readonly module: ModuleId,
    readonly key: DocumentKey,
  ) {
    this.laneKey = `${module}/${encodeKey(key.key)}`;
  }

  get touched(): boolean {
    return this.places.length > 0;
  }

  get fate(): Fate {
    if (this.current === undefined) return this.version === 0 ? 'N' : 'D';
    if (this.version === 0) return 'I';
    return this.renewed ? 'R' : 'U';
  }

  /** What the number of its owner's documents changes by. */
  get delta(): number {
    return (this.current ? 1 : 0) - (this.version === 0 ? 0 : 1);
  }

  /** Lets a job decide on what the jobs before it left. */
  run(job: WriteJob, place: number): void {
    let decision: DocumentDecision<unknown>;
    try {
      decision = job.decide(this.current);
    } catch (error) {
      this.outcomes.push(() => job.reject(error));
      return;
    }
    const { result } = decision;
    this.outcomes.push(() => job.resolve(result));
    if (decision.kind === 'keep' || (decision.kind === 'remove' && !this.current)) return;
    if (decision.kind === 'remove') {
      this.current = undefined;
      this.renewed = true;
      this.oddities = undefined;
    } else {
      const { document, lastUpdated, oddities } = decision;
      const changedAt = Math.max(this.current?.changedAt ?? 0, job.context.now);
      this.current = { document, lastUpdated, changedAt, version: place };
      if (oddities) this.oddities = oddities.length > 0 ? storedOddities(oddities) : null;
    }
    this.record(decision.news, job.context, place);
  }

  private record(
    news: { kind: ChangeKind; object?: string; patch?: string },
    context: WriteContext,
    seq: number,
  ): void {
    const object = news.object === undefined ? this.laneKey : `${this.module}/${encodeKey(news.object)}`;
    const { kind } = news;
    const joined = joinPatch(news, this.changes.get(object), this.changes.get(this.laneKey));
    if (object === this.laneKey && kind !== 'PATCH') {
      // What is told whole carries everything below it.
      this.changes.clear();
      this.wholeTold = true;
    }
    this.changes.set(object, { seq, kind, context, ...joined });
    this.places.push(seq);
  }
}

/** Jobs that are decided together on what was read, and become one call of the writing function. */
export class Batch {
  readonly slots: Slot[] = [];
  private readonly byKey = new Map<string, Slot>();

  constructor(readonly jobs: readonly WriteJob[]) {
    for (const job of jobs) {
      const name = `${job.module}/${job.key.key}`;
      let slot = this.byKey.get(name);
      if (!slot) {
        slot = new Slot(job.module, job.key);
        this.byKey.set(name, slot);
        this.slots.push(slot);
      }
      slot.jobs.push(job);
    }
  }

  /** What the reading statement is asked. */
  questions(): readonly unknown[] {
    return [
      textArray(this.slots.map((slot) => slot.module)),
      textArray(this.slots.map((slot) => encodeKey(slot.key.key))),
      plainArray(this.slots.map((slot) => slot.jobs.some((job) => job.reads))),
      textArray(this.slots.map((slot) => slot.laneKey)),
    ];
  }

  /** Takes in what was read. */
  answer(rows: readonly ReadRow[]): void {
    for (const row of rows) {
      const slot = this.slots[row.at - 1];
      if (!slot) continue;
      if (row.object === null) {
        slot.version = row.version;
        const { version, text, number, changed_at } = row;
        slot.current = { document: text ?? '', lastUpdated: number ?? 0, changedAt: changed_at ?? 0, version };
      } else {
        const change = { seq: row.version, kind: row.kind ?? 'PUT', patch: row.text, patchBase: row.number };
        slot.changes.set(row.object, { ...change, context: unused });
      }
    }
  }

  /** Lets all jobs decide, in the order in which they came. */
  decide(): void {
    for (const [index, job] of this.jobs.entries())
      this.byKey.get(`${job.module}/${job.key.key}`)?.run(job, ahead + 1 + index);
  }
}

/** What stands in for the context of a change that was read: it is never written again. */
const unused: WriteContext = { correlationId: '', now: 0 };

/** A document (`object` is null) or a change of it or of something inside, for the slot number `at`. */
export interface ReadRow {
  at: number;
  object: string | null;
  version: number;
  /** `last_updated`, or the patch's base. */
  number: number | null;
  changed_at: number | null;
  kind: ChangeKind | null;
  /** The document, or the patch. */
  text: string | null;
}

/** Reads documents and the changes in and below them, as of one moment. */
export const readStatement = `
SELECT w.at::INTEGER AS at, NULL AS object, d.version, d.last_updated AS number, d.changed_at, NULL AS kind,
    CASE WHEN w.reads THEN d.document END AS text
  FROM unnest($1::TEXT[], $2::TEXT[], $3::BOOLEAN[]) WITH ORDINALITY AS w (module, key, reads, at)
  JOIN document d ON d.module = w.module AND d.key = w.key
UNION ALL
SELECT w.at::INTEGER, c.object, c.seq, c.patch_base, NULL, c.kind, c.patch
  FROM unnest($3::BOOLEAN[], $4::TEXT[]) WITH ORDINALITY AS w (reads, lane_key, at)
  JOIN object_change c ON c.object = w.lane_key WHERE w.reads
UNION ALL
SELECT w.at::INTEGER, c.object, c.seq, c.patch_base, NULL, c.kind, c.patch
  FROM unnest($3::BOOLEAN[], $4::TEXT[]) WITH ORDINALITY AS w (reads, lane_key, at)
  JOIN object_change c
    ON c.object > (w.lane_key || '/') COLLATE "C" AND c.object < (w.lane_key || '0') COLLATE "C" WHERE w.reads`;

export const writeStatement = `SELECT top, stale FROM roamhub_write(${Array.from({ length: 27 }, (_, n) => `$${n + 1}`).join(', ')})`;

/** The parameters of {@link writeStatement} for some slots of a batch, all of them touched. */
export function writeValues(slots: readonly Slot[]): readonly unknown[] {
  const places = slots.flatMap((slot) => slot.places).sort((a, b) => a - b);
  const rank = new Map(places.map((place, index) => [place, index + 1]));
  const texts = (value: (slot: Slot) => string | null): Buffer => textArray(slots.map(value));
  const numbers = (value: (slot: Slot) => number | boolean | null): string => plainArray(slots.map(value));
  const counted = slots.filter((slot) => slot.delta !== 0);
  const changes = slots.flatMap((slot) =>
    [...slot.changes].filter(([, change]) => change.seq > ahead).map(([object, change]) => ({ slot, object, change })),
  );
  const inBatch = (base: number | null): boolean => base !== null && base > ahead;
  return [
    places.length,
    texts((slot) => slot.module),
    texts((slot) => encodeKey(slot.key.key)),
    texts((slot) => encodeId(slot.key.id)),
    texts((slot) => encodeKey(slot.key.owner)),
    numbers((slot) => slot.version),
    texts((slot) => slot.fate),
    numbers((slot) => rank.get(slot.places.at(-1) ?? 0) ?? null),
    numbers((slot) => slot.current?.lastUpdated ?? null),
    numbers((slot) => slot.current?.changedAt ?? null),
    numbers((slot) => slot.oddities !== undefined),
    texts((slot) => slot.oddities ?? null),
    texts((slot) => slot.current?.document ?? null),
    ...countValues(counted),
    textArray(slots.filter((slot) => slot.wholeTold).map((slot) => slot.laneKey)),
    plainArray(changes.map(({ change }) => rank.get(change.seq) ?? null)),
    textArray(changes.map(({ object }) => object)),
    textArray(changes.map(({ slot }) => slot.laneKey)),
    textArray(changes.map(({ slot }) => encodeKey(slot.key.owner))),
    textArray(changes.map(({ change }) => change.kind)),
    textArray(changes.map(({ change }) => change.patch)),
    plainArray(changes.map(({ change }) => (inBatch(change.patchBase) ? null : change.patchBase))),
    plainArray(changes.map(({ change }) => rank.get(change.patchBase ?? 0) ?? null)),
    textArray(changes.map(({ change }) => plainText(change.context.correlationId))),
    plainArray(changes.map(({ change }) => change.context.now)),
  ];
}

function countValues(slots: readonly Slot[]): readonly [Buffer, Buffer, string] {
  const sums = new Map<string, { slot: Slot; delta: number }>();
  for (const slot of slots) {
    const name = `${slot.module}/${slot.key.owner}`;
    const sum = sums.get(name);
    sums.set(name, { slot, delta: (sum?.delta ?? 0) + slot.delta });
  }
  const all = [...sums.values()];
  return [
    textArray(all.map(({ slot }) => slot.module)),
    textArray(all.map(({ slot }) => encodeKey(slot.key.owner))),
    plainArray(all.map(({ delta }) => delta)),
  ];
}

function storedOddities(oddities: readonly { rule: string; pointer: string; message: string }[]): string {
  return JSON.stringify(
    oddities.map(({ rule, pointer, message }) => ({
      rule: plainText(rule),
      pointer: plainText(pointer),
      message: plainText(message),
    })),
  );
}
