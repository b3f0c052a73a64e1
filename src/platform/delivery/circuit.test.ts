import { beforeEach, describe, expect, it } from '@jest/globals';
import { Circuit } from './circuit.js';
import { defaultTiming } from './timing.js';

describe('circuit', () => {
  let circuit: Circuit;
  let now: number;

  beforeEach(() => {
    now = 1_000_000;
    circuit = new Circuit(defaultTiming, () => 0.5);
  });

  const fail = (retryAfterMs?: number): void => circuit.failed(circuit.ticket(), now, retryAfterMs);
  const succeed = (): boolean => circuit.succeeded(circuit.ticket(), now);
  /** Waits until something may be sent. */
  const wait = (): void => {
    const decision = circuit.decide(now);
    if (decision.kind === 'hold') now = decision.until;
  };

  it('sends with the full window at first', () => {
    expect(circuit.decide(now)).toEqual({ kind: 'send', window: 8 });
  });

  it('holds after a failure, and goes on when the pause is over', () => {
    fail();
    expect(circuit.decide(now)).toEqual({ kind: 'hold', until: now + 1000 });
    wait();
    expect(circuit.decide(now)).toEqual({ kind: 'send', window: 8 });
  });

  it('opens at the fifth failure in a row', () => {
    for (let n = 0; n < 4; n++) {
      fail();
      wait();
    }
    expect(circuit.isOpen()).toBe(false);
    fail();
    expect(circuit.isOpen()).toBe(true);
    expect(circuit.decide(now)).toEqual({ kind: 'hold', until: now + 30_000 });
    wait();
    expect(circuit.decide(now)).toEqual({ kind: 'probe' });
  });

  it('starts to count anew after a success', () => {
    for (let round = 0; round < 10; round++) {
      for (let n = 0; n < 3; n++) {
        fail();
        wait();
      }
      for (let n = 0; n < 3; n++) succeed();
    }
    expect(circuit.isOpen()).toBe(false);
  });

  it('takes requests that were in flight together for one failure', () => {
    const ticket = circuit.ticket();
    for (let n = 0; n < 8; n++) circuit.failed(ticket, now);
    expect(circuit.record()).toMatchObject({ state: 'closed', failures: 1 });
  });

  it('opens when 70 % of at least ten calls in five minutes failed', () => {
    const ticket = circuit.ticket();
    for (let n = 0; n < 3; n++) circuit.succeeded(ticket, now);
    for (let n = 0; n < 6; n++) circuit.failed(ticket, now);
    expect(circuit.isOpen()).toBe(false);
    circuit.failed(ticket, now);
    expect(circuit.isOpen()).toBe(true);
  });

  it('forgets calls that are more than five minutes old', () => {
    const ticket = circuit.ticket();
    for (let n = 0; n < 6; n++) circuit.failed(ticket, now);
    now += 6 * 60_000;
    for (let n = 0; n < 3; n++) circuit.succeeded(ticket, now);
    for (let n = 0; n < 3; n++) circuit.failed(ticket, now);
    expect(circuit.isOpen()).toBe(false);
  });

  describe('when open', () => {
    beforeEach(() => {
      for (let n = 0; n < 5; n++) {
        wait();
        fail();
      }
      wait();
    });

    it('waits for the next probe after one that failed', () => {
      fail();
      expect(circuit.decide(now)).toEqual({ kind: 'hold', until: now + 30_000 });
      expect(circuit.record().state).toBe('open');
    });

    it('probes again at once after one that passed, and closes after the second', () => {
      expect(succeed()).toBe(false);
      expect(circuit.record().state).toBe('half_open');
      expect(circuit.decide(now)).toEqual({ kind: 'probe' });
      expect(succeed()).toBe(true);
      expect(circuit.record()).toMatchObject({ state: 'closed', failures: 0, openedAt: undefined });
    });

    it('opens again when the second probe fails', () => {
      succeed();
      fail();
      expect(circuit.record().state).toBe('open');
      wait();
      succeed();
      expect(circuit.record().state).toBe('half_open');
    });

    it('is not impressed by answers to requests from before', () => {
      expect(circuit.succeeded(circuit.ticket() - 1, now)).toBe(false);
      expect(circuit.record().state).toBe('open');
    });

    it('opens its window by 1, 2, 4, 8 after it closed', () => {
      succeed();
      succeed();
      const windows = Array.from({ length: 9 }, () => {
        const decision = circuit.decide(now);
        succeed();
        return decision.kind === 'send' ? decision.window : 0;
      });
      expect(windows).toEqual([1, 2, 2, 4, 4, 4, 4, 8, 8]);
    });

    it('is the same after a restart', () => {
      const again = new Circuit(defaultTiming, () => 0.5, circuit.record());
      expect(again.record()).toEqual(circuit.record());
      expect(again.decide(now)).toEqual({ kind: 'probe' });
    });
  });

  it('holds for as long as the partner asks, also when requests from before succeed', () => {
    const ticket = circuit.ticket();
    fail(120_000);
    circuit.succeeded(ticket, now);
    expect(circuit.decide(now)).toEqual({ kind: 'hold', until: now + 120_000 });
  });

  it('knows since when there were nothing but failures', () => {
    fail();
    const since = now;
    wait();
    fail();
    expect(circuit.failingSince()).toBe(since);
    wait();
    succeed();
    expect(circuit.failingSince()).toBeUndefined();
  });
});
