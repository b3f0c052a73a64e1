import { describe, expect, it } from '@jest/globals';
import { CursorTracker } from './cursor-tracker.js';
import { FeedEntry } from './feed-entry.js';
import { type LaneTask, LaneWindow } from './lane-window.js';

function task(seq: number, location: string): LaneTask {
  const [object, laneKey, owner] = [`DE/CP1/${location}/E${seq}`, `DE/CP1/${location}`, 'DE/CP1'];
  const row = {
    seq,
    module: 'locations',
    object,
    laneKey,
    owner,
    kind: 'PUT',
    correlationId: '',
    recordedAt: 0,
  } as const;
  return { entry: new FeedEntry(row), exception: undefined };
}

describe('lane window', () => {
  const seqOf = (one: LaneTask | undefined): number | undefined => one?.entry.seq;

  it('gives the first task whose Location is free', () => {
    const window = new LaneWindow();
    for (const one of [task(1, 'A'), task(2, 'A'), task(3, 'B')]) window.add(one);
    expect([seqOf(window.take()), seqOf(window.take()), seqOf(window.take())]).toEqual([1, 3, undefined]);
    expect([window.inFlight, window.waiting]).toEqual([2, 1]);
  });

  it('gives what waits for a Location when that becomes free', () => {
    const window = new LaneWindow();
    for (const one of [task(1, 'A'), task(2, 'A')]) window.add(one);
    const first = window.take();
    if (first) window.free(first);
    expect(seqOf(window.take())).toBe(2);
  });

  it('keeps the order of a Location when a task is put back', () => {
    const window = new LaneWindow();
    for (const one of [task(1, 'A'), task(2, 'A'), task(3, 'B')]) window.add(one);
    const first = window.take();
    const third = window.take();
    for (const one of [third, first]) {
      if (!one) continue;
      window.free(one);
      window.putBack(one);
    }
    expect([seqOf(window.take()), seqOf(window.take())]).toEqual([1, 3]);
  });

  it('keeps Locations busy that are in flight when it is cleared', () => {
    const window = new LaneWindow();
    window.add(task(1, 'A'));
    window.take();
    window.clear();
    window.add(task(9, 'A'));
    expect(window.take()).toBeUndefined();
  });
});

describe('cursor', () => {
  it('stands below the lowest row that is not done', () => {
    const tracker = new CursorTracker(10);
    for (const seq of [12, 15, 16, 20]) tracker.opened(seq);
    tracker.readUpTo(25);
    expect([tracker.cursor, tracker.position]).toEqual([11, 25]);
    tracker.done(15);
    tracker.done(16);
    expect(tracker.cursor).toBe(11);
    tracker.done(12);
    expect(tracker.cursor).toBe(19);
    tracker.done(20);
    expect(tracker.cursor).toBe(25);
  });

  it('does not move for rows that it does not know', () => {
    const tracker = new CursorTracker(10);
    tracker.opened(12);
    tracker.done(11);
    tracker.done(13);
    expect(tracker.cursor).toBe(11);
  });

  it('never falls back in reading', () => {
    const tracker = new CursorTracker(10);
    tracker.readUpTo(5);
    expect(tracker.position).toBe(10);
  });
});
