import type { PullRefusal } from './pull-state.js';

/** Reasons kept; the rest is in the count of refused objects alone. */
const mostReasons = 20;

/** Counts for what reasons the objects of a list are refused. */
export class PullRefusals {
  private readonly reasons = new Map<string, { count: number; sample: string }>();

  /** @param before what an interrupted crawl had counted */
  constructor(before: readonly PullRefusal[] = []) {
    for (const { reason, count, sample } of before) this.reasons.set(reason, { count, sample });
  }

  /** @param sentence where and why, such as `/evses/0/uid: is required`; places in lists count as one */
  add(sentence: string, id: string): void {
    const reason = sentence.replace(/\/\d+(?=[/:])/g, '/*');
    const known = this.reasons.get(reason);
    if (known) known.count++;
    else if (this.reasons.size < mostReasons) this.reasons.set(reason, { count: 1, sample: id });
  }

  /** The most frequent first. */
  list(): readonly PullRefusal[] {
    return [...this.reasons].map(([reason, rest]) => ({ reason, ...rest })).sort((a, b) => b.count - a.count);
  }
}
