import { stampOf } from '../../../src/simulator/wire/stamp.js';
import type { Receipt } from '../framework/run-folder.js';

/** Something found, and when it arrived (wall clock, ms). */
export interface Found {
  readonly text: string;
  readonly at: number;
}

/** What the pushes that one partner got say about order, repetition and overlap. */
export interface ReceiptFindings {
  readonly pushes: number;
  /** Pushes older than an earlier one of the same object (P4). */
  readonly backwards: readonly string[];
  /** Pushes that repeat one which the partner had taken: same object, same `last_updated` (P7). */
  readonly repeated: readonly Found[];
  /** Pairs of pushes of one Location that were under way at the same time (P19). */
  readonly overlapping: readonly string[];
}

/** Judges the receipts of one partner. */
export async function findingsOf(receipts: AsyncIterable<Receipt>): Promise<ReceiptFindings> {
  const all: Receipt[] = [];
  for await (const receipt of receipts) all.push(receipt);
  // They are written when they end.
  all.sort((one, other) => one.i - other.i);
  const newest = new Map<string, { readonly stamp: number; readonly text: string }>();
  const taken = new Set<string>();
  const ends = new Map<string, Receipt>();
  const backwards: string[] = [];
  const repeated: Found[] = [];
  const overlapping: string[] = [];
  for (const receipt of all) {
    const earlier = ends.get(receipt.k);
    if (earlier && endOf(earlier) > receipt.at) overlapping.push(`${describe(earlier)} and ${describe(receipt)}`);
    if (!earlier || receipt.end > earlier.end) ends.set(receipt.k, receipt);
    const stamp = stampOf(receipt.u);
    // Tariffs that are deleted, and requests that were cut off, carry none.
    if (stamp === undefined) continue;
    const part = `${receipt.k}/${receipt.p}`;
    const before = newest.get(part);
    if (before && before.stamp > stamp) backwards.push(`${describe(receipt)} after ${before.text}`);
    else newest.set(part, { stamp, text: receipt.u });
    const id = `${part} ${receipt.u}`;
    if (taken.has(id)) repeated.push({ text: describe(receipt), at: receipt.w });
    if (receipt.h >= 200 && receipt.h < 300) taken.add(id);
  }
  return { pushes: all.length, backwards, repeated, overlapping };
}

/**
 * A connection that the hub has given up may be noticed only after the next request has come on another one.
 * This much is forgiven, ms; what was answered was under way until then.
 */
const noticing = 100;

const endOf = ({ h, end }: Receipt): number => (h === 0 ? end - noticing : end);

const describe = ({ i, m, k, p, u }: Receipt): string => `#${i} ${m} ${p === '' ? k : `${k}/${p}`} ${u}`;
