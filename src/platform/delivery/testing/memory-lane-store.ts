import type { Clock } from '../../../kernel/clock.js';
import { closedCircuit } from '../circuit.js';
import type {
  LaneProgress,
  LaneRecord,
  LaneStore,
  NewException,
  ParkedFilter,
  ParkedPage,
  PauseReason,
  PushException,
  TakenLane,
} from '../lane-store.js';
import { nothingOwed, type OwedRecord } from '../owed-flows.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const free = { leaseOwner: undefined, leaseUntil: 0 };

/** A lane as it is kept. */
type Lane = Mutable<Omit<LaneRecord, 'leaseLeftMs'>> & { leaseUntil: number; owed: string };

/** Lanes in memory, for tests. Several nodes may share the tables: `as('other')`. */
export class MemoryLaneStore implements LaneStore {
  constructor(
    private readonly clock: Clock,
    readonly node = 'local',
    /** False: whoever writes is believed, whatever its fence. */
    private readonly guarded = true,
    private readonly lanes = new Map<string, Lane>(),
    private readonly exceptions = new Map<string, PushException>(),
  ) {}

  /** The same tables as another node sees them. */
  as(name: string): MemoryLaneStore {
    return new MemoryLaneStore(this.clock, name, this.guarded, this.lanes, this.exceptions);
  }

  async attach(partner: string, cursor: number, { policy, flows: owed }: OwedRecord = nothingOwed): Promise<void> {
    if (this.lanes.has(partner)) return;
    const unpaused = { pausedBy: undefined, pausedAt: undefined };
    const start = { fence: 0, ...free, circuit: closedCircuit, ...unpaused, ahead: '' };
    this.lanes.set(partner, { partner, cursor, ...start, policy, owed });
  }

  async detach(partner: string): Promise<void> {
    this.lanes.delete(partner);
    for (const [key, one] of this.exceptions) if (one.partner === partner) this.exceptions.delete(key);
  }

  async all(): Promise<readonly LaneRecord[]> {
    return [...this.lanes.values()].map((one) => this.record(one)).sort((a, b) => (a.partner < b.partner ? -1 : 1));
  }

  async acquire(partner: string, leaseMs: number): Promise<TakenLane | undefined> {
    const lane = this.lanes.get(partner);
    if (!lane || lane.pausedBy !== undefined) return undefined;
    const now = this.clock.now();
    if (lane.leaseOwner !== undefined && lane.leaseOwner !== this.node && lane.leaseUntil > now) return undefined;
    Object.assign(lane, { leaseOwner: this.node, leaseUntil: now + leaseMs, fence: lane.fence + 1 });
    return { ...this.record(lane), owed: lane.owed };
  }

  async save(progress: readonly LaneProgress[], leaseMs: number): Promise<readonly string[]> {
    const lost: string[] = [];
    for (const { partner, fence, cursor, ahead, circuit, owed, cleared } of progress) {
      const lane = this.lanes.get(partner);
      if (!lane || (this.guarded && lane.fence !== fence)) {
        lost.push(partner);
        continue;
      }
      Object.assign(lane, { cursor, ahead, circuit, leaseUntil: this.clock.now() + leaseMs });
      if (owed) Object.assign(lane, { policy: owed.policy, owed: owed.flows });
      for (const object of cleared) {
        for (const [key, one] of this.exceptions) {
          const name = object.whole ? one.laneKey : one.object;
          const isIt = one.partner === partner && one.party === object.party && one.module === object.module;
          if (isIt && name === object.object && one.seq <= object.seq && one.state !== 'settle')
            this.exceptions.delete(key);
        }
      }
    }
    return lost;
  }

  async release(partner: string, fence: number): Promise<void> {
    const lane = this.lanes.get(partner);
    if (lane?.fence === fence) Object.assign(lane, free);
  }

  async releaseOwn(): Promise<void> {
    for (const lane of this.lanes.values()) if (lane.leaseOwner === this.node) Object.assign(lane, free);
  }

  async rewind(partner: string, cursor: number): Promise<void> {
    this.change(partner, (lane) => ({ cursor, ahead: '', fence: lane.fence + 1 }));
  }

  async owed(partner: string): Promise<string> {
    return this.lanes.get(partner)?.owed ?? '';
  }

  async owe(partner: string, before: string, flows: string): Promise<boolean> {
    const lane = this.lanes.get(partner);
    if (lane?.owed !== before) return false;
    Object.assign(lane, { owed: flows, policy: -1, fence: lane.fence + 1 });
    return true;
  }

  async pause(partner: string, by: PauseReason): Promise<void> {
    this.change(partner, (lane) => ({ pausedBy: by, pausedAt: this.clock.now(), fence: lane.fence + 1 }));
  }

  async resume(partner: string): Promise<void> {
    const unpaused = { pausedBy: undefined, pausedAt: undefined, circuit: closedCircuit };
    this.change(partner, (lane) => ({ ...unpaused, fence: lane.fence + 1 }));
  }

  async noteException({ dueInMs, ...rest }: NewException, fence: number): Promise<boolean> {
    if (this.guarded && this.lanes.get(rest.partner)?.fence !== fence) return false;
    const key = keyOf(rest);
    const known = this.exceptions.get(key);
    const fresh = { ...rest, nextDue: this.clock.now() + dueInMs };
    const isFurther = known?.state !== 'settle' && rest.attempts > (known?.attempts ?? -1);
    const further = !known || rest.state === 'settle' || isFurther;
    const { nextDue, state, attempts } = further ? fresh : known;
    this.exceptions.set(key, { ...fresh, nextDue, state, attempts });
    return true;
  }

  async pendingExceptions(partner: string, limit: number): Promise<readonly PushException[]> {
    return [...this.exceptions.values()]
      .filter((one) => one.partner === partner && one.state !== 'parked')
      .sort((a, b) => a.nextDue - b.nextDue || (a.object < b.object ? -1 : 1))
      .slice(0, limit);
  }

  async dropException(exception: PushException, fence: number): Promise<boolean> {
    if (this.guarded && this.lanes.get(exception.partner)?.fence !== fence) return false;
    const known = this.exceptions.get(keyOf(exception));
    if (known?.state === exception.state && known.nextDue === exception.nextDue) this.exceptions.delete(keyOf(known));
    return true;
  }

  async hasExceptions(partner: string): Promise<boolean> {
    return [...this.exceptions.values()].some((one) => one.partner === partner);
  }

  async partnersWithDueExceptions(): Promise<readonly string[]> {
    const now = this.clock.now();
    const due = [...this.exceptions.values()].filter((one) => one.state !== 'parked' && one.nextDue <= now);
    return [...new Set(due.map((one) => one.partner))];
  }

  async parked(filter: ParkedFilter, limit: number): Promise<ParkedPage> {
    const items = [...this.exceptions.values()].filter((one) => matches(one, filter));
    items.sort((a, b) => b.nextDue - a.nextDue || (keyOf(a) < keyOf(b) ? -1 : 1));
    return { total: items.length, items: items.slice(0, limit) };
  }

  async parkedCounts(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const { state, partner } of this.exceptions.values()) {
      if (state === 'parked') counts.set(partner, (counts.get(partner) ?? 0) + 1);
    }
    return counts;
  }

  async replay(filter: ParkedFilter): Promise<{ readonly partners: readonly string[]; readonly objects: number }> {
    const { items } = await this.parked(filter, Number.POSITIVE_INFINITY);
    const revived = { state: 'retry', attempts: 0, nextDue: this.clock.now() } as const;
    for (const one of items) this.exceptions.set(keyOf(one), { ...one, ...revived });
    return { partners: [...new Set(items.map((one) => one.partner))], objects: items.length };
  }

  private record({ leaseUntil, owed: _, ...rest }: Lane): LaneRecord {
    const leaseLeftMs = rest.leaseOwner === undefined ? 0 : Math.max(0, leaseUntil - this.clock.now());
    return { ...rest, leaseLeftMs };
  }

  private change(partner: string, to: (lane: Lane) => Partial<Lane>): void {
    const lane = this.lanes.get(partner);
    if (lane) Object.assign(lane, to(lane));
  }
}

function keyOf(one: Pick<PushException, 'partner' | 'party' | 'module' | 'object'>): string {
  return `${one.partner} ${one.party} ${one.module}/${one.object}`;
}

function matches(one: PushException, { partner, module, object, from, to }: ParkedFilter): boolean {
  return (
    one.state === 'parked' &&
    (partner === undefined || one.partner === partner) &&
    (module === undefined || one.module === module) &&
    (object === undefined || one.object === object) &&
    (from === undefined || one.nextDue >= from) &&
    (to === undefined || one.nextDue <= to)
  );
}
