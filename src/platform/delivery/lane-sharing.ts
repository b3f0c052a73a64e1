import type { ChangeRow } from '../storage/index.js';
import type { FillPlace } from './ahead.js';
import { CursorTracker } from './cursor-tracker.js';
import type { FeedEntry } from './feed-entry.js';
import { type OwedFlow, OwedFlows, type OwedRecord } from './owed-flows.js';
import { type Audience, candidatesFor, type LaneRoute, mayHave, type Receiver } from './receivers.js';

/** The present state of what is shared anew, on its way: a second, bounded walk over the sequence. */
export interface Fill {
  readonly tracker: CursorTracker;
  /** Rows behind this place are the lane's own: it reads them itself, and finds them shared. */
  readonly until: number;
  /** Rows before it that the lane has read and not begun: it will find them shared, too. */
  readonly skip: ReadonlySet<number>;
}

/**
 * What a lane owes because it was not shared. A flow that is denied is noted before the cursor passes any row of it; once it is shared,
 * its receiver is brought the present state of everything in it, from the beginning: what it has thrown away meanwhile as well.
 *
 * Since the note is the lane's own and is written with its progress, no crash between an agreement and what follows from it loses
 * anything, and it does not matter which node the agreement was made on.
 */
export class LaneSharing {
  private owed = new OwedFlows();
  private fillNow: Fill | undefined;
  private mayBegin = true;
  /** Version of the policy; undefined = not yet. */
  private lookedAt: number | undefined;
  private lastRoute: LaneRoute | undefined;

  constructor(private readonly audience: Audience) {}

  /** The lane was taken up anew. */
  reset(record: OwedRecord, place: FillPlace | undefined, head: number): void {
    this.owed = new OwedFlows(record);
    this.mayBegin = true;
    this.lookedAt = undefined;
    this.fillNow = undefined;
    if (!this.owed.isActive) return;
    // A sequence that is shorter is another one; without a place the lane was set back, and walks over everything itself.
    if (!place || place.until > head) this.owed.again();
    else {
      const tracker = new CursorTracker(place.cursor, place);
      this.fillNow = { tracker, until: place.until, skip: new Set(place.skip) };
    }
  }

  /** Compares what is owed with what is shared now. Returns whether that was due. */
  look(route: LaneRoute): boolean {
    const { policy } = this.audience;
    if (route !== this.lastRoute) this.mayBegin = true;
    this.lastRoute = route;
    if (this.lookedAt === policy.version) return false;
    if (!policy.isOpen) {
      for (const module of route.modules.keys()) {
        for (const owner of this.audience.owners(module)) this.noteDenied(route, { module, owner });
      }
    }
    this.lookedAt = policy.version;
    this.mayBegin = true;
    return true;
  }

  /** Notes for whom a row is passed over. To be called before it is. */
  noteDenied(route: LaneRoute, { module, owner }: Pick<OwedFlow, 'module' | 'owner'>): void {
    const { policy } = this.audience;
    if (policy.isOpen) return;
    for (const one of candidatesFor(route, module, owner, this.audience)) {
      if (!mayHave(one, module, owner, policy)) this.owed.add({ module, owner, party: one.key });
    }
    if (this.fillNow && !this.owed.isActive) this.fillNow = undefined;
  }

  /**
   * Begins to bring what is owed and shared by now, unless something is on its way still. Returns which flows those are: whatever their receivers are thought to hold is
   * void from here on.
   * @param passed up to where the lane looks at no row any more
   * @param waiting rows that it has read and not begun
   */
  begin(route: LaneRoute, passed: number, waiting: Iterable<FeedEntry> = []): readonly OwedFlow[] {
    if (!this.mayBegin || this.fillNow) return none;
    this.mayBegin = false;
    const { policy } = this.audience;
    // Only now, when nothing waits that could go: as long as this is not written, a lane in nobody's hands is taken up.
    this.owed.comparedWith(policy.version);
    if (!this.owed.isWaiting) return none;
    const flows: OwedFlow[] = [];
    for (const flow of this.owed.waiting()) {
      const candidates = candidatesFor(route, flow.module, flow.owner, this.audience);
      const receiver = candidates.find((one) => one.key === flow.party);
      if (receiver && mayHave(receiver, flow.module, flow.owner, policy)) flows.push(flow);
    }
    if (flows.length === 0) return none;
    this.owed.begin(flows);
    const skip = new Set<number>();
    for (const { seq, row } of waiting) if (this.brings(row)) skip.add(seq);
    this.fillNow = { tracker: new CursorTracker(0), until: passed, skip };
    this.endIfDone();
    return flows;
  }

  get fill(): Fill | undefined {
    return this.fillNow;
  }

  /** Whether a row belongs to what is being brought. */
  brings({ module, owner }: ChangeRow): boolean {
    return this.owed.brings(module, owner);
  }

  /** The receivers that a row is being brought to. */
  fillReceivers(receivers: readonly Receiver[], { module, owner }: ChangeRow): readonly Receiver[] {
    return receivers.filter((one) => this.owed.isBrought(module, owner, one.key));
  }

  /** To be called after each step of the walk. Returns whether it came to its end. */
  endIfDone(): boolean {
    const { fillNow: fill } = this;
    if (!fill || fill.tracker.position < fill.until || fill.tracker.pending > 0) return false;
    this.drop();
    return true;
  }

  /** What is being brought need not be brought any more. */
  drop(): void {
    this.fillNow = undefined;
    this.owed.end();
    this.mayBegin = true;
  }

  /** How far it is brought. */
  place(): FillPlace | undefined {
    const fill = this.fillNow;
    if (!fill) return undefined;
    const { cursor } = fill.tracker;
    const skip = [...fill.skip].filter((seq) => seq > cursor).sort((a, b) => a - b);
    return { cursor, ...fill.tracker.ahead(), until: fill.until, skip };
  }

  unsaved(): OwedRecord | undefined {
    return this.owed.unsaved();
  }

  saved(): void {
    this.owed.saved();
  }
}

/** What a lane owes from its first moment: nothing of what is not shared was ever told or readable. */
export function owedFromStart(route: LaneRoute, audience: Audience): OwedRecord | undefined {
  const sharing = new LaneSharing(audience);
  sharing.look(route);
  sharing.begin(route, 0);
  return sharing.unsaved();
}

const none: readonly OwedFlow[] = [];
