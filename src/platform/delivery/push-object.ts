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
  render(entry: FeedEntry, readFrom: number): Rendered | Promise<Rendered>;
  /** Makes the call and judges its outcome. */
  send(entry: FeedEntry, method: PushMethod, path: string, body: string | undefined): Promise<Verdict>;
}

export type PushResult =
  /** The receiver holds this state now, or there is nothing to hold. */
  { readonly kind: 'done'; readonly sent: boolean; readonly whole: boolean } | Exclude<Verdict, { kind: 'success' }>;

const held: PushResult = { kind: 'done', sent: false, whole: false };
const delivered: PushResult = { kind: 'done', sent: true, whole: false };
const deliveredWhole: PushResult = { kind: 'done', sent: true, whole: true };

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
  const choice = isRepair ? ({ kind: 'whole', readFrom: ports.head() } as const) : ports.choose(entry, memory);
  if (choice.kind === 'held') return held;
  const read = ports.render(entry, choice.kind === 'whole' ? choice.readFrom : 0);
  let rendered = 'then' in read ? await read : read;
  if (choice.kind === 'patch') {
    if (!rendered.item) return held;
    memory.sending(entry.laneKey, entry.seq);
    const verdict = await ports.send(entry, 'PATCH', rendered.item.path, choice.patch);
    if (verdict.kind === 'success') {
      memory.acknowledge(entry.key, entry.laneKey, entry.seq, false);
      return delivered;
    }
    if (verdict.kind !== 'rejected' || !verdict.heals) return notDelivered(verdict, entry, memory);
    memory.forget(entry.key, entry.laneKey);
    rendered = await ports.render(entry, memory.latestOf(entry.laneKey));
  }
  return sendWhole(ports, entry, memory, rendered);
}

async function sendWhole(
  ports: PushPorts,
  entry: FeedEntry,
  memory: AcknowledgedMemory,
  { item, head }: Rendered,
): Promise<PushResult> {
  const gone =
    entry.row.kind === 'DELETE' && deletable.has(entry.row.module) && (item === undefined || item.body === '');
  if (!item && !gone) return held;
  memory.sending(entry.laneKey, head);
  const verdict = await (gone
    ? ports.send(entry, 'DELETE', item?.path ?? pathOf(entry), undefined)
    : ports.send(entry, 'PUT', item?.path ?? '', item?.body));
  if (verdict.kind === 'success') {
    memory.acknowledge(entry.key, entry.laneKey, head, true);
    return entry.isWhole ? deliveredWhole : delivered;
  }
  if (verdict.kind === 'rejected' && verdict.unknown && item?.parent) {
    return sendParent(ports, entry, memory, item.parent, verdict);
  }
  return notDelivered(verdict, entry, memory);
}

async function sendParent(
  ports: PushPorts,
  entry: FeedEntry,
  memory: AcknowledgedMemory,
  readParent: () => Promise<PushItem | undefined>,
  refusal: Exclude<Verdict, { kind: 'success' }>,
): Promise<PushResult> {
  const head = ports.head();
  const parent = await readParent();
  if (!parent) return notDelivered(refusal, entry, memory);
  memory.sending(entry.laneKey, head);
  const verdict = await ports.send(entry, 'PUT', parent.path, parent.body);
  if (verdict.kind === 'success') {
    memory.acknowledge(entry.laneKey, entry.laneKey, head, true);
    return deliveredWhole;
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
