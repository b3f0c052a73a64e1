import type { AcknowledgedMemory } from './acknowledged-memory.js';
import type { FeedEntry } from './feed-entry.js';

export type MessageChoice =
  /** The receiver holds this state already: it came with something sent whole from a later moment. */
  | { readonly kind: 'held' }
  /** Only what changed. */
  | { readonly kind: 'patch'; readonly patch: string }
  /** The whole object as it is now, from a read that began when the head stood at `readFrom` or later. */
  | { readonly kind: 'whole'; readonly readFrom: number };

export type ChooseMessage = (entry: FeedEntry, memory: AcknowledgedMemory) => MessageChoice;

const held: MessageChoice = { kind: 'held' };

/**
 * Which message brings a receiver to the state of a row.
 *
 * A patch only if this receiver is remembered to hold a state from which the patch leads there, and if nothing of the
 * Location was sent from a later moment than the row's: a patch tells of its row's moment. Choosing by the lane's cursor
 * instead leaves receivers wrong (the lane model shows it). Spec: L-34, reliability 3.4.4.
 */
export function chooseMessage(entry: FeedEntry, memory: AcknowledgedMemory): MessageChoice {
  const { row, laneKey } = entry;
  const place = memory.placeOf(entry.key, laneKey);
  if (place !== undefined && place >= row.seq) return held;
  const latest = memory.latestOf(laneKey);
  const leadsThere = place !== undefined && row.patchBase !== undefined && place >= row.patchBase;
  if (row.kind === 'PATCH' && row.patch !== undefined && leadsThere && row.seq > latest)
    return { kind: 'patch', patch: row.patch };
  return { kind: 'whole', readFrom: latest };
}
