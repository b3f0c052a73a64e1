import type { FeedEntry } from './feed-entry.js';
import type { Fill } from './lane-sharing.js';
import type { PushException } from './lane-store.js';

/** Something that a lane has to do: bring a row's object to its receivers, or one that goes its own way. */
export interface LaneTask {
  readonly entry: FeedEntry;
  /** Present if the task does not come from the sequence. */
  readonly exception: PushException | undefined;
  /** Present if it is part of what is shared anew. */
  readonly fill?: Fill | undefined;
}

/**
 * What a lane has read and not done yet: in the order of the sequence, and never two at a time of the same Location (or
 * Tariff). So order per Location holds, and a slow answer stalls only itself.
 */
export class LaneWindow {
  private waitingTasks: LaneTask[] = [];
  /** Lane keys in flight; few, so a list (a table that turns over so fast would feed the garbage collector). */
  private readonly busy: string[] = [];

  /** Adds a row behind those that wait. */
  add(task: LaneTask): void {
    this.waitingTasks.push(task);
  }

  /** Puts a task back to its place among those that wait. */
  putBack(task: LaneTask): void {
    let index = 0;
    while ((this.waitingTasks[index]?.entry.seq ?? Number.POSITIVE_INFINITY) < task.entry.seq) index++;
    this.waitingTasks.splice(index, 0, task);
  }

  /** Takes the first task whose Location is free, and marks it busy. */
  take(): LaneTask | undefined {
    const tasks = this.waitingTasks;
    for (let index = 0; index < tasks.length; index++) {
      const task = tasks[index];
      if (!task || this.busy.includes(task.entry.laneKey)) continue;
      tasks.splice(index, 1);
      this.busy.push(task.entry.laneKey);
      return task;
    }
    return undefined;
  }

  /** A task that was taken has come to its end. */
  free(task: LaneTask): void {
    this.busy.splice(this.busy.indexOf(task.entry.laneKey), 1);
  }

  /** Forgets what waits; what is in flight stays marked. */
  clear(): void {
    this.waitingTasks = [];
  }

  /** The rows that wait, in no order: what is in flight was judged before. */
  *rows(): Generator<FeedEntry> {
    for (const { entry, exception, fill } of this.waitingTasks) if (!exception && !fill) yield entry;
  }

  hasException(exception: PushException): boolean {
    return this.waitingTasks.some(
      ({ exception: one }) =>
        one?.object === exception.object && one.module === exception.module && one.party === exception.party,
    );
  }

  get waiting(): number {
    return this.waitingTasks.length;
  }

  get inFlight(): number {
    return this.busy.length;
  }
}
