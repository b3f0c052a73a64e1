import { describe, expect, it } from '@jest/globals';
import type { Location, Tariff } from '../../../generated/ocpi.js';
import { objectKey } from '../../../kernel/party-ref.js';
import { FakeLivePlaces } from '../live/testing/fake-live-places.js';
import { parseTariffFilter } from './tariff-filter.js';
import { TariffSource } from './tariff-source.js';
import { tariffsOfUtrecht, utrecht } from './testing/utrecht.js';

const all = parseTariffFilter(['all']);
const everybody = (): boolean => true;

function setup(tariffs: readonly Tariff[] = tariffsOfUtrecht, limit?: number) {
  const stored = new Map(tariffs.map((tariff) => [objectKey(tariff, tariff.id), JSON.stringify(tariff)]));
  const live = new FakeLivePlaces();
  const reads: string[] = [];
  const clock = { time: Date.parse('2026-06-01T12:00:00Z'), now: () => clock.time };
  const source = new TariffSource({
    read: (key) => {
      reads.push(key);
      return Promise.resolve(stored.get(key));
    },
    live,
    clock,
    ...(limit !== undefined && { limit }),
  });
  return { stored, live, reads, clock, source };
}

const connectorsOf = (location: Location) => location.evses?.flatMap(({ connectors }) => connectors) ?? [];

describe('the tariffs of a place', () => {
  it('are those of the worked sample, by position after the filter', async () => {
    const { source } = setup();
    const indexes = async (...filter: string[]): Promise<unknown> => {
      const { tariffs, indexesOf } = await source.of(utrecht, parseTariffFilter(filter), everybody);
      return [tariffs.map(({ type }) => type), connectorsOf(utrecht).map(({ tariff_ids }) => indexesOf(tariff_ids))];
    };
    expect(await indexes('all')).toEqual([
      ['adhoc', 'emsp', 'cpo'],
      [[0, 1, 2], [0, 2], [0], [], []],
    ]);
    expect(await indexes('cpo', 'emsp')).toEqual([
      ['emsp', 'cpo'],
      [[0, 1], [1], [], [], []],
    ]);
    expect(await indexes()).toEqual([['adhoc'], [[0], [0], [0], [], []]]);
  });

  it('never show a price between businesses, whatever is asked for', async () => {
    const { source } = setup();
    const filter = parseTariffFilter(['all', 'partner:6c0f6a1e-0d1b-4c53-9a55-0a4f6a3f7c01']);
    const { tariffs, published } = await source.of(utrecht, filter, everybody);
    expect(tariffs).toHaveLength(3);
    expect(JSON.stringify(published)).not.toContain('0.19');
  });

  it('are none for those who may not see them', async () => {
    const { source, reads } = setup();
    const asked: string[] = [];
    const { tariffs } = await source.of(utrecht, all, (owner) => {
      asked.push(owner);
      return false;
    });
    expect(tariffs).toEqual([]);
    expect(asked).toEqual(['NL/VLT']);
    expect(reads).toEqual([]);
  });

  it('are read once, and again when they were changed or have come', async () => {
    const { source, stored, live, reads } = setup();
    const { keys } = await source.of(utrecht, all, everybody);
    expect(keys).toEqual(['NL/VLT/ADHOC', 'NL/VLT/GONE', 'NL/VLT/B2B', 'NL/VLT/CARD', 'NL/VLT/MEMBER']);
    await source.of(utrecht, all, everybody);
    expect(reads).toEqual(keys);
    stored.delete('NL/VLT/ADHOC');
    live.tariff('NL/VLT/ADHOC');
    stored.set('NL/VLT/GONE', JSON.stringify({ ...tariffsOfUtrecht[0], id: 'gone', currency: 'SEK' }));
    live.tariff('NL/VLT/GONE');
    const { tariffs } = await source.of(utrecht, all, everybody);
    expect(tariffs.map(({ currency }) => currency)).toEqual(['SEK', 'EUR', 'EUR']);
  });

  it('do not keep what was read before a change that came meanwhile', async () => {
    const { stored, live } = setup();
    const waiting: (() => void)[] = [];
    const source = new TariffSource({
      read: (key) => {
        const text = stored.get(key);
        return new Promise((resolve) => waiting.push(() => resolve(text)));
      },
      live,
      clock: { now: () => 0 },
    });
    const one = { ...utrecht, evses: utrecht.evses?.slice(1, 2) ?? [] };
    const first = source.of(
      { ...one, evses: one.evses.map((evse) => ({ ...evse, connectors: evse.connectors.slice(1) })) },
      all,
      everybody,
    );
    stored.delete('NL/VLT/ADHOC');
    live.tariff('NL/VLT/ADHOC');
    waiting.shift()?.();
    await first;
    expect(source.size).toBe(0);
  });

  it('hold from their start to their end', async () => {
    const start_date_time = '2026-06-01T13:00:00Z';
    const { source, clock } = setup(
      tariffsOfUtrecht.map((tariff) =>
        tariff.id === 'ADHOC' ? { ...tariff, start_date_time, end_date_time: '2026-06-02T00:00:00Z' } : tariff,
      ),
    );
    const look = async (at?: number): Promise<unknown> => {
      const { tariffs, freshUntil } = await source.of(utrecht, parseTariffFilter([]), everybody, at);
      return [tariffs.length, freshUntil];
    };
    const start = Date.parse(start_date_time);
    const end = Date.parse('2026-06-02T00:00:00Z');
    expect(await look()).toEqual([0, start]);
    clock.time = start;
    expect(await look()).toEqual([1, end]);
    expect(await look(end - 1)).toEqual([1, end]);
    expect(await look(end)).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  it('stay within the limit of what is kept', async () => {
    const { source } = setup(tariffsOfUtrecht, 2);
    expect((await source.of(utrecht, all, everybody)).tariffs).toHaveLength(3);
    expect(source.size).toBe(2);
  });
});
