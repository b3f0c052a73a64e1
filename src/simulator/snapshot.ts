import { canonicalHash } from './wire/canonical.js';

/** Key (`locations/DE/CP1/LOC1`) → hash of the canonical form; equal hashes mean equal objects. */
export type Snapshot = Map<string, string>;

/** Hashes every object of a copy. */
export function snapshotOf(objects: Iterable<readonly [key: string, text: string]>): Snapshot {
  const snapshot: Snapshot = new Map();
  for (const [key, text] of objects) snapshot.set(key, canonicalHash(text));
  return snapshot;
}
