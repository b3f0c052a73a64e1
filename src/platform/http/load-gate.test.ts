import { describe, expect, it } from '@jest/globals';
import { OcpiError } from '../../kernel/ocpi-error.js';
import { LoadGate, type LoadGateOptions, type LoadLimits, type OverloadChange, type Ticket } from './load-gate.js';

function setUp(limits: Partial<LoadLimits> = {}, more: Partial<LoadGateOptions> = {}) {
  const time = { now: 1_000_000 };
  const late = { ms: 0 };
  const changes: OverloadChange[] = [];
  const gate = new LoadGate({
    clock: { now: () => time.now },
    limits,
    delay: { p99: () => late.ms, stop: () => undefined },
    onChange: (change) => void changes.push(change),
    ...more,
  });
  return { time, late, changes, gate };
}

/** Lets a request in; the ticket, or the HTTP status of the refusal. */
function enter(gate: LoadGate, holder: string): Ticket | number {
  try {
    return gate.enter(holder);
  } catch (error) {
    if (error instanceof OcpiError) return error.httpStatus;
    throw error;
  }
}

function fill(gate: LoadGate, holder: string, count: number): number[] {
  return Array.from({ length: count }, () => enter(gate, holder)).filter((result) => typeof result === 'number');
}

describe('what is handled at once', () => {
  it('is 128 requests of one caller, and room for the next', () => {
    const { gate } = setUp();
    expect(fill(gate, 'a', 128)).toEqual([]);
    expect(enter(gate, 'a')).toBe(429);
    expect(fill(gate, 'b', 64)).toEqual([]);
    expect(gate.inFlight).toBe(192);
  });

  it('is free again when a request leaves', () => {
    const { gate } = setUp({ requestsOfOne: 1 });
    const ticket = enter(gate, 'a') as Ticket;
    expect(enter(gate, 'a')).toBe(429);
    gate.leave(ticket);
    expect(typeof enter(gate, 'a')).toBe('object');
    expect(gate.inFlight).toBe(1);
  });

  it('leaves room for callers who hold little, however many hold all they get', () => {
    for (const greedy of [1, 3, 8, 25, 100]) {
      const { gate } = setUp();
      const refusals = new Set<number>();
      for (let round = 0; round < 200; round++)
        for (let n = 0; n < greedy; n++) for (const status of fill(gate, `greedy ${n}`, 1)) refusals.add(status);
      expect(gate.inFlight).toBeLessThan(1_000);
      expect(fill(gate, 'polite', 4)).toEqual([]);
      // Below its own limit a caller cannot know that it is too much.
      expect(refusals).toEqual(new Set([greedy < 7 ? 429 : 503]));
    }
  });

  it('is so many bytes of one caller and of all', () => {
    const { gate } = setUp({ bytesOfOne: 100, bytes: 250 });
    const [a, b, c] = ['a', 'b', 'c'].map((holder) => gate.enter(holder)) as [Ticket, Ticket, Ticket];
    expect([gate.hold(a, 60)?.httpStatus, gate.hold(a, 60)?.httpStatus]).toEqual([undefined, 429]);
    expect([gate.hold(b, 60)?.httpStatus, gate.hold(b, 20)?.httpStatus]).toEqual([undefined, 503]);
    expect(gate.hold(c, 10)?.httpStatus).toBeUndefined();
    gate.leave(a);
    gate.leave(b);
    expect(gate.hold(c, 80)?.httpStatus).toBeUndefined();
    expect(gate.hold(gate.enter('a'), 80)?.httpStatus).toBeUndefined();
  });
});

/** Partners who send at fixed rates to a hub that is late as soon as it takes more than it can. */
class Flood {
  readonly taken = new Map<string, number>();
  readonly refused = new Map<string, number>();

  constructor(
    private readonly hub: ReturnType<typeof setUp>,
    private readonly capacity: number,
    /** How late it is otherwise, ms. */
    private readonly lateMs = 30,
  ) {}

  /** Runs a second; returns how many requests were taken. */
  second(rates: Readonly<Record<string, number>>): number {
    const { gate, time, late } = this.hub;
    let taken = 0;
    for (const [holder, rate] of Object.entries(rates)) {
      for (let n = 0; n < rate; n++) {
        const ticket = enter(gate, holder);
        const counts = typeof ticket === 'number' ? this.refused : this.taken;
        counts.set(holder, (counts.get(holder) ?? 0) + 1);
        if (typeof ticket === 'number') continue;
        taken++;
        gate.leave(ticket);
      }
    }
    time.now += 1_000;
    late.ms = taken > this.capacity ? 400 : this.lateMs;
    gate.look();
    return taken;
  }

  seconds(count: number, rates: Readonly<Record<string, number>>): number[] {
    return Array.from({ length: count }, () => this.second(rates));
  }
}

describe('an overload', () => {
  const polite = Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`polite ${n}`, 20]));
  const greedy = { 'greedy 0': 3_000, 'greedy 1': 1_600, 'greedy 2': 400 };

  it('is shed where it comes from; the polite do not feel it, and the hub goes on at its capacity (P13, T19)', () => {
    const hub = setUp();
    const flood = new Flood(hub, 1_000);
    flood.seconds(20, { ...polite, ...greedy });
    const steady = flood.seconds(40, { ...polite, ...greedy });
    for (const name of Object.keys(polite)) expect(flood.refused.get(name)).toBeUndefined();
    const mean = steady.reduce((a, b) => a + b, 0) / steady.length;
    expect(mean).toBeGreaterThan(700);
    expect(mean).toBeLessThan(1_100);
    // Who sends more than the level gets the level, however much it is.
    const [first = 0, second = 0] = ['greedy 0', 'greedy 1'].map((name) => flood.taken.get(name));
    expect(hub.changes.map((change) => change.overloaded)).toEqual([true]);
    expect(hub.changes[0]?.busiest).toEqual(['greedy 0', 'greedy 1', 'greedy 2']);
    expect(second / first).toBeGreaterThan(0.5);
  });

  it('is over some seconds after the flood, and then everybody is served again', () => {
    const hub = setUp();
    const flood = new Flood(hub, 1_000);
    flood.seconds(30, { ...polite, ...greedy });
    expect(hub.gate.overloaded).toBe(true);
    flood.seconds(25, polite);
    expect(hub.gate.overloaded).toBe(false);
    expect(hub.changes.at(-1)).toMatchObject({ overloaded: false });
    expect(hub.changes.at(-1)?.shed).toBeGreaterThan(10_000);
    flood.refused.clear();
    flood.seconds(5, { ...polite, 'greedy 0': 500 });
    expect(flood.refused.size).toBe(0);
  });

  /** A fault of the hub: it is late for two minutes, whatever it takes. */
  function afterFault(rates: Readonly<Record<string, number>>) {
    const hub = setUp();
    new Flood(hub, -1).seconds(120, rates);
    expect(hub.gate.overloaded).toBe(true);
    return hub;
  }

  it.each([
    ['one caller', { honest: 100 }],
    ['a caller of 5,000 requests a second', { honest: 5_000 }],
    ['many callers', Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`honest ${n}`, 100]))],
  ])('is over within 30 s of the end of a long fault, and nothing is shed after that (P13): %s', (_, rates) => {
    const hub = afterFault(rates);
    const flood = new Flood(hub, 10_000);
    flood.seconds(30, rates);
    expect(hub.gate.overloaded).toBe(false);
    flood.refused.clear();
    flood.seconds(60, rates);
    expect(flood.refused.size).toBe(0);
    expect(hub.changes.map((change) => change.overloaded)).toEqual([true, false]);
  });

  it('is also over where the hub is always a bit late', () => {
    const hub = afterFault({ honest: 100 });
    const flood = new Flood(hub, 10_000, 150);
    flood.seconds(30, { honest: 100 });
    expect(hub.gate.overloaded).toBe(false);
    flood.refused.clear();
    flood.seconds(60, { honest: 100 });
    expect(flood.refused.size).toBe(0);
  });

  it('allows no more for some seconds in which the hub is neither calm nor too late', () => {
    const hub = afterFault({ honest: 100 });
    expect(new Flood(hub, 10_000, 150).seconds(6, { honest: 100 })).toEqual([10, 10, 10, 10, 10, 10]);
  });

  it('is over, too, if nothing at all was taken when it began', () => {
    const hub = setUp();
    const flood = new Flood(hub, -1);
    flood.seconds(3, {});
    expect(hub.gate.overloaded).toBe(true);
    const well = new Flood(hub, 10_000);
    well.seconds(30, { honest: 100 });
    expect(hub.gate.overloaded).toBe(false);
  });

  it('is not what one slow second or two are', () => {
    const { gate, late, changes } = setUp();
    for (let n = 0; n < 30; n++) {
      late.ms = n % 5 < 2 ? 900 : 5;
      gate.look();
    }
    expect(changes).toEqual([]);
  });

  it('is also a storage that is late', () => {
    const { gate, changes } = setUp();
    const second = (...commits: number[]) => {
      for (const ms of commits) gate.committed(ms);
      gate.look();
    };
    // With so many under way a write waits for two commits.
    for (const holder of ['a', 'b']) fill(gate, holder, 128);
    for (let n = 0; n < 10; n++) second(5, 450, 5);
    second();
    second();
    expect(changes).toEqual([]);
    for (let n = 0; n < 3; n++) second(5, 600, 5);
    expect(changes).toMatchObject([{ overloaded: true, storageDelayMs: 1_200 }]);
  });

  it('does not touch who waits for its answers with 64 requests at once, as in a first load', async () => {
    const hub = setUp();
    const flood = new Flood(hub, -1);
    for (let second = 0; second < 20; second++) {
      for (let turn = 0; turn < 10; turn++) {
        for (const ticket of Array.from({ length: 64 }, () => hub.gate.enter('first load'))) hub.gate.leave(ticket);
        await new Promise((resolve) => setImmediate(resolve));
      }
      flood.second({ greedy: 600 });
    }
    expect(hub.gate.overloaded).toBe(true);
    expect(flood.refused.get('greedy')).toBeGreaterThan(5_000);
  });

  it('takes ten requests a second of everybody, however late the hub is', () => {
    const hub = setUp();
    const flood = new Flood(hub, -1);
    flood.seconds(60, { a: 100, b: 100 });
    const before = flood.taken.get('a') ?? 0;
    flood.seconds(10, { a: 100, b: 100 });
    expect((flood.taken.get('a') ?? 0) - before).toBeGreaterThanOrEqual(95);
  });

  it('says in turn when to come back, so that not all come together', () => {
    const hub = setUp();
    const flood = new Flood(hub, 100);
    flood.seconds(10, { a: 5_000 });
    const said = new Set<string | undefined>();
    for (let n = 0; n < 100; n++) {
      try {
        hub.gate.leave(hub.gate.enter('a'));
      } catch (error) {
        said.add((error as OcpiError).headers['Retry-After']);
      }
    }
    expect([...said].sort()).toEqual(['1', '2', '3', '4', '5']);
  });

  it('leaves nothing in memory of callers who are gone', () => {
    const { gate, time } = setUp();
    for (let n = 0; n < 1_000; n++) gate.leave(gate.enter(`invite ${n}`));
    for (let n = 0; n < 20; n++) {
      time.now += 1_000;
      gate.look();
    }
    expect((gate as unknown as { loads: Map<string, unknown> }).loads.size).toBe(0);
  });
});
