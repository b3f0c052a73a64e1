import { canonicalHash } from '../../../src/simulator/wire/canonical.js';
import type { Execution } from '../framework/command-partner.js';
import type { JournalRecord } from '../framework/journal-file.js';
import type { Charge, Figure, Limit, Receipt, RunFolder } from '../framework/run-folder.js';
import { median, percentile, rounded } from '../framework/statistics.js';
import { commandFindings } from './commands.js';
import { type Found, findingsOf, type ReceiptFindings } from './receipts.js';
import { Replay } from './replay.js';

/** One row of the table. */
export interface Line {
  readonly promise: string;
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  /** undefined: told, not judged. */
  readonly holds: boolean | undefined;
  /** Examples of what is wrong. */
  readonly examples: readonly string[];
}

/** What came of a run. */
export interface Verdict {
  readonly lines: readonly Line[];
  readonly holds: boolean;
}

const shown = 5;

/**
 * Judges a run from its files alone: journal, lists of the hub, copies and receipts of the partners, figures. Knows nothing of
 * the driver, and can be asked again at any time.
 */
export async function judge(run: RunFolder): Promise<Verdict> {
  const charge = run.readJson<Charge>('charge.json');
  const lines = [
    ...(await journalLines(run, charge)),
    ...(await copyLines(run, charge)),
    ...(await receiptLines(run, charge)),
    ...(await commandLines(run, charge)),
    ...(run.has('figures.json') ? run.readJson<Figure[]>('figures.json').map(figureLine) : []),
  ];
  const judged = lines.filter(({ holds }) => holds !== undefined);
  return { lines, holds: judged.length > 0 && judged.every(({ holds }) => holds === true) };
}

async function journalLines(run: RunFolder, { journal }: Charge): Promise<Line[]> {
  if (!journal) return [];
  const replay = new Replay();
  let checkpoints = 0;
  for await (const record of run.readLines<JournalRecord>('journal.ndjson')) {
    if (record.t !== 'stored') replay.take(record);
    else {
      checkpoints += 1;
      replay.compare(await run.readHeld(record.file));
    }
  }
  const { promise, acksAtLeast } = journal;
  const { acks, unknown, failed, breaches } = replay;
  const examples = breaches.map(
    ({ key, kind, fields, history }) => `${kind} ${key}: ${fields.join(', ')} [${history}]`,
  );
  return [
    {
      ...line(promise, 'acknowledged writes lost, field by field', { equals: 0 }, breaches.length),
      measured: `${breaches.length} (${unknown} without an answer, ${failed} refused)`,
      examples: examples.slice(0, shown),
    },
    line(promise, 'acknowledged writes', { at_least: acksAtLeast }, acks),
    line(promise, "readings of the hub's whole list", { at_least: 1 }, checkpoints),
  ];
}

async function copyLines(run: RunFolder, { copies = [] }: Charge): Promise<Line[]> {
  if (copies.length === 0) return [];
  const hub = await run.readHeld('hub/last.ndjson');
  const hashes = new Map([...hub].map(([key, text]) => [key, canonicalHash(text)]));
  const wrong: string[] = [];
  for (const partner of copies) {
    const copy = await run.readHeld(`copies/${partner}.ndjson`);
    for (const [key, hash] of hashes) {
      const text = copy.get(key);
      if (text === undefined) wrong.push(`${partner} lacks ${key}`);
      else if (canonicalHash(text) !== hash) wrong.push(`${partner} differs in ${key}`);
    }
    for (const key of copy.keys()) if (!hashes.has(key)) wrong.push(`${partner} has ${key}, the hub has not`);
  }
  const what = `objects in which ${copies.length} copies differ from the hub (${hub.size} objects)`;
  return [
    { ...line('P3', what, { equals: 0 }, wrong.length), examples: wrong.slice(0, shown) },
    ...(hub.size === 0 ? [line('P3', 'objects of the hub', { at_least: 1 }, 0)] : []),
  ];
}

async function receiptLines(run: RunFolder, charge: Charge): Promise<Line[]> {
  const { order = [], duplicates, overlaps = [], pushesAtLeast = 1 } = charge;
  const findings = new Map<string, ReceiptFindings>();
  for (const partner of new Set([...order, ...(duplicates?.partners ?? []), ...overlaps]))
    findings.set(partner, await findingsOf(run.readLines<Receipt>(`receipts/${partner}.ndjson`)));
  const gather = (partners: readonly string[], pick: (one: ReceiptFindings) => readonly string[]): string[] =>
    partners.flatMap((partner) => {
      const found = findings.get(partner);
      return found ? pick(found).map((text) => `${partner}: ${text}`) : [];
    });
  const lines: Line[] = [];
  if (order.length > 0) {
    const found = gather(order, ({ backwards }) => backwards);
    const pushes = order.reduce((sum, partner) => sum + (findings.get(partner)?.pushes ?? 0), 0);
    lines.push(
      {
        ...line('P4', 'pushes with which time went backwards', { equals: 0 }, found.length),
        examples: found.slice(0, shown),
      },
      line('P4', 'pushes looked at', { at_least: pushesAtLeast }, pushes),
    );
  }
  if (duplicates) {
    const { partners, atMost } = duplicates;
    const marks = await marksOf(run);
    const counts = partners.flatMap((partner) => perSpan(findings.get(partner)?.repeated ?? [], marks));
    const found = gather(partners, ({ repeated }) => repeated.map(({ text }) => text));
    const between = marks.length > 1 ? ' from one mark to the next' : '';
    const what = `pushes repeated, most to one of ${partners.length} healthy partners${between}`;
    lines.push({
      ...line('P7', what, { at_most: atMost }, Math.max(...counts)),
      measured: `${Math.max(...counts)} (${found.length} in all)`,
      examples: found.slice(0, shown),
    });
  }
  if (overlaps.length > 0) {
    const found = gather(overlaps, ({ overlapping }) => overlapping);
    const what = 'pushes of one Location under way at the same time';
    lines.push({ ...line('P19', what, { equals: 0 }, found.length), examples: found.slice(0, shown) });
  }
  return lines;
}

/** Shared machines stop a process for longer than the promise allows the hub; then the slowest of all says nothing of the hub. */
const promisedMs = 250;
const stallMs = 2_000;

async function commandLines(run: RunFolder, { commands }: Charge): Promise<Line[]> {
  if (!commands) return [];
  const { atLeast, settledAt, limitMs } = commands;
  const found = await commandFindings(run.readLines('commands.ndjson'), run.readLines('executions.ndjson'));
  const unasked: string[] = [];
  for await (const { c, at } of run.readLines<Execution>('executions.ndjson')) if (at > settledAt) unasked.push(c);
  const none = (what: string, examples: readonly string[]): Line => ({
    ...line('P10', what, { equals: 0 }, examples.length),
    examples: examples.slice(0, shown),
  });
  const slow = `answer for the slow CPO, limit ${limitMs} ms`;
  const within = { at_most: limitMs + promisedMs };
  const enough = found.slowMs.length >= 500;
  return [
    line('P10', 'commands answered', { at_least: atLeast }, found.commands),
    none('commands carried out more than once', found.doubled),
    none('request ids of the hub that came more than once', found.reused),
    none('answers that are not in the table', found.wrong),
    none('answers that do not fit what the CPO did', found.untrue),
    none('commands whose repetition was answered otherwise', found.differing),
    none('carried out after the answer', found.late),
    none('carried out after all was answered and the hub started again', unasked),
    line('P10', `${slow}: median`, within, median(found.slowMs), 'ms'),
    // Of a few, one that was held up is the p99.
    line(
      'P10',
      `${slow}: p99 of ${found.slowMs.length}`,
      enough ? within : undefined,
      percentile(found.slowMs, 0.99),
      'ms',
    ),
    // Whoever waits for a connection uses up the time that is meant for the receiver.
    line(
      'P10',
      'commands for the slow CPO, time until it had them: median',
      { at_most: promisedMs },
      median(found.wayMs),
      'ms',
    ),
    line('P10', `${slow}: longest`, { at_most: limitMs + stallMs }, Math.max(...found.slowMs), 'ms'),
    ...[...found.counts].sort().map(([name, count]) => line('', `answers: ${name}`, undefined, count)),
  ];
}

/** When something was marked in the journal, ms; the beginning of time first. */
async function marksOf(run: RunFolder): Promise<number[]> {
  const marks = [0];
  if (!run.has('journal.ndjson')) return marks;
  for await (const record of run.readLines<JournalRecord>('journal.ndjson'))
    if (record.t === 'mark') marks.push(record.at);
  return marks;
}

/** How many there are between each mark and the next. */
function perSpan(found: readonly Found[], marks: readonly number[]): number[] {
  return marks.map((from, index) => {
    const to = marks[index + 1] ?? Number.POSITIVE_INFINITY;
    return found.filter(({ at }) => at >= from && at < to).length;
  });
}

function figureLine({ promise, what, value, unit = '', limit, detail }: Figure): Line {
  const told = line(promise, what, limit, value, unit);
  return detail === undefined ? told : { ...told, examples: [detail] };
}

function line(promise: string, what: string, limit: Limit | undefined, value: number | null, unit = ''): Line {
  const measured = value === null || !Number.isFinite(value) ? 'nothing' : `${rounded(value)} ${unit}`.trim();
  // What could not be measured does not hold.
  const holds = limit && (value === null ? false : reaches(value, limit));
  return { promise, what, wanted: limit ? `${describe(limit)} ${unit}`.trim() : '', measured, holds, examples: [] };
}

function reaches(value: number, limit: Limit): boolean {
  if ('at_most' in limit) return value <= limit.at_most;
  if ('at_least' in limit) return value >= limit.at_least;
  return value === limit.equals;
}

function describe(limit: Limit): string {
  if ('at_most' in limit) return `≤ ${limit.at_most}`;
  if ('at_least' in limit) return `≥ ${limit.at_least}`;
  return String(limit.equals);
}
