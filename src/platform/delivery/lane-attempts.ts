import { withoutMembers } from '../../kernel/json-text.js';
import { StorageUnavailable } from '../storage/index.js';
import { AcknowledgedMemory } from './acknowledged-memory.js';
import { type Taken, TakenLog } from './ahead.js';
import { exceptionPause } from './back-off.js';
import { FeedEntry } from './feed-entry.js';
import { type LaneCalls, NotOurs } from './lane-calls.js';
import type { LaneServices } from './lane-services.js';
import type { LaneSharing } from './lane-sharing.js';
import type { ClearedObject, ExceptionState, NewException, PushException } from './lane-store.js';
import type { LaneTask } from './lane-window.js';
import type { Verdict } from './outcome.js';
import type { OwedFlow } from './owed-flows.js';
import { deletable, type PushPorts, type PushResult, pushObject } from './push-object.js';
import { type LaneRoute, mayHave, type Receiver, receiversFor } from './receivers.js';

/** What became of a task. */
export type TaskEnd = {
  /** Receivers that took something, which a crash would repeat until it is written down. */
  readonly taken: number;
} & (
  | { readonly kind: 'done'; readonly cleared: readonly ClearedObject[] }
  /** The partner failed; the task is to be tried again. */
  | { readonly kind: 'again' }
  | { readonly kind: 'unauthorised' }
  /** We failed; the task is to be tried again. */
  | { readonly kind: 'stumbled'; readonly error: unknown }
);

/** Members below a Location that are Locations' own: what is withheld is withheld there as well. */
const nested = ['evses', 'connectors'];

/** One receiver as long as its route stands, and nothing is shared that was not, or no more. */
interface Leg {
  /** Version of the policy that it was made under: what is about to leave under another is judged again. */
  readonly policy: number;
  readonly ports: PushPorts;
  readonly memory: AcknowledgedMemory;
}

/** Brings an object to all receivers of a partner, one after another, and notes what goes its own way. */
export class LaneAttempts {
  /** What receivers took from a later moment than the cursor's. */
  readonly taken = new TakenLog();
  private legs = new WeakMap<Receiver, Leg>();
  /** By address and party; outlives the route, which is made anew with every change of the partner. */
  private memories = new Map<string, AcknowledgedMemory>();
  /** What is to settle and could not be noted, since the lane changed hands just then; at most what was in flight. */
  private owed: NewException[] = [];

  constructor(
    private readonly services: LaneServices,
    private readonly calls: LaneCalls,
    private readonly sharing: LaneSharing,
    /** Whether the lane is ours. */
    private readonly isOurs: () => boolean,
    /** The fence under which to write. Throws {@link NotOurs} if the lane is in other hands. */
    private readonly fence: () => number,
    /** Told of each exception that was noted, with its due time (ms since the epoch). */
    private readonly onException: (due: number) => void,
  ) {}

  /** Knows no more of what receivers hold than this: others may have sent to them meanwhile. */
  begin(taken: readonly Taken[]): void {
    this.legs = new WeakMap();
    this.memories = new Map();
    this.taken.clear();
    for (const one of taken) this.taken.add(one);
  }

  /** These are brought from the beginning: what their receivers were thought to hold is void. */
  forget(flows: readonly OwedFlow[]): void {
    for (const party of new Set(flows.map((one) => one.party))) {
      const meant = new Set(flows.filter((one) => one.party === party).map((one) => `${one.module}/${one.owner}`));
      const isMeant = (laneKey: string): boolean => meant.has(ownersPart(laneKey));
      this.taken.forgetAll(party, isMeant);
      for (const [name, memory] of this.memories) if (name.endsWith(` ${party}`)) memory.forgetAll(isMeant);
    }
  }

  /** Whether something is left to be noted by {@link noteOwed}. */
  get owes(): boolean {
    return this.owed.length > 0;
  }

  /** Notes what could not be noted when the lane was last in our hands. */
  async noteOwed(): Promise<void> {
    for (let left = this.owed.length; left > 0; left--) {
      const exception = this.owed.shift();
      if (exception) await this.write(exception);
    }
  }

  /** Never rejects. */
  async run(task: LaneTask, route: LaneRoute): Promise<TaskEnd> {
    const cleared: ClearedObject[] = [];
    const { legs } = this;
    let taken = 0;
    try {
      const receivers = this.receivers(task, route);
      for (const receiver of receivers) {
        // What was read before the lane was taken up anew may be old.
        if (legs !== this.legs) throw new NotOurs();
        const { module, owner } = task.entry.row;
        // It took its time until it was this one's turn.
        if (!mayHave(receiver, module, owner, this.services.audience.policy)) throw new NotOurs();
        const { ports, memory } = this.legOf(route, receiver, task.entry);
        const { age } = memory;
        const result = await pushObject(ports, task.entry, memory, task.exception !== undefined).catch(
          (error: unknown) => this.unreadable(route, error),
        );
        if (result.kind !== 'done') this.taken.forget(receiver.key, task.entry.laneKey, task.entry.laneKey);
        switch (result.kind) {
          case 'done':
            if (!result.sent) break;
            taken++;
            if (age === memory.age)
              this.noteTaken(task.entry, receiver, result.whole, result.place, receivers.length > 1);
            if (!task.exception) cleared.push(clearedBy(task, receiver, result.whole));
            break;
          case 'rejected':
            await this.noteRejection(task, route, receiver, result);
            break;
          case 'unauthorised':
            return { kind: 'unauthorised', taken };
          case 'failure':
            if (result.ambiguous) await this.noteSettle(task.entry, route, receiver, result.reason);
            return { kind: 'again', taken };
        }
      }
      // What was noted anew carries another due time and stays.
      if (task.exception) await this.drop(task.exception);
      return { kind: 'done', cleared, taken };
    } catch (error) {
      return error instanceof NotOurs ? { kind: 'again', taken } : { kind: 'stumbled', error, taken };
    }
  }

  /** A receiver holds a state beyond its row's, or others are still to be told of the row. */
  private noteTaken(
    entry: FeedEntry,
    { key: party }: Receiver,
    whole: boolean,
    place: number,
    isShared: boolean,
  ): void {
    if (place <= entry.seq && !isShared) return;
    const { laneKey } = entry;
    this.taken.add({ party, key: whole ? laneKey : entry.key, laneKey, place });
  }

  private receivers({ entry, exception, fill }: LaneTask, route: LaneRoute): readonly Receiver[] {
    const { audience } = this.services;
    if (!audience.policy.isOpen) this.sharing.noteDenied(route, entry.row);
    const receivers = receiversFor(route, entry.row, audience);
    if (fill) return fill === this.sharing.fill ? this.sharing.fillReceivers(receivers, entry.row) : [];
    return exception ? receivers.filter((one) => one.key === exception.party) : receivers;
  }

  /** One object that its module cannot read must not stop the lane; everything else is thrown on. */
  private unreadable(route: LaneRoute, error: unknown): PushResult {
    if (error instanceof NotOurs || error instanceof StorageUnavailable) throw error;
    this.services.observer.failed?.(route.partnerId, error);
    const reason = `the hub could not read the object: ${String(error).slice(0, 200)}`;
    return { kind: 'rejected', http: 0, ocpi: undefined, reason, heals: false, unknown: false };
  }

  private legOf(route: LaneRoute, receiver: Receiver, { row }: FeedEntry): Leg {
    const { feed, choose, audience } = this.services;
    const { policy } = audience;
    const { version } = policy;
    const known = this.legs.get(receiver);
    if (known?.policy === version) return known;
    const { legs } = this;
    const mayLeave = (): boolean =>
      legs === this.legs && this.isOurs() && (policy.version === version || policy.isOpen);
    const { withheld } = route;
    const leg: Leg = {
      policy: version,
      memory: this.memoryOf(receiver, route.modules.get(row.module)?.base ?? ''),
      ports: {
        choose,
        head: () => feed.head(),
        locate: (entry) => entry.locate(feed),
        render: (entry, readFrom) => entry.render(readFrom, feed),
        readNow: (entry, read) => feed.readBetween(entry.laneKey, read),
        send: (entry, method, path, body) => {
          const text = body === undefined || withheld.length === 0 ? body : withoutMembers(body, withheld, nested);
          return this.calls.push(route, receiver, entry, method, path, text, mayLeave);
        },
      },
    };
    this.legs.set(receiver, leg);
    return leg;
  }

  private memoryOf({ key: party }: Receiver, base: string): AcknowledgedMemory {
    const name = `${base} ${party}`;
    const known = this.memories.get(name);
    if (known) return known;
    const memory = new AcknowledgedMemory(this.services.memoryLimit, this.services.feed.head());
    for (const { key, laneKey, place } of this.taken.of(party))
      memory.acknowledge(key, laneKey, place, key === laneKey);
    this.memories.set(name, memory);
    return memory;
  }

  private async noteRejection(
    task: LaneTask,
    route: LaneRoute,
    receiver: Receiver,
    refusal: Extract<Verdict, { kind: 'rejected' }>,
  ): Promise<void> {
    const earlier = task.exception?.state === 'retry' ? task.exception.attempts : 0;
    const attempts = earlier + 1;
    const pause = exceptionPause(attempts, this.services.timing);
    const { http, ocpi, reason } = refusal;
    // It was sent as it should be; that it was refused is another matter.
    if (task.exception?.state === 'settle') await this.drop(task.exception);
    await this.note(task.entry, route, receiver, {
      state: pause === undefined ? 'parked' : 'retry',
      attempts,
      dueInMs: pause ?? 0,
      http: http === 0 ? undefined : http,
      ocpi,
      reason,
    });
  }

  /**
   * The request may still be applied, after those that follow it: the whole Location (or Tariff) is sent once more, later. The
   * whole, because an EVSE that is gone by then is only gone from the whole.
   */
  private async noteSettle(entry: FeedEntry, route: LaneRoute, receiver: Receiver, reason: string): Promise<void> {
    const { settleMs } = this.services.timing;
    await this.note(entry.isWhole ? entry : wholeOf(entry), route, receiver, {
      state: 'settle',
      attempts: 0,
      dueInMs: settleMs,
      http: undefined,
      ocpi: undefined,
      reason,
    });
  }

  private async drop(exception: PushException): Promise<void> {
    if (!(await this.services.store.dropException(exception, this.fence()))) throw new NotOurs();
  }

  private async note(
    { row }: FeedEntry,
    route: LaneRoute,
    receiver: Receiver,
    what: Pick<PushException, 'attempts' | 'http' | 'ocpi' | 'reason'> & {
      readonly state: ExceptionState;
      readonly dueInMs: number;
    },
  ): Promise<void> {
    const exception = {
      ...what,
      partner: route.partnerId,
      party: receiver.key,
      module: row.module,
      object: row.object,
      laneKey: row.laneKey,
      owner: row.owner,
      isDelete: deletable.has(row.module),
      seq: row.seq,
      correlationId: row.correlationId,
      recordedAt: row.recordedAt,
    };
    await this.write(exception);
  }

  private async write(exception: NewException): Promise<void> {
    const { store, clock } = this.services;
    try {
      if (!(await store.noteException(exception, this.fence()))) throw new NotOurs();
    } catch (error) {
      if (exception.state === 'settle') this.owed.push(exception);
      throw error;
    }
    if (exception.state !== 'parked') this.onException(clock.now() + exception.dueInMs);
    else this.onException(Number.POSITIVE_INFINITY);
  }
}

/** The task of an exception: its object as it is now. */
export function exceptionTask(exception: PushException): LaneTask {
  const { module, owner, seq, correlationId, recordedAt } = exception;
  const entry = new FeedEntry({
    module,
    object: exception.object,
    laneKey: exception.laneKey,
    owner,
    kind: exception.isDelete ? 'DELETE' : 'PUT',
    seq,
    correlationId,
    recordedAt,
  });
  return { entry, exception, fill: undefined };
}

/** `locations/DE/CP1` of `locations/DE/CP1/LOC1`. */
function ownersPart(laneKey: string): string {
  return laneKey.split('/', 3).join('/');
}

function wholeOf({ row }: FeedEntry): FeedEntry {
  const { module, laneKey, owner, seq, correlationId, recordedAt } = row;
  return new FeedEntry({ module, object: laneKey, laneKey, owner, kind: 'PUT', seq, correlationId, recordedAt });
}

function clearedBy({ entry: { row } }: LaneTask, receiver: Receiver, whole: boolean): ClearedObject {
  return { party: receiver.key, module: row.module, object: whole ? row.laneKey : row.object, whole, seq: row.seq };
}
