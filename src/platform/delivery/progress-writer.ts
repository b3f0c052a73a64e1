import type { Clock } from '../../kernel/clock.js';
import type { LaneProgress, LaneStore } from './lane-store.js';
import type { Timers } from './ports.js';
import type { DeliveryTiming } from './timing.js';

/** A lane as far as its progress is written down. */
export interface ProgressingLane {
  readonly partnerId: string;
  /** What is to be written; undefined if the lane is not in our hands. */
  progress(): LaneProgress | undefined;
  /** It was written, and the lease runs until then. */
  renewed(fence: number, until: number): void;
  /** The fence has moved from this one. */
  lost(fence: number): void;
}

export interface ProgressWriterOptions {
  readonly store: Pick<LaneStore, 'save'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly timing: Pick<DeliveryTiming, 'saveMs' | 'leaseMs'>;
  /** Told when nothing could be written; it is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/** Writes the cursors of all lanes that moved in one go: a crash repeats what was done since the last time. */
export class ProgressWriter {
  private readonly moved = new Set<ProgressingLane>();
  private cancel: (() => void) | undefined;
  private writing: Promise<void> | undefined;

  constructor(private readonly options: ProgressWriterOptions) {}

  /** A lane has moved; it is written within `saveMs`, or at once. */
  note(lane: ProgressingLane, atOnce: boolean): void {
    this.moved.add(lane);
    if (atOnce) void this.flush();
    else this.cancel ??= this.options.timers.after(this.options.timing.saveMs, () => void this.flush());
  }

  /** Writes everything that moved until now. Never rejects. */
  async flush(): Promise<void> {
    await this.writing;
    if (this.moved.size === 0) return;
    this.writing ??= this.write().finally(() => {
      this.writing = undefined;
    });
    await this.writing;
  }

  private async write(): Promise<void> {
    const { store, clock, timing, timers, onFailure } = this.options;
    this.cancel?.();
    this.cancel = undefined;
    const lanes = [...this.moved];
    this.moved.clear();
    const batch = lanes.map((lane) => lane.progress()).filter((one) => one !== undefined);
    const until = clock.now() + timing.leaseMs;
    try {
      const lost = new Set(await store.save(batch, timing.leaseMs));
      const fences = new Map(batch.map((one) => [one.partner, one.fence]));
      for (const lane of lanes) {
        const fence = fences.get(lane.partnerId);
        if (fence === undefined) continue;
        if (lost.has(lane.partnerId)) lane.lost(fence);
        else lane.renewed(fence, until);
      }
    } catch (error) {
      onFailure(error);
      for (const lane of lanes) this.moved.add(lane);
      this.cancel ??= timers.after(timing.saveMs, () => void this.flush());
    }
  }
}
