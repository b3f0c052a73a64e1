/**
 * The rate up to which everybody is served in full if together no more than `total` can be served: who asks for less than the
 * level gets all of it, and what is left is shared equally among the others (max-min fairness). Infinity if all fit.
 */
export function fairLevel(rates: readonly number[], total: number): number {
  const rising = [...rates].sort((a, b) => a - b);
  let left = total;
  for (const [index, rate] of rising.entries()) {
    const share = left / (rising.length - index);
    if (rate > share) return Math.max(0, share);
    left -= rate;
  }
  return Number.POSITIVE_INFINITY;
}
