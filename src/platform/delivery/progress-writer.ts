import type { LaneProgress, LaneStore } from './lane-store.js';
import type { LeaseClock, Moment } from './lease-clock.js';
import type { Timers } from './ports.js';
import type { DeliveryTiming } from './timing.js';

/** A lane as far as its progress is written down. */
export interface ProgressingLane {
  readonly partnerId: string;
  /** What is to be written; undefined if the lane is not in our hands. */
  progress(): LaneProgress | undefined;
  /** It was written, and the lease renewed; the store was asked at `askedAt`. */
  saved(fence: number, askedAt: Moment): void;
  /** It was not written: it is to be told again. */
  notSaved(progress: LaneProgress): void;
  /** The fence has moved from this one. */
  lost(fence: number): void;
}

export interface ProgressWriterOptions {
  readonly store: Pick<LaneStore, 'save'>;
  readonly leaseClock: LeaseClock;
  readonly timers: Timers;
  readonly timing: Pick<DeliveryTiming, 'saveMs' | 'stumbleMs' | 'leaseMs'>;
  /** Told when nothing could be written; it is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Writes the progress of lanes, many in one go. A lane that is pressed (too much of what it has done is not written down, so
 * that it will have to wait) is written as soon as the store has answered to the write before; the others follow within `saveMs`.
 */
export class ProgressWriter {
  private readonly moved = new Set<ProgressingLane>();
  private readonly pressed = new Set<ProgressingLane>();
  private cancel: (() => void) | undefined;
  private isDue = false;
  private writing: Promise<void> | undefined;
  private isBroken = false;

  constructor(private readonly options: ProgressWriterOptions) {}

  /** A lane has moved. */
  note(lane: ProgressingLane, isPressed: boolean): void {
    this.moved.add(lane);
    if (isPressed) this.pressed.add(lane);
    if (this.isBroken) return;
    if (isPressed) this.begin();
    else this.cancel ??= this.options.timers.after(this.options.timing.saveMs, this.timeIsUp);
  }

  /** Writes everything that moved until now. Never rejects. */
  async flush(): Promise<void> {
    await this.writing;
    this.isDue = true;
    this.begin();
    await this.writing;
  }

  private readonly timeIsUp = (): void => {
    this.cancel = undefined;
    this.isBroken = false;
    this.isDue = true;
    this.begin();
  };

  private begin(): void {
    if (this.writing !== undefined) return;
    const lanes = [...(this.isDue ? this.moved : this.pressed)];
    this.isDue = false;
    if (lanes.length === 0) return;
    for (const lane of lanes) {
      this.moved.delete(lane);
      this.pressed.delete(lane);
    }
    this.writing = this.write(lanes).finally(() => {
      this.writing = undefined;
      if (!this.isBroken) this.begin();
    });
  }

  private async write(lanes: readonly ProgressingLane[]): Promise<void> {
    const { store, leaseClock, timing, timers, onFailure } = this.options;
    const batch: LaneProgress[] = [];
    const written: ProgressingLane[] = [];
    for (const lane of lanes) {
      const progress = lane.progress();
      if (!progress) continue;
      batch.push(progress);
      written.push(lane);
    }
    if (batch.length === 0) return;
    const askedAt = leaseClock.now();
    try {
      const lost = await store.save(batch, timing.leaseMs);
      batch.forEach(({ partner, fence }, index) => {
        if (lost.includes(partner)) written[index]?.lost(fence);
        else written[index]?.saved(fence, askedAt);
      });
    } catch (error) {
      this.isBroken = true;
      onFailure(error);
      batch.forEach((progress, index) => {
        const lane = written[index];
        if (!lane) return;
        lane.notSaved(progress);
        this.moved.add(lane);
      });
      this.cancel?.();
      this.cancel = timers.after(timing.stumbleMs, this.timeIsUp);
    }
  }
}
