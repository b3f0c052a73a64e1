import type { Clock } from '../../kernel/clock.js';
import type { ChangeFeed } from '../storage/index.js';
import type { CircuitRecord, CircuitStateName } from './circuit.js';
import type { LaneRecord, LaneStore, PauseReason } from './lane-store.js';

/** How one lane stands. */
export interface LaneFigures {
  readonly partnerId: string;
  readonly cursor: number;
  readonly head: number;
  /**
   * Changed objects behind the cursor. Rows that are not for this partner count as well, and of a lane that is far behind the
   * number is an upper bound: finding out more would cost more than it tells.
   */
  readonly lagObjects: number;
  /** Age of the oldest change behind the cursor. */
  readonly lagSeconds: number;
  readonly breaker: CircuitStateName;
  /** When the breaker opened, ms since the epoch; undefined while it is closed. */
  readonly openedAt: number | undefined;
  /** Since when nothing but failures, ms since the epoch. */
  readonly failingSince: number | undefined;
  readonly inFlight: number;
  readonly parked: number;
  readonly pausedBy: PauseReason | undefined;
  /** Nothing is sent before, ms since the epoch; 0 = at once. */
  readonly nextDue: number;
  /** Another node has it in hand; `inFlight` is not known then, and the rest is as it was last written down. */
  readonly isElsewhere: boolean;
}

/** A lane as this process has it in memory. */
export interface LiveLane {
  readonly inFlight: number;
  view(): { readonly cursor: number; readonly circuit: CircuitRecord } | undefined;
}

export interface LaneDeskOptions {
  readonly feed: ChangeFeed;
  readonly store: Pick<LaneStore, 'node' | 'all' | 'parkedCounts'>;
  readonly clock: Clock;
  /** Whether the partner is told anything; lanes of others have no lag. */
  readonly isTold: (partnerId: string) => boolean;
  readonly live: (partnerId: string) => LiveLane | undefined;
}

/** Up to here the rows are counted; beyond it the distance is taken, but never more than all rows there are. */
const countedDistance = 2_000;
const totalAgesMs = 60_000;

/** Tells how the lanes stand. */
export class LaneDesk {
  private last: readonly LaneFigures[] = [];
  private total = 0;
  private totalAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: LaneDeskOptions) {}

  /** As it was looked up last; for a scrape that cannot wait. */
  get latest(): readonly LaneFigures[] {
    return this.last;
  }

  /** Looks it up. */
  async lanes(): Promise<readonly LaneFigures[]> {
    const { store } = this.options;
    const [records, parked] = await Promise.all([store.all(), store.parkedCounts()]);
    const lags = new Map<number, Promise<Lag>>();
    const lagAt = (cursor: number): Promise<Lag> => {
      const known = lags.get(cursor) ?? this.lag(cursor);
      lags.set(cursor, known);
      return known;
    };
    this.last = await Promise.all(records.map((one) => this.figures(one, parked.get(one.partner) ?? 0, lagAt)));
    return this.last;
  }

  private async figures(
    record: LaneRecord,
    parked: number,
    lagAt: (cursor: number) => Promise<Lag>,
  ): Promise<LaneFigures> {
    const { feed, store, isTold, live } = this.options;
    const lane = live(record.partner);
    const view = lane?.view();
    const { cursor, circuit } = view ?? record;
    const lag = isTold(record.partner) || record.pausedBy !== undefined ? await lagAt(cursor) : noLag;
    return {
      partnerId: record.partner,
      cursor,
      head: feed.head(),
      ...lag,
      breaker: circuit.state,
      openedAt: circuit.openedAt,
      failingSince: circuit.firstFailureAt,
      inFlight: lane?.inFlight ?? 0,
      parked,
      pausedBy: record.pausedBy,
      nextDue: circuit.nextDue,
      isElsewhere: !view && record.leaseLeftMs > 0 && record.leaseOwner !== store.node,
    };
  }

  private async lag(cursor: number): Promise<Lag> {
    const { feed, clock } = this.options;
    const distance = feed.head() - cursor;
    if (distance <= 0) return noLag;
    const oldest = await feed.oldestAfter(cursor);
    if (oldest === undefined) return noLag;
    const lagObjects =
      distance <= countedDistance ? await feed.countAfter(cursor) : Math.min(distance, await this.allRows());
    return { lagObjects, lagSeconds: Math.max(0, clock.now() - oldest) / 1000 };
  }

  private async allRows(): Promise<number> {
    const now = this.options.clock.now();
    if (now - this.totalAt > totalAgesMs) {
      this.total = await this.options.feed.countAfter(0);
      this.totalAt = now;
    }
    return this.total;
  }
}

type Lag = Pick<LaneFigures, 'lagObjects' | 'lagSeconds'>;

const noLag: Lag = { lagObjects: 0, lagSeconds: 0 };
