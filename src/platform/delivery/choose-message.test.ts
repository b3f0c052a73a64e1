import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ChangeRow } from '../storage/index.js';
import { AcknowledgedMemory } from './acknowledged-memory.js';
import { chooseMessage } from './choose-message.js';
import { FeedEntry } from './feed-entry.js';

const laneKey = 'locations/DE/CP1/LOC1';
const evse = `${laneKey}/E1`;

function entry(seq: number, traits: Partial<ChangeRow> = {}): FeedEntry {
  return new FeedEntry({
    seq,
    module: 'locations',
    object: 'DE/CP1/LOC1/E1',
    laneKey: 'DE/CP1/LOC1',
    owner: 'DE/CP1',
    kind: 'PATCH',
    patch: '{}',
    patchBase: 5,
    correlationId: 'c',
    recordedAt: 0,
    ...traits,
  });
}

describe('which message', () => {
  let memory: AcknowledgedMemory;

  beforeEach(() => {
    memory = new AcknowledgedMemory(100, 3);
  });

  it('is the whole object where nothing is known, from a read that is as new as all that may have been sent', () => {
    expect(chooseMessage(entry(10), memory)).toEqual({ kind: 'whole', readFrom: 3 });
  });

  it('is the patch where the receiver holds a state from which it leads there', () => {
    memory.acknowledge(evse, laneKey, 5, false);
    expect(chooseMessage(entry(10), memory)).toEqual({ kind: 'patch', patch: '{}' });
  });

  it('is the patch where the Location was sent whole from then', () => {
    memory.acknowledge(laneKey, laneKey, 7, true);
    expect(chooseMessage(entry(10), memory).kind).toBe('patch');
  });

  it('is the whole object where the receiver holds an older state', () => {
    memory.acknowledge(evse, laneKey, 4, false);
    expect(chooseMessage(entry(10), memory).kind).toBe('whole');
  });

  it('is the whole object where what the receiver holds has become uncertain, even if its Location is known', () => {
    memory.acknowledge(laneKey, laneKey, 7, true);
    memory.forget(evse, laneKey);
    expect(chooseMessage(entry(10), memory).kind).toBe('whole');
  });

  it('is the whole object where the row is of a PUT', () => {
    memory.acknowledge(evse, laneKey, 9, false);
    const { patch: _patch, patchBase: _base, ...row } = entry(10, { kind: 'PUT' }).row;
    expect(chooseMessage(new FeedEntry(row), memory).kind).toBe('whole');
  });

  it('is none where the Location was sent whole from a later moment', () => {
    memory.acknowledge(laneKey, laneKey, 10, true);
    expect(chooseMessage(entry(10), memory)).toEqual({ kind: 'held' });
  });

  it('is none where the object itself was sent from a later moment', () => {
    memory.acknowledge(evse, laneKey, 12, false);
    expect(chooseMessage(entry(10), memory)).toEqual({ kind: 'held' });
  });

  it('is one, though the Location was patched from a later moment: that says nothing of its EVSEs', () => {
    memory.acknowledge(laneKey, laneKey, 6, true);
    memory.acknowledge(laneKey, laneKey, 12, false);
    expect(chooseMessage(entry(10), memory).kind).toBe('patch');
  });

  it('is the whole object where something of the Location was sent from a later moment (P4)', () => {
    memory.acknowledge(evse, laneKey, 5, false);
    memory.sending(laneKey, 11);
    expect(chooseMessage(entry(10), memory)).toEqual({ kind: 'whole', readFrom: 11 });
  });
});

describe('memory of what was acknowledged', () => {
  it('is bounded, and knows when it has forgotten', () => {
    const memory = new AcknowledgedMemory(10, 0);
    for (let n = 1; n <= 100; n++) {
      memory.sending(`L${n}`, n);
      memory.acknowledge(`L${n}`, `L${n}`, n, true);
    }
    expect(memory.placeOf('L1', 'L1')).toBeUndefined();
    expect(memory.placeOf('L100', 'L100')).toBe(100);
    // It cannot know from when L1 was sent, but not from later than this.
    expect(memory.latestOf('L1')).toBeGreaterThanOrEqual(1);
  });

  it('keeps what is used', () => {
    const memory = new AcknowledgedMemory(10, 0);
    memory.acknowledge('KEPT', 'KEPT', 1, true);
    for (let n = 1; n <= 100; n++) {
      memory.acknowledge(`L${n}`, `L${n}`, n, true);
      expect(memory.placeOf('KEPT', 'KEPT')).toBe(1);
    }
  });

  it('of a Location that was sent whole replaces that of its EVSEs', () => {
    const memory = new AcknowledgedMemory(10, 0);
    memory.acknowledge('L/E1', 'L', 4, false);
    memory.forget('L/E2', 'L');
    memory.acknowledge('L', 'L', 9, true);
    expect([memory.placeOf('L/E1', 'L'), memory.placeOf('L/E2', 'L'), memory.placeOf('L', 'L')]).toEqual([9, 9, 9]);
  });

  it('of a Location that became uncertain takes that of its EVSEs with it', () => {
    const memory = new AcknowledgedMemory(10, 0);
    memory.acknowledge('L', 'L', 4, true);
    memory.acknowledge('L/E1', 'L', 5, false);
    memory.forget('L', 'L');
    expect([memory.placeOf('L/E1', 'L'), memory.placeOf('L', 'L')]).toEqual([undefined, undefined]);
  });
});
