import type { AcknowledgedMemory } from './acknowledged-memory.js';
import type { ChooseMessage } from './choose-message.js';
import type { FeedEntry, Rendered } from './feed-entry.js';
import type { Verdict } from './outcome.js';
import type { PushItem } from './ports.js';

/** Modules whose objects can be deleted at a receiver (TA-02); Locations cannot (L-06). */
export const deletable: ReadonlySet<string> = new Set(['tariffs']);

export type PushMethod = 'PUT' | 'PATCH' | 'DELETE';

/** What one object and one receiver need. */
export interface PushPorts {
  readonly choose: ChooseMessage;
  head(): number;
  /** The object, for its path alone. */
  locate(entry: FeedEntry): PushItem | undefined | Promise<PushItem | undefined>;
  /** The object as it is now, or as it was read when the head stood at `readFrom` or later. */
  render(entry: FeedEntry, readFrom: number): Rendered | Promise<Rendered>;
  /** What the entry's object belongs to, as it is now. */
  readNow(entry: FeedEntry, read: () => Promise<PushItem | undefined>): Promise<Rendered>;
  /** Makes the call and judges its outcome. */
  send(entry: FeedEntry, method: PushMethod, path: string, body: string | undefined): Promise<Verdict>;
}

export type PushResult =
  /** The receiver holds this state now, or there is nothing to hold. */
  | {
      readonly kind: 'done';
      readonly sent: boolean;
      /** It was a whole Location or Tariff. */
      readonly whole: boolean;
      /** The state that was acknowledged, as a place; 0 if nothing was sent. */
      readonly place: number;
    }
  | Exclude<Verdict, { kind: 'success' }>;

const held: PushResult = { kind: 'done', sent: false, whole: false, place: 0 };

function delivered(place: number, whole: boolean): PushResult {
  return { kind: 'done', sent: true, whole, place };
}

/**
 * Brings one receiver to the present state of one object, in at most three calls: the patch; where that finds nothing to patch,
 * the whole object (T-28); where that finds no Location to put it into, the whole Location.
 *
 * What was learnt is noted in `memory`. Nothing is repeated here.
 *
 * @param isRepair the receiver's state is in doubt: send the whole object as it is now, whatever is remembered.
 * @throws whatever reading the object throws.
 */
export async function pushObject(
  ports: PushPorts,
  entry: FeedEntry,
  memory: AcknowledgedMemory,
  isRepair: boolean,
): Promise<PushResult> {
  const { age } = memory;
  const choice = isRepair ? ({ kind: 'whole', readFrom: ports.head() } as const) : ports.choose(entry, memory);
  if (choice.kind === 'held') return held;
  let readFrom = choice.kind === 'whole' ? choice.readFrom : 0;
  if (choice.kind === 'patch') {
    const found = ports.locate(entry);
    const item = found && 'then' in found ? await found : found;
    if (!item) return held;
    memory.sending(entry.laneKey, entry.seq);
    const verdict = await ports.send(entry, 'PATCH', item.path, choice.patch);
    if (verdict.kind === 'success') {
      memory.acknowledge(entry.key, entry.laneKey, entry.seq, false, age);
      return delivered(entry.seq, false);
    }
    if (verdict.kind !== 'rejected' || !verdict.heals) return notDelivered(verdict, entry, memory);
    memory.forget(entry.key, entry.laneKey);
    readFrom = memory.latestOf(entry.laneKey);
  }
  return sendWhole(ports, entry, memory, age, await ports.render(entry, readFrom));
}

async function sendWhole(
  ports: PushPorts,
  entry: FeedEntry,
  memory: AcknowledgedMemory,
  age: number,
  { item, head, newest }: Rendered,
): Promise<PushResult> {
  const gone =
    entry.row.kind === 'DELETE' && deletable.has(entry.row.module) && (item === undefined || item.body === '');
  if (!item && !gone) return held;
  memory.sending(entry.laneKey, newest);
  const verdict = await (gone
    ? ports.send(entry, 'DELETE', item?.path ?? pathOf(entry), undefined)
    : ports.send(entry, 'PUT', item?.path ?? '', item?.body));
  if (verdict.kind === 'success') {
    memory.acknowledge(entry.key, entry.laneKey, head, true, age);
    return delivered(head, entry.isWhole);
  }
  if (verdict.kind === 'rejected' && verdict.unknown && item?.parent) {
    return sendParent(ports, entry, memory, age, item.parent, verdict);
  }
  return notDelivered(verdict, entry, memory);
}

async function sendParent(
  ports: PushPorts,
  entry: FeedEntry,
  memory: AcknowledgedMemory,
  age: number,
  readParent: () => Promise<PushItem | undefined>,
  refusal: Exclude<Verdict, { kind: 'success' }>,
): Promise<PushResult> {
  const { item: parent, head, newest } = await ports.readNow(entry, readParent);
  if (!parent) return notDelivered(refusal, entry, memory);
  memory.sending(entry.laneKey, newest);
  const verdict = await ports.send(entry, 'PUT', parent.path, parent.body);
  if (verdict.kind === 'success') {
    memory.acknowledge(entry.laneKey, entry.laneKey, head, true, age);
    return delivered(head, true);
  }
  if (verdict.kind === 'failure' && verdict.ambiguous) memory.forget(entry.laneKey, entry.laneKey);
  return notDelivered(verdict, entry, memory);
}

function notDelivered(
  verdict: Exclude<Verdict, { kind: 'success' }>,
  entry: FeedEntry,
  memory: AcknowledgedMemory,
): PushResult {
  const uncertain = verdict.kind === 'rejected' || (verdict.kind === 'failure' && verdict.ambiguous);
  if (uncertain) memory.forget(entry.key, entry.laneKey);
  return verdict;
}

/** A deleted object's path when its module has forgotten how the owner spelled it; ids compare without case (D-01). */
function pathOf(entry: FeedEntry): string {
  const segments = entry.row.object.split('/').map((one) => one.replaceAll('%2F', '/').replaceAll('%25', '%'));
  return `/${segments.map(encodeURIComponent).join('/')}`;
}
