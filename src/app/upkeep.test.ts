import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Upkeep, type UpkeepOptions } from './upkeep.js';

const minute = 60_000;
const hour = 60 * minute;

/** Whose duty it is, by the clock of the test. */
let holder: { readonly node: string; readonly until: number } | undefined;
let done: string[];

beforeEach(() => {
  jest.useFakeTimers();
  holder = undefined;
  done = [];
});
afterEach(() => {
  jest.useRealTimers();
});

function upkeep(node: string): Upkeep {
  const note = (what: string) => async () => void done.push(`${node} ${what}`);
  const started = new Upkeep({
    partners: { activity: { flush: note('flush') }, audit: { head: async () => ({ seq: 0, hash: '' }) } },
    initiator: { rotateDue: note('rotate') },
    events: { auditHeadNoted: () => done.push(`${node} audit`) },
    sweep: note('sweep'),
    logger: { error: ({ err }: { err: unknown }) => done.push(String(err)) },
    duty: async (_name: string, forMs: number) => {
      const now = jest.now();
      if (holder && holder.node !== node && holder.until > now) return false;
      holder = { node, until: now + forMs };
      return true;
    },
  } as unknown as UpkeepOptions);
  started.start();
  return started;
}
const count = (what: string): number => done.filter((entry) => entry === what).length;

it('each node notes whom it has seen, and one of them does the rest', async () => {
  const both = [upkeep('one'), upkeep('two')];
  await jest.advanceTimersByTimeAsync(24 * hour);
  for (const each of both) await each.stop();
  expect([count('one flush'), count('two flush')]).toEqual([2880, 2880]);
  expect([count('one rotate'), count('two rotate')]).toEqual([24, 0]);
  expect([count('one audit'), count('two audit')]).toEqual([1, 0]);
  expect([count('one sweep'), count('two sweep')]).toEqual([24, 0]);
  expect(done.filter((entry) => entry.startsWith('Error'))).toEqual([]);
});

it('another node takes over from one that is gone', async () => {
  const [one, two] = [upkeep('one'), upkeep('two')];
  await jest.advanceTimersByTimeAsync(hour + minute);
  await one.stop();
  await jest.advanceTimersByTimeAsync(hour);
  await two.stop();
  expect([count('one rotate'), count('two rotate')]).toEqual([1, 1]);
});
