import type { Clock } from '../../../kernel/clock.js';
import { closedCircuit } from '../circuit.js';
import type {
  LaneProgress,
  LaneRecord,
  LaneStore,
  ParkedFilter,
  ParkedPage,
  PauseReason,
  PushException,
} from '../lane-store.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const free = { leaseOwner: undefined, leaseUntil: 0 };

/** Lanes in memory, for tests. Several nodes may share the tables: `node('other')`. */
export class MemoryLaneStore implements LaneStore {
  constructor(
    private readonly clock: Clock,
    private readonly name = 'local',
    private readonly lanes = new Map<string, Mutable<LaneRecord>>(),
    private readonly exceptions = new Map<string, PushException>(),
  ) {}

  node(name: string): MemoryLaneStore {
    return new MemoryLaneStore(this.clock, name, this.lanes, this.exceptions);
  }

  async attach(partner: string, cursor: number): Promise<void> {
    if (this.lanes.has(partner)) return;
    const unpaused = { pausedBy: undefined, pausedAt: undefined };
    this.lanes.set(partner, { partner, cursor, fence: 0, ...free, circuit: closedCircuit, ...unpaused });
  }

  async detach(partner: string): Promise<void> {
    this.lanes.delete(partner);
    for (const [key, one] of this.exceptions) if (one.partner === partner) this.exceptions.delete(key);
  }

  async all(): Promise<readonly LaneRecord[]> {
    return [...this.lanes.values()].map((one) => ({ ...one })).sort((a, b) => (a.partner < b.partner ? -1 : 1));
  }

  async acquire(partner: string, leaseMs: number): Promise<LaneRecord | undefined> {
    const lane = this.lanes.get(partner);
    if (!lane || lane.pausedBy !== undefined) return undefined;
    const now = this.clock.now();
    if (lane.leaseOwner !== undefined && lane.leaseOwner !== this.name && lane.leaseUntil > now) return undefined;
    Object.assign(lane, { leaseOwner: this.name, leaseUntil: now + leaseMs, fence: lane.fence + 1 });
    return { ...lane };
  }

  async save(progress: readonly LaneProgress[], leaseMs: number): Promise<readonly string[]> {
    const lost: string[] = [];
    for (const { partner, fence, cursor, circuit, cleared } of progress) {
      const lane = this.lanes.get(partner);
      if (lane?.fence !== fence) {
        lost.push(partner);
        continue;
      }
      Object.assign(lane, { cursor, circuit, leaseUntil: this.clock.now() + leaseMs });
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

  async releaseOwn(): Promise<void> {
    for (const lane of this.lanes.values()) if (lane.leaseOwner === this.name) Object.assign(lane, free);
  }

  async rewind(partner: string, cursor: number): Promise<void> {
    this.change(partner, (lane) => ({ cursor, fence: lane.fence + 1, ...free }));
  }

  async pause(partner: string, by: PauseReason): Promise<void> {
    this.change(partner, (lane) => ({ pausedBy: by, pausedAt: this.clock.now(), fence: lane.fence + 1, ...free }));
  }

  async resume(partner: string): Promise<void> {
    const unpaused = { pausedBy: undefined, pausedAt: undefined, circuit: closedCircuit };
    this.change(partner, (lane) => ({ ...unpaused, fence: lane.fence + 1, ...free }));
  }

  async noteException({ dueInMs, ...rest }: Parameters<LaneStore['noteException']>[0]): Promise<void> {
    const key = keyOf(rest);
    const known = this.exceptions.get(key);
    const fresh = { ...rest, nextDue: this.clock.now() + dueInMs };
    const isFurther = known?.state !== 'settle' && rest.attempts > (known?.attempts ?? -1);
    const further = !known || rest.state === 'settle' || isFurther;
    const { nextDue, state, attempts } = further ? fresh : known;
    this.exceptions.set(key, { ...fresh, nextDue, state, attempts });
  }

  async pendingExceptions(partner: string, limit: number): Promise<readonly PushException[]> {
    return [...this.exceptions.values()]
      .filter((one) => one.partner === partner && one.state !== 'parked')
      .sort((a, b) => a.nextDue - b.nextDue || (a.object < b.object ? -1 : 1))
      .slice(0, limit);
  }

  async dropException(exception: PushException): Promise<void> {
    const known = this.exceptions.get(keyOf(exception));
    if (known?.state === exception.state && known.nextDue === exception.nextDue) this.exceptions.delete(keyOf(known));
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

  private change(partner: string, to: (lane: LaneRecord) => Partial<LaneRecord>): void {
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
