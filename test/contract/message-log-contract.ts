import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BufferedMessageLog,
  type MessageBounds,
  type MessageEntry,
  type MessageFilter,
  type MessageStore,
} from '../../src/platform/messages/index.js';

/** An empty place for messages, opened as often as a test likes. */
export interface MessagesUnderTest {
  open(bounds: MessageBounds): Promise<MessageStore>;
  close(): Promise<void>;
}

const begin = Date.UTC(2026, 0, 1);
const day = 86_400_000;
const plenty: MessageBounds = { keepMs: 7 * day, entries: 100_000 };

/** The n-th entry, made in second n. */
export const entryNo = (n: number, changes: Partial<MessageEntry> = {}): MessageEntry => ({
  at: begin + n * 1_000,
  durationMs: 1.5,
  partnerId: 'p1',
  from: 'FR/EM1',
  to: undefined,
  module: 'locations',
  interfaceRole: 'SENDER',
  method: 'GET',
  path: `/ocpi/2.2.1/sender/locations?offset=${n}`,
  scenario: 'get-all',
  rules: ['R-38'],
  candidates: [],
  httpStatus: 200,
  statusCode: 1000,
  outcome: 'answered',
  requestId: `request-${n}`,
  correlationId: `correlation-${n}`,
  ...changes,
});

const forwarded = entryNo(500, {
  partnerId: 'p7',
  from: 'FR/EM7',
  to: 'DE/CP7',
  module: 'commands',
  scenario: 'direct',
  outcome: 'timeout',
  statusCode: 4002,
  requestId: 'first-leg',
  correlationId: 'the-charge',
  candidates: [
    {
      party: 'DE/CP9',
      partnerId: 'p9',
      why: 'he said "no" \\ and left',
      leg: { requestId: 'second-leg', httpStatus: undefined, statusCode: undefined, outcome: 'timeout', durationMs: 9 },
    },
  ],
});

/** What the message log promises, wherever it keeps its entries. */
export function describeMessageLog(name: string, openPlace: () => Promise<MessagesUnderTest>): void {
  describe(`message log on ${name}`, () => {
    let place: MessagesUnderTest;
    let logs: BufferedMessageLog[];
    let lost: number;
    let now = begin;

    beforeEach(async () => {
      place = await openPlace();
      logs = [];
      lost = 0;
      now = begin;
    });
    afterEach(async () => {
      for (const log of logs) await log.close();
      await place.close();
    });

    const open = async (bounds = plenty): Promise<BufferedMessageLog> => {
      const store = await place.open(bounds);
      const onLost = (count: number): void => {
        lost += count;
      };
      const log = new BufferedMessageLog({ store, clock: { now: () => now }, onLost });
      logs.push(log);
      return log;
    };
    const filled = async (count: number, bounds = plenty): Promise<BufferedMessageLog> => {
      const log = await open(bounds);
      for (let n = 0; n < count; n++) log.add(n === 500 ? forwarded : entryNo(n));
      await log.flush();
      return log;
    };
    const found = async (log: BufferedMessageLog, filter: MessageFilter): Promise<string[]> =>
      (await log.find(filter, 1_000)).items.map(({ requestId }) => requestId);

    it('gives back what it was given, newest first', async () => {
      const log = await filled(501);
      const { items } = await log.find({}, 2);
      const [{ place: newest = 0, ...first } = {}, second] = items;
      expect(first).toEqual(forwarded);
      expect(second).toMatchObject({ requestId: 'request-499' });
      expect(newest).toBeGreaterThan(second?.place ?? newest);
    });

    it('pages through everything once, whatever is added meanwhile', async () => {
      const log = await filled(700);
      const seen: string[] = [];
      let next: number | undefined;
      do {
        const page = await log.find({}, 64, next);
        seen.push(...page.items.map(({ requestId }) => requestId));
        next = page.next;
        log.add(entryNo(10_000));
        await log.flush();
      } while (next !== undefined);
      expect(seen).toHaveLength(700);
      expect(new Set(seen).size).toBe(700);
    });

    it.each<[string, MessageFilter]>([
      ['its correlation id', { correlationId: 'the-charge' }],
      ['the request id of the first leg', { requestId: 'first-leg' }],
      ['the request id of the second leg', { requestId: 'second-leg' }],
      ['who asked', { partnerId: 'p7' }],
      ['the partner that was considered', { partnerId: 'p9' }],
      ['the party that asked', { party: 'FR/EM7' }],
      ['the party that was named', { party: 'DE/CP7' }],
      ['the party that was considered', { party: 'DE/CP9' }],
      ['its module', { module: 'commands' }],
      ['its outcome', { outcome: 'timeout' }],
      ['its scenario', { scenario: 'direct' }],
      ['its time', { since: begin + 500_000, until: begin + 500_000 }],
      ['several things', { party: 'FR/EM7', module: 'commands', since: begin, until: begin + day }],
    ])('finds a message by %s among many', async (_what, filter) => {
      const log = await filled(1_500);
      expect(await found(log, filter)).toEqual(['first-leg']);
    });

    it('finds by whole values only', async () => {
      const log = await filled(501);
      // Each stands in the text of an entry, and is not what was asked for.
      expect(await found(log, { module: 'get-all' })).toEqual([]);
      expect(await found(log, { party: 'second-leg' })).toEqual([]);
      expect(await found(log, { requestId: 'the-charge' })).toEqual([]);
      expect(await found(log, { requestId: 'first' })).toEqual([]);
      expect(await found(log, { party: '%' })).toEqual([]);
      expect(await found(log, { party: 'DE/CP9', outcome: 'answered' })).toEqual([]);
      expect(await found(log, { correlationId: 'correlation-1', since: begin + 2_000 })).toEqual([]);
    });

    it('finds all messages of one charge', async () => {
      const log = await filled(20);
      for (let n = 0; n < 700; n++) log.add(entryNo(n, { correlationId: 'long', requestId: `of-long-${n}` }));
      await log.flush();
      expect(await found(log, { correlationId: 'long' })).toHaveLength(700);
    });

    it('keeps no more than it may, the newest', async () => {
      const log = await filled(1_000, { ...plenty, entries: 300 });
      await log.sweep();
      const { items, next } = await log.find({}, 1_000);
      expect(items).toHaveLength(300);
      expect(items.at(-1)?.requestId).toBe('request-700');
      expect(next).toBeUndefined();
    });

    it('keeps nothing longer than it may', async () => {
      const log = await filled(1_400, { ...plenty, keepMs: day });
      now = begin + day + 1_390_000;
      await log.sweep();
      expect(await found(log, {})).toEqual([...Array.from({ length: 10 }, (_, index) => `request-${1_399 - index}`)]);
      now += day;
      await log.sweep();
      expect(await found(log, {})).toEqual([]);
      log.add(entryNo(1));
      await log.flush();
      expect(await found(log, {})).toEqual(['request-1']);
    });

    it('has what was written after a restart', async () => {
      const before = await filled(3);
      await before.close();
      expect(await found(await open(), {})).toEqual(['request-2', 'request-1', 'request-0']);
    });

    it('takes whatever text partners send', async () => {
      const log = await open();
      const odd = entryNo(1, { path: '/ü"\\/\u0000\u2028\ud800', correlationId: `'; DROP TABLE message; --` });
      log.add(odd);
      await log.flush();
      expect(lost).toBe(0);
      const { items } = await log.find({ correlationId: `'; DROP TABLE message; --` }, 5);
      expect(items).toHaveLength(1);
    });
  });
}
