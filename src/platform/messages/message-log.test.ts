import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MessageEntry } from './message-entry.js';
import { BufferedMessageLog, type LossReason } from './message-log.js';
import type { MessageRow, MessageStore } from './message-store.js';

/** A store that takes batches when it is told to, or fails. */
class SlowStore implements MessageStore {
  readonly batches: MessageRow[][] = [];
  again = true;
  fault: Error | undefined;
  /** While set, `write` waits for it. */
  held: Promise<void> | undefined;

  async write(rows: readonly MessageRow[]): Promise<void> {
    await this.held;
    if (this.fault) throw this.fault;
    this.batches.push([...rows]);
  }
  find = async () => ({ items: [], next: undefined });
  sweep = async () => undefined;
  close = async () => undefined;

  get written(): number {
    return this.batches.flat().length;
  }
}

let now = 0;
let store: SlowStore;
let log: BufferedMessageLog;
let lost: [number, LossReason][];

const entry = (changes: Partial<MessageEntry> = {}): MessageEntry => ({
  at: 1,
  durationMs: 1,
  partnerId: 'p1',
  from: undefined,
  to: undefined,
  module: 'locations',
  interfaceRole: 'RECEIVER',
  method: 'PUT',
  path: '/x',
  scenario: undefined,
  rules: [],
  candidates: [],
  httpStatus: 200,
  statusCode: 1000,
  outcome: 'answered',
  requestId: 'r',
  correlationId: 'c',
  ...changes,
});
const add = (count: number, changes?: Partial<MessageEntry>): void => {
  for (let n = 0; n < count; n++) log.add(entry(changes));
};

beforeEach(() => {
  now = 1_000_000;
  store = new SlowStore();
  lost = [];
  log = new BufferedMessageLog({
    store,
    clock: { now: () => now },
    onLost: (count, reason) => lost.push([count, reason]),
    capacity: 1_000,
  });
});
afterEach(() => log.close());

describe('BufferedMessageLog', () => {
  it('writes in batches of at most 200, with turns of the event loop between them', async () => {
    add(450);
    let turns = 0;
    const turn = (): void => {
      turns++;
      if (store.written < 450) setImmediate(turn);
    };
    setImmediate(turn);
    await log.flush();
    expect(store.batches.map(({ length }) => length)).toEqual([200, 200, 50]);
    expect(turns).toBeGreaterThanOrEqual(2);
  });

  it('writes by itself, soon', async () => {
    const written = new Promise<void>((resolve) => {
      const { write } = store;
      store.write = async (rows) => {
        await write.call(store, rows);
        resolve();
      };
    });
    add(1);
    expect(store.written).toBe(0);
    await written;
    expect(store.written).toBe(1);
  });

  it('never makes anybody wait: what a slow store has no room for is lost, and counted', async () => {
    let release = (): void => undefined;
    store.held = new Promise((resolve) => {
      release = resolve;
    });
    add(1);
    const flushed = log.flush();
    add(1_500);
    expect(lost).toHaveLength(500);
    expect(lost[0]).toEqual([1, 'full']);
    release();
    await flushed;
    await log.flush();
    expect(store.written).toBe(1_001);
  });

  it('hands in once more what a store did not take that may take it later', async () => {
    store.fault = new Error('away');
    add(3);
    await log.flush();
    expect(lost).toEqual([]);
    store.fault = undefined;
    await log.flush();
    expect(store.written).toBe(3);
  });

  it('gives up what another store did not take, and says so', async () => {
    store.again = false;
    store.fault = new Error('full');
    add(250);
    await log.flush();
    expect(lost).toEqual([[200, 'store']]);
    store.fault = undefined;
    await log.flush();
    expect(store.written).toBe(50);
  });

  it('keeps a few entries a second of a partner that is turned away for load, so that it pushes out nothing else', async () => {
    add(100, { outcome: 'limited' });
    add(100, { outcome: 'shed', partnerId: 'p2' });
    add(10);
    await log.flush();
    expect(store.written).toBe(20);
    expect(lost).toHaveLength(190);
    now += 1_000;
    add(1, { outcome: 'limited' });
    await log.flush();
    expect(store.written).toBe(21);
  });

  it('writes the rest when it is closed, and takes nothing afterwards', async () => {
    add(7);
    await log.close();
    expect(store.written).toBe(7);
    add(1);
    await log.flush();
    expect(store.written).toBe(7);
  });

  it('closes with a store that fails, and counts what was left', async () => {
    store.fault = new Error('away');
    add(7);
    await log.close();
    expect(lost).toEqual([[7, 'store']]);
  });
});
