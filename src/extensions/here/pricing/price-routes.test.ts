import { describe, expect, it } from '@jest/globals';
import type { Tariff } from '../../../generated/ocpi.js';
import { objectKey } from '../../../kernel/party-ref.js';
import type { PlainRequest, PlainResponse } from '../../../platform/http/index.js';
import { EvError } from '../http/ev-error.js';
import { FakeLivePlaces } from '../live/testing/fake-live-places.js';
import { contentIdOf, placeIdOf } from '../model/place-id.js';
import { TariffSource } from '../tariffs/tariff-source.js';
import { tariffsOfUtrecht, utrecht } from '../tariffs/testing/utrecht.js';
import { priceRoutes } from './price-routes.js';

const key = objectKey(utrecht, utrecht.id);

function setup({ tariffs = tariffsOfUtrecht, hidden }: { tariffs?: readonly Tariff[]; hidden?: string } = {}) {
  const stored = new Map(tariffs.map((tariff) => [objectKey(tariff, tariff.id), JSON.stringify(tariff)]));
  const live = new FakeLivePlaces();
  live.put(utrecht);
  const clock = { now: () => Date.parse('2026-06-01T12:00:00Z') };
  const source = new TariffSource({ read: (each) => Promise.resolve(stored.get(each)), live, clock });
  const locations = { find: (each: string) => Promise.resolve(each === key ? JSON.stringify(utrecht) : undefined) };
  const [route] = priceRoutes({ live, locations, tariffs: source, clock });
  return async (query: string, id = contentIdOf(key)): Promise<Answer> => {
    const reply = await route?.handle({
      params: { id },
      query: new URLSearchParams(query),
      key: { id: 'k', scopes: new Set(['locations'] as const), party: undefined },
      correlationId: 'c',
      request: {} as PlainRequest,
      response: {} as PlainResponse,
      sees: (_, module) => module !== hidden,
    });
    if (typeof reply !== 'object' || !('body' in reply)) throw new Error('no body');
    return reply.body as Answer;
  };
}

interface Answer {
  readonly id: string;
  readonly session: Readonly<Record<string, unknown>>;
  readonly prices: readonly {
    readonly tariff: { readonly type: string };
    readonly total: Readonly<Record<string, string>>;
    readonly breakdown: readonly Readonly<Record<string, string>>[];
    readonly approximate?: boolean;
  }[];
}

const statusOf = async (asked: Promise<unknown>): Promise<number | undefined> => {
  try {
    await asked;
    return 200;
  } catch (error) {
    return error instanceof EvError ? error.status : undefined;
  }
};

const group = 'connectorType=IEC_62196_T2_COMBO&maxPower=150000';

describe('the price of a planned session', () => {
  it.each([
    // The rows of HERE's section 16, without their rounding at the end.
    ['adhoc', 'energy=20&power=30', '10', '12.1'],
    ['adhoc', 'energy=40.0005&power=29.9381', '22.1005', '26.741605'],
    ['emsp', 'energy=10.05&power=150&start=2026-06-01T21:30:00Z', '3.38', '4.0898'],
    ['emsp', 'energy=10.05&power=150&start=2026-06-01T12:00:00Z', '4.592', '5.55632'],
    ['cpo', 'energy=12.345&power=150', '4.6911', '5.676231'],
  ])('by %s for %s', async (type, query, excl, incl) => {
    const { prices } = await setup()(`${group}&tariff=${type}&${query}`);
    expect(prices).toHaveLength(1);
    expect(prices[0]).toMatchObject({ tariff: { type }, currency: 'EUR', total: { excl, incl } });
  });

  it('says how it came about', async () => {
    const { id, session, prices } = await setup()('evseUid=vlt-a2&connectorId=2&energy=60&parking=30');
    expect(id).toBe(placeIdOf(key));
    expect(session).toEqual({
      start: '2026-06-01T12:00:00.000Z',
      end: '2026-06-01T13:42:00.000Z',
      energy: '60',
      power: '50',
      chargingSeconds: 4320,
      parkingSeconds: 1800,
    });
    expect(prices).toEqual([
      {
        tariff: { type: 'adhoc', partner: 'Voltnet', partnerId: expect.any(String) },
        currency: 'EUR',
        total: { excl: '31.2', incl: '37.752' },
        breakdown: [
          { dimension: 'energy', measured: '60', billed: '60', price: '0.5', vat: '21', excl: '30', incl: '36.3' },
          { dimension: 'time', measured: '720', billed: '720', price: '6', vat: '21', excl: '1.2', incl: '1.452' },
        ],
      },
    ]);
  });

  it('takes the connector group with the most power, and never more power than it has', async () => {
    const { session } = await setup()('connectorType=CHADEMO&energy=25&power=400');
    expect(session).toMatchObject({ power: '50', chargingSeconds: 1800 });
  });

  it('never tells a price between businesses', async () => {
    const { prices } = await setup()(`${group}&tariff=all&energy=10`);
    expect(prices.map(({ tariff }) => tariff.type)).toEqual(['adhoc', 'emsp', 'cpo']);
    // 10 kWh at 0.19 would be 1.9.
    expect(JSON.stringify(prices)).not.toMatch(/0\.19|"1\.9"/);
    const only = tariffsOfUtrecht.filter(({ id }) => id === 'B2B');
    expect((await setup({ tariffs: only })(`${group}&tariff=all&energy=10`)).prices).toEqual([]);
  });

  it('tells nothing of what agreements hide', async () => {
    expect((await setup({ hidden: 'tariffs' })(`${group}&energy=10`)).prices).toEqual([]);
    expect(await statusOf(setup({ hidden: 'locations' })(`${group}&energy=10`))).toBe(404);
  });

  it('says that it is a guess where an overstay fee depends on the battery', async () => {
    const tariffs = tariffsOfUtrecht.map((tariff) =>
      tariff.id === 'ADHOC' ? { ...tariff, here_ext: { elements: [{ overstayBatteryLevel: 80 }] } } : tariff,
    );
    const { prices } = await setup({ tariffs })(`${group}&energy=150&power=75`);
    expect(prices).toMatchObject([{ total: { excl: '75' }, approximate: true }]);
  });

  it('looks at what holds when the session begins', async () => {
    const tariffs = tariffsOfUtrecht.map((tariff) => ({ ...tariff, end_date_time: '2026-07-01T00:00:00Z' }));
    const ask = setup({ tariffs });
    expect((await ask(`${group}&energy=10`)).prices).toHaveLength(1);
    expect((await ask(`${group}&energy=10&start=2026-07-01T00:00:00Z`)).prices).toHaveLength(0);
  });

  it.each([
    ['', 400],
    [group, 400],
    ['energy=10', 400],
    [`${group}&energy=0`, 400],
    [`${group}&energy=-1`, 400],
    [`${group}&energy=1000.1`, 400],
    [`${group}&energy=1000`, 200],
    [`${group}&energy=1e2`, 400],
    [`${group}&energy=10&energy=11`, 400],
    [`${group}&energy=10&power=0`, 400],
    [`${group}&energy=1000&power=0.001`, 400],
    [`${group}&energy=10&parking=-1`, 400],
    [`${group}&energy=10&parking=4321`, 400],
    [`${group}&energy=10&start=tomorrow`, 400],
    [`${group}&energy=10&tariff=foo`, 400],
    [`${group}&energy=10&evseUid=VLT-A1&connectorId=1`, 400],
    ['evseUid=VLT-A1&energy=10', 400],
    ['connectorId=1&energy=10', 400],
    ['maxPower=150000&energy=10', 400],
    ['evseUid=VLT-A1&connectorId=9&energy=10', 404],
    ['evseUid=VLT-OLD&connectorId=1&energy=10', 404],
    ['connectorType=IEC_62196_T2_COMBO&maxPower=1&energy=10', 404],
    ['connectorType=NACS&energy=10', 404],
  ])('answers %s with %i', async (query, status) => {
    expect(await statusOf(setup()(query))).toBe(status);
  });

  it('knows no other location', async () => {
    expect(await statusOf(setup()(`${group}&energy=10`, contentIdOf('NL/VLT/OTHER')))).toBe(404);
    expect(await statusOf(setup()(`${group}&energy=10`, '%%'))).toBe(404);
  });
});
