import { Lane, type SliceEnd } from './lane.js';
import type { LaneServices } from './lane-services.js';
import type { WakeQueue } from './ports.js';

/** The lanes that this process works on: which of them are at work, which rest, and who is woken when. */
export class LaneCrew {
  private readonly lanes = new Map<string, Lane>();
  /** Lanes that have caught up and wait for the head to move. */
  private readonly idle = new Set<string>();
  private readonly running = new Set<Lane>();
  private wokenAt = Number.NEGATIVE_INFINITY;
  private cancelWake: (() => void) | undefined;
  private stopping = false;

  constructor(
    private readonly services: LaneServices,
    private readonly queue: WakeQueue,
  ) {}

  get(partnerId: string): Lane | undefined {
    return this.lanes.get(partnerId);
  }

  /** Forgets a lane; what it has in flight comes to nothing. */
  drop(partnerId: string): void {
    this.lanes.get(partnerId)?.lost();
    this.lanes.delete(partnerId);
    this.idle.delete(partnerId);
  }

  /** Asks for a slice of work on a lane, if its partner is told anything. */
  wake(partnerId: string): void {
    if (this.stopping || !this.services.route(partnerId)) return;
    this.idle.delete(partnerId);
    this.queue.add('lane', partnerId);
  }

  /** A slice of work; to be called by the queue. */
  async work(partnerId: string, signal: AbortSignal): Promise<void> {
    if (this.stopping || !this.services.route(partnerId)) return;
    const lane = this.lanes.get(partnerId) ?? new Lane(partnerId, this.services);
    this.lanes.set(partnerId, lane);
    this.idle.delete(partnerId);
    this.running.add(lane);
    const end = await lane.run(signal);
    this.running.delete(lane);
    if (!this.stopping) this.rest(partnerId, end);
  }

  /** A commit. Called very often: lanes are woken at most once within `wakeMs`, and a lane at work is only rung. */
  advanced(): void {
    if (this.cancelWake || this.stopping) return;
    const { clock, timers, timing } = this.services;
    const since = clock.now() - this.wokenAt;
    if (since >= timing.wakeMs) this.wakeAll();
    else this.cancelWake = timers.after(timing.wakeMs - since, () => this.wakeAll());
  }

  /** Sends nothing more; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.cancelWake?.();
    await Promise.all([...this.lanes.values()].map((lane) => lane.stop()));
  }

  private rest(partnerId: string, end: SliceEnd): void {
    const { clock, feed } = this.services;
    if (end.kind === 'more') this.queue.add('lane', partnerId);
    else if (end.kind === 'hold') this.queue.add('lane', partnerId, { delayMs: Math.max(1, end.until - clock.now()) });
    else if (end.kind === 'idle') {
      this.idle.add(partnerId);
      // The head may have moved while the lane was coming to rest.
      const view = this.lanes.get(partnerId)?.view();
      if (!view || view.cursor < feed.head()) this.wake(partnerId);
    }
  }

  private wakeAll(): void {
    this.cancelWake = undefined;
    this.wokenAt = this.services.clock.now();
    for (const lane of this.running) lane.notify();
    for (const id of this.idle) this.wake(id);
  }
}
