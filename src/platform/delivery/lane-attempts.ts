import { StorageUnavailable } from '../storage/index.js';
import { AcknowledgedMemory } from './acknowledged-memory.js';
import { exceptionPause } from './back-off.js';
import { FeedEntry } from './feed-entry.js';
import type { LaneCalls } from './lane-calls.js';
import type { LaneServices } from './lane-services.js';
import type { ClearedObject, ExceptionState, PushException } from './lane-store.js';
import type { LaneTask } from './lane-window.js';
import type { Verdict } from './outcome.js';
import { deletable, type PushPorts, type PushResult, pushObject } from './push-object.js';
import { type LaneRoute, type Receiver, receiversFor } from './receivers.js';

/** What became of a task. */
export type TaskEnd =
  | { readonly kind: 'done'; readonly cleared: readonly ClearedObject[] }
  /** The partner failed; the task is to be tried again. */
  | { readonly kind: 'again' }
  | { readonly kind: 'unauthorised' }
  /** We failed; the task is to be tried again. */
  | { readonly kind: 'stumbled'; readonly error: unknown };

/** One receiver as long as its route stands. */
interface Leg {
  readonly ports: PushPorts;
  readonly memory: AcknowledgedMemory;
}

/** The lane is in other hands by now: nothing may be sent. */
class NotOurs extends Error {}

/** Brings an object to all receivers of a partner, one after another, and notes what goes its own way. */
export class LaneAttempts {
  private legs = new WeakMap<Receiver, Leg>();

  constructor(
    private readonly services: LaneServices,
    private readonly calls: LaneCalls,
    /** Whether the lane is still ours. */
    private readonly isOurs: () => boolean,
    /** Told of each exception that was noted, with its due time (ms since the epoch). */
    private readonly onException: (due: number) => void,
  ) {}

  /** Forgets what receivers hold: others may have sent to them meanwhile. */
  forgetAll(): void {
    this.legs = new WeakMap();
  }

  /** Never rejects. */
  async run(task: LaneTask, route: LaneRoute): Promise<TaskEnd> {
    try {
      const cleared: ClearedObject[] = [];
      for (const receiver of this.receivers(task, route)) {
        const { ports, memory } = this.legOf(route, receiver);
        const result = await pushObject(ports, task.entry, memory, task.exception !== undefined).catch(
          (error: unknown) => this.unreadable(route, error),
        );
        switch (result.kind) {
          case 'done':
            if (result.sent && !task.exception) cleared.push(clearedBy(task, receiver, result.whole));
            break;
          case 'rejected':
            await this.noteRejection(task, route, receiver, result);
            break;
          case 'unauthorised':
            return { kind: 'unauthorised' };
          case 'failure':
            if (result.ambiguous) await this.noteSettle(task.entry, route, receiver, result.reason);
            return { kind: 'again' };
        }
      }
      // What was noted anew carries another due time and stays.
      if (task.exception) await this.services.store.dropException(task.exception);
      return { kind: 'done', cleared };
    } catch (error) {
      return error instanceof NotOurs ? { kind: 'again' } : { kind: 'stumbled', error };
    }
  }

  private receivers({ entry, exception }: LaneTask, route: LaneRoute): readonly Receiver[] {
    const receivers = receiversFor(route, entry.row, this.services.admits);
    return exception ? receivers.filter((one) => one.key === exception.party) : receivers;
  }

  /** One object that its module cannot read must not stop the lane; everything else is thrown on. */
  private unreadable(route: LaneRoute, error: unknown): PushResult {
    if (error instanceof NotOurs || error instanceof StorageUnavailable) throw error;
    this.services.observer.failed?.(route.partnerId, error);
    const reason = `the hub could not read the object: ${String(error).slice(0, 200)}`;
    return { kind: 'rejected', http: 0, ocpi: undefined, reason, heals: false, unknown: false };
  }

  private legOf(route: LaneRoute, receiver: Receiver): Leg {
    const known = this.legs.get(receiver);
    if (known) return known;
    const { feed, choose, memoryLimit } = this.services;
    const leg: Leg = {
      memory: new AcknowledgedMemory(memoryLimit, feed.head()),
      ports: {
        choose,
        head: () => feed.head(),
        render: (entry, readFrom) => entry.render(readFrom, feed),
        send: (entry, method, path, body): Promise<Verdict> => {
          if (!this.isOurs()) throw new NotOurs();
          return this.calls.push(route, receiver, entry, method, path, body);
        },
      },
    };
    this.legs.set(receiver, leg);
    return leg;
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
    if (task.exception?.state === 'settle') await this.services.store.dropException(task.exception);
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

  private async note(
    { row }: FeedEntry,
    route: LaneRoute,
    receiver: Receiver,
    what: Pick<PushException, 'attempts' | 'http' | 'ocpi' | 'reason'> & {
      readonly state: ExceptionState;
      readonly dueInMs: number;
    },
  ): Promise<void> {
    await this.services.store.noteException({
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
    });
    this.onException(what.state === 'parked' ? Number.POSITIVE_INFINITY : this.services.clock.now() + what.dueInMs);
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
  return { entry, exception };
}

function wholeOf({ row }: FeedEntry): FeedEntry {
  const { module, laneKey, owner, seq, correlationId, recordedAt } = row;
  return new FeedEntry({ module, object: laneKey, laneKey, owner, kind: 'PUT', seq, correlationId, recordedAt });
}

function clearedBy({ entry: { row } }: LaneTask, receiver: Receiver, whole: boolean): ClearedObject {
  return { party: receiver.key, module: row.module, object: whole ? row.laneKey : row.object, whole, seq: row.seq };
}
