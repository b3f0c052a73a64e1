import { Lane, type SliceEnd } from './lane.js';
import type { LaneServices } from './lane-services.js';
import type { WakeQueue } from './ports.js';

/**
 * The lanes that this process works on: which of them are at work, which rest, and who is woken when and where.
 *
 * A lane in our hands is woken here. One in nobody's hands is woken through the queue, by whoever sees the commit first, at most
 * once between two sweeps, so that a stream of commits costs nothing per partner. One in other hands is left alone.
 */
export class LaneCrew {
  private readonly lanes = new Map<string, Lane>();
  /** Lanes that have caught up and wait for the head to move. */
  private readonly idle = new Set<string>();
  /** Lanes in nobody's hands, not woken since they were last seen so. */
  private readonly unclaimed = new Set<string>();
  private readonly running = new Set<Lane>();
  private wokenAt = Number.NEGATIVE_INFINITY;
  private cancelWake: (() => void) | undefined;
  private cancelRenewal: (() => void) | undefined;
  private stopping = false;

  constructor(
    private readonly services: LaneServices,
    private readonly queue: WakeQueue,
  ) {}

  /** Keeps the leases of lanes at work, also while they only wait for answers. */
  start(): void {
    const { timers, timing, progressed } = this.services;
    this.cancelRenewal = timers.after(timing.leaseMs / 3, () => {
      for (const lane of this.lanes.values()) if (lane.isAtWork && lane.isOurs) progressed(lane.partnerId, true);
      if (!this.stopping) this.start();
    });
  }

  get(partnerId: string): Lane | undefined {
    return this.lanes.get(partnerId);
  }

  /** Forgets a lane; what it has in flight comes to nothing. */
  drop(partnerId: string): void {
    this.lanes.get(partnerId)?.lost();
    this.lanes.delete(partnerId);
    this.idle.delete(partnerId);
    this.unclaimed.delete(partnerId);
  }

  /** Asks for a slice of work on a lane, if its partner is told anything. */
  wake(partnerId: string): void {
    if (this.stopping || !this.services.route(partnerId)) return;
    this.idle.delete(partnerId);
    this.unclaimed.delete(partnerId);
    if (this.lanes.get(partnerId)?.isOurs) this.queue.add('lane', partnerId, here);
    else this.queue.add('lane', partnerId);
  }

  /**
   * Takes a lane up in this process, if nobody has it. Not by way of Redis: the job of a worker that died stands there as active for
   * a while, and drops every wake-up of the same lane meanwhile.
   */
  takeUp(partnerId: string): void {
    if (this.stopping || !this.services.route(partnerId)) return;
    this.idle.delete(partnerId);
    this.unclaimed.delete(partnerId);
    this.queue.add('lane', partnerId, here);
  }

  /** These lanes are in nobody's hands and have nothing to do at the moment. */
  setUnclaimed(partnerIds: readonly string[]): void {
    this.unclaimed.clear();
    for (const id of partnerIds) this.unclaimed.add(id);
  }

  /** A lane was stopped: commits do not concern it. */
  pass(partnerId: string): void {
    this.idle.delete(partnerId);
    this.unclaimed.delete(partnerId);
  }

  /** A slice of work; to be called by the queue. */
  async work(partnerId: string, signal: AbortSignal): Promise<void> {
    if (this.stopping || !this.services.route(partnerId)) return;
    const lane = this.lanes.get(partnerId) ?? new Lane(partnerId, this.services);
    this.lanes.set(partnerId, lane);
    this.idle.delete(partnerId);
    this.unclaimed.delete(partnerId);
    this.running.add(lane);
    const end = await lane.run(signal);
    this.running.delete(lane);
    if (!this.stopping) this.rest(partnerId, lane, end);
  }

  /** A commit. Called very often: lanes are woken at most once within `wakeMs`, and a lane at work is only rung. */
  advanced(): void {
    if (this.cancelWake || this.stopping) return;
    const { clock, timers, timing } = this.services;
    const since = clock.now() - this.wokenAt;
    // Less than nothing: the clock was set back.
    if (since >= timing.wakeMs || since < 0) this.wakeAll();
    else this.cancelWake = timers.after(timing.wakeMs - since, () => this.wakeAll());
  }

  /** Sends nothing more and gives each lane back as soon as nothing of it is under way; resolves when all are. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.cancelWake?.();
    this.cancelRenewal?.();
    await Promise.all(
      [...this.lanes.values()].map(async (lane) => {
        await lane.stop();
        await this.giveBack(lane);
      }),
    );
  }

  private rest(partnerId: string, lane: Lane, end: SliceEnd): void {
    const { clock, feed } = this.services;
    if (end.kind === 'more') this.queue.add('lane', partnerId, here);
    else if (end.kind === 'hold') {
      const delayMs = Math.max(1, end.until - clock.now());
      this.queue.add('lane', partnerId, { delayMs, here: true });
    } else if (end.kind === 'idle') {
      this.idle.add(partnerId);
      // The head may have moved while the lane was coming to rest.
      const view = lane.view();
      if (!view || view.cursor < feed.head()) this.wake(partnerId);
    } else if (!this.services.route(partnerId)) void this.giveBack(lane);
  }

  private async giveBack(lane: Lane): Promise<void> {
    const { store, observer, flushed } = this.services;
    try {
      await flushed();
      const fence = lane.letGo();
      if (fence !== undefined) await store.release(lane.partnerId, fence);
    } catch (error) {
      observer.failed?.(lane.partnerId, error);
    }
  }

  private wakeAll(): void {
    this.cancelWake = undefined;
    this.wokenAt = this.services.clock.now();
    for (const lane of this.running) lane.notify();
    for (const id of [...this.idle, ...this.unclaimed]) this.wake(id);
  }
}

/** In this process: the lane is in its hands. */
const here = { here: true } as const;
