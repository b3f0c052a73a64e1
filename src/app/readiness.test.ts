import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ReadinessCheck } from './readiness.js';

describe('readiness', () => {
  let probe: () => Promise<boolean>;
  let health: 'ok' | 'degraded';
  let check: ReadinessCheck;

  beforeEach(() => {
    jest.useFakeTimers();
    probe = async () => true;
    health = 'ok';
    check = new ReadinessCheck({ probe: () => probe() }, { health: () => health });
    check.start();
  });
  afterEach(() => {
    check.stop();
    jest.useRealTimers();
  });

  const afterLooks = async (count: number): Promise<boolean> => {
    await jest.advanceTimersByTimeAsync(count * 5_000);
    return check.current().ready;
  };

  it('follows the database, both ways', async () => {
    expect(await afterLooks(1)).toBe(true);
    probe = async () => false;
    expect(await afterLooks(1)).toBe(false);
    expect(check.current().reasons).toEqual(['The database cannot be written.']);
    probe = async () => true;
    expect(await afterLooks(1)).toBe(true);
  });

  it('is back a second after the database is', async () => {
    probe = async () => false;
    expect(await afterLooks(1)).toBe(false);
    probe = async () => true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(check.current().ready).toBe(true);
  });

  it('ends with the first write that fails', async () => {
    expect(check.current().ready).toBe(true);
    check.failed();
    expect(check.current().ready).toBe(false);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(check.current().ready).toBe(true);
  });

  it('ends with a database that does not answer, or fails to, and comes back with it', async () => {
    probe = () => Promise.reject(new Error('gone'));
    expect(await afterLooks(1)).toBe(false);
    let answer: (writable: boolean) => void = () => undefined;
    probe = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    expect(await afterLooks(2)).toBe(false);
    probe = async () => true;
    answer(true);
    expect(await afterLooks(1)).toBe(true);
  });

  it('does not need Redis, and ends when the stop begins', async () => {
    health = 'degraded';
    expect(await afterLooks(1)).toBe(true);
    expect(check.current().degraded).toHaveLength(1);
    check.stop();
    expect(check.current()).toMatchObject({ ready: false, reasons: ['The hub is stopping.'] });
  });
});
