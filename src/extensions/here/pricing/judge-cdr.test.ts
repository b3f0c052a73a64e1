import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { CDR, Tariff } from '../../../generated/ocpi.js';
import { type CdrJudgement, cdrJudge, judgeCdr } from './judge-cdr.js';

const timeZone = 'Europe/Amsterdam';

const tariff: Tariff = {
  country_code: 'NL',
  party_id: 'VLT',
  id: 'T1',
  currency: 'EUR',
  elements: [
    {
      price_components: [
        { type: 'FLAT', price: 0.5, vat: 21, step_size: 1 },
        { type: 'ENERGY', price: 0.4, vat: 21, step_size: 1 },
        { type: 'PARKING_TIME', price: 3, vat: 21, step_size: 300 },
      ],
    },
  ],
  last_updated: '2026-01-01T00:00:00Z',
};

/** 20 kWh in an hour, 12 minutes of parking: 0.50 + 8.00 + 15 min × 3.00/h = 9.25. */
function cdr(rest: Partial<CDR> = {}): CDR {
  return {
    country_code: 'NL',
    party_id: 'VLT',
    id: 'C1',
    start_date_time: '2026-06-01T10:00:00Z',
    end_date_time: '2026-06-01T11:12:00Z',
    cdr_token: { country_code: 'NL', party_id: 'RMC', uid: 'U', type: 'RFID', contract_id: 'NLRMC1' },
    auth_method: 'WHITELIST',
    cdr_location: {
      id: 'LOC1',
      address: 'Weg 1',
      city: 'Utrecht',
      country: 'NLD',
      coordinates: { latitude: '52.09012', longitude: '5.11221' },
      evse_uid: 'A1',
      evse_id: 'NL*VLT*EA1',
      connector_id: '1',
      connector_standard: 'IEC_62196_T2',
      connector_format: 'SOCKET',
      connector_power_type: 'AC_3_PHASE',
    },
    currency: 'EUR',
    tariffs: [tariff],
    charging_periods: [
      {
        start_date_time: '2026-06-01T10:00:00Z',
        dimensions: [
          { type: 'ENERGY', volume: 20 },
          { type: 'TIME', volume: 1 },
        ],
        tariff_id: 't1',
      },
      {
        start_date_time: '2026-06-01T11:00:00Z',
        dimensions: [{ type: 'PARKING_TIME', volume: 0.2 }],
        tariff_id: 'T1',
      },
    ],
    total_cost: { excl_vat: 9.25, incl_vat: 11.19 },
    total_energy: 20,
    total_time: 1.2,
    last_updated: '2026-06-01T11:15:00Z',
    ...rest,
  };
}

const withElement = (restrictions: Tariff['elements'][number]['restrictions'], price = 0.4): Tariff => ({
  ...tariff,
  elements: [{ price_components: [{ type: 'ENERGY', price, step_size: 1 }], restrictions: restrictions ?? null }],
});

describe('the opinion on a CDR', () => {
  it('is good where the tariff comes to the same, but for the rounding of each line', () => {
    expect(judgeCdr(cdr())).toEqual({
      verdict: 'plausible',
      expected: { excl: '9.25', incl: '11.1925' },
      found: { excl: '9.25', incl: '11.19' },
      reasons: [],
    });
    expect(judgeCdr(cdr({ total_cost: { excl_vat: 9.28 } })).verdict).toBe('plausible');
    expect(judgeCdr(cdr({ total_cost: { excl_vat: 9.22 } })).verdict).toBe('plausible');
  });

  it.each([
    ['a wrong total', { total_cost: { excl_vat: 9.45 } }],
    ['a total without the fee', { total_cost: { excl_vat: 8.75 } }],
    ['the wrong VAT', { total_cost: { excl_vat: 9.25, incl_vat: 9.25 } }],
    ['energy that its periods do not have', { total_energy: 31 }],
    ['the sign of a credit without being one', { total_cost: { excl_vat: -9.25 } }],
  ] as [string, Partial<CDR>][])('is bad for %s', (_, rest) => {
    const { verdict, reasons } = judgeCdr(cdr(rest));
    expect(verdict).toBe('implausible');
    expect(reasons.length).toBeGreaterThan(0);
  });

  it.each([
    ['it holds no tariff', { tariffs: null }],
    ['it holds no tariff', { tariffs: [] }],
    ['its tariff is in another currency', { currency: 'SEK' }],
    ['the times of its session are not known', { start_date_time: '1970-1-1T00:00:00Z' }],
    ['the times of its session are not known', { end_date_time: '2036-06-01T11:12:00Z' }],
    ['it does not hold the tariff that its periods name', { tariffs: [{ ...tariff, id: 'T2' }] }],
    [
      'the time zone of its location is not known',
      { tariffs: [withElement({ start_time: '08:00', end_time: '20:00' })] },
    ],
  ] as [string, Partial<CDR>][])('is none where %s', (reason, rest) => {
    expect(judgeCdr(cdr(rest))).toMatchObject({ verdict: 'unknown', reasons: [reason] });
  });

  it('is none where the tariff asks for a current that the CDR does not state, and one where it does', () => {
    const tariffs = [withElement({ max_current: 32 })];
    const given = cdr({ tariffs, total_cost: { excl_vat: 8 } });
    expect(judgeCdr(given).verdict).toBe('unknown');
    const [first, ...others] = given.charging_periods;
    const dimensions = [...(first?.dimensions ?? []), { type: 'MAX_CURRENT', volume: 16 }];
    const periods = first ? [{ ...first, dimensions }, ...others] : [];
    expect(judgeCdr({ ...given, charging_periods: periods }).verdict).toBe('plausible');
  });

  it('reads times of the day in the time zone of the location', () => {
    const given = cdr({
      tariffs: [withElement({ start_time: '12:00', end_time: '12:30' })],
      total_cost: { excl_vat: 4 },
    });
    expect(judgeCdr(given, { timeZone }).verdict).toBe('plausible');
    expect(judgeCdr(given, { timeZone: 'UTC' }).verdict).toBe('implausible');
  });

  it('takes back what a credit takes back', () => {
    const credit = { credit: true, credit_reference_id: 'C1', total_cost: { excl_vat: -9.25, incl_vat: -11.19 } };
    expect(judgeCdr(cdr(credit)).verdict).toBe('plausible');
  });

  it('lets a reservation that nobody used be one that expired', () => {
    const reserved: Tariff = {
      ...tariff,
      elements: [
        {
          price_components: [{ type: 'FLAT', price: 4, step_size: 1 }],
          restrictions: { reservation: 'RESERVATION_EXPIRES' },
        },
        {
          price_components: [{ type: 'TIME', price: 2, step_size: 600 }],
          restrictions: { reservation: 'RESERVATION' },
        },
        ...tariff.elements,
      ],
    };
    const given = cdr({
      tariffs: [reserved],
      end_date_time: '2026-06-01T11:00:00Z',
      charging_periods: [
        {
          start_date_time: '2026-06-01T10:00:00Z',
          dimensions: [{ type: 'RESERVATION_TIME', volume: 1 }],
          tariff_id: 'T1',
        },
      ],
      total_energy: 0,
      total_cost: { excl_vat: 6 },
    });
    expect(judgeCdr(given)).toMatchObject({ verdict: 'plausible', expected: { excl: '6' } });
  });

  it('is told to whoever asked, whatever passes', async () => {
    const told: CdrJudgement[] = [];
    const judge = cdrJudge({
      timeZoneOf: () => Promise.resolve(timeZone),
      onJudgement: (judgement) => told.push(judgement),
    });
    const odd: unknown[] = [cdr(), null, 'text', {}, { ...cdr(), charging_periods: null }, { ...cdr(), tariffs: [{}] }];
    for (const each of odd) await judge(each);
    expect(told.map(({ verdict }) => verdict)).toEqual(['plausible', ...Array<string>(odd.length - 1).fill('unknown')]);
  });

  const example = '../shared/ocpi-examples/2.2.1/cdr_example.json';
  (existsSync(example) ? it : it.skip)('is good for the example of OCPI', () => {
    expect(judgeCdr(JSON.parse(readFileSync(example, 'utf8')) as CDR)).toMatchObject({
      verdict: 'plausible',
      expected: { excl: '4', incl: '4.4' },
    });
  });
});
