import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PriceComponent, Tariff, TariffElement } from '../../../generated/ocpi.js';
import { Exact, zero } from './decimal.js';
import { priceSession, type SessionPrice } from './price-session.js';
import { rateCardOf } from './rate-card.js';
import { planSession, type Use, type UsePeriod } from './session.js';

const timeZone = 'Europe/Amsterdam';
const minute = 60_000;

function tariff(elements: TariffElement[], rest: Partial<Tariff> = {}): Tariff {
  return {
    country_code: 'NL',
    party_id: 'VLT',
    id: 'T1',
    currency: 'EUR',
    elements,
    last_updated: '2026-01-01T00:00:00Z',
    ...rest,
  };
}

function component(type: string, price: number, step = 1, vat?: number): PriceComponent {
  return { type, price, step_size: step, ...(vat !== undefined && { vat }) };
}

type Part = readonly [use: Use, minutes: number, kwh?: number, currentA?: number];

/** @param start ISO date-time, UTC */
function price(of: Tariff, start: string, parts: readonly Part[]): SessionPrice {
  return priceSession(rateCardOf(of), { periods: periods(start, parts), timeZone });
}

function periods(start: string, parts: readonly Part[]): UsePeriod[] {
  let at = Date.parse(start);
  return parts.map(([use, minutes, kwh = 0, currentA]) => {
    const from = at;
    at += minutes * minute;
    return {
      start: from,
      end: at,
      use,
      kwh: new Exact(kwh),
      ...(currentA !== undefined && { currentA: new Exact(currentA) }),
    };
  });
}

const total = ({ excl, incl }: SessionPrice): readonly unknown[] => [excl, incl];

/** Invented tariffs with the structure of OCPI's examples. */
const invented = {
  parking: tariff([
    {
      price_components: [
        component('FLAT', 0.5, 1, 20),
        component('ENERGY', 0.25, 1, 10),
        component('PARKING_TIME', 2, 900, 20),
      ],
    },
  ]),
  capped: tariff([{ price_components: [component('FLAT', 0.5, 1, 20), component('ENERGY', 0.25, 1, 10)] }], {
    max_price: { excl_vat: 10, incl_vat: 11 },
  }),
  steps: tariff([
    {
      price_components: [component('TIME', 1.2, 1800), component('PARKING_TIME', 1, 900)],
      restrictions: { start_time: '00:00', end_time: '17:00' },
    },
    {
      price_components: [component('TIME', 2.4, 900), component('PARKING_TIME', 1, 900)],
      restrictions: { start_time: '17:00', end_time: '20:00' },
    },
    { price_components: [component('TIME', 2.4, 900)], restrictions: { start_time: '20:00', end_time: '00:00' } },
  ]),
  complex: tariff([
    { price_components: [component('FLAT', 2.5, 1, 15)] },
    { price_components: [component('TIME', 1, 900, 20)], restrictions: { max_current: 32 } },
    {
      price_components: [component('TIME', 2, 600, 20)],
      restrictions: { min_current: 32, day_of_week: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'] },
    },
    {
      price_components: [component('PARKING_TIME', 5, 300, 10)],
      restrictions: {
        start_time: '09:00',
        end_time: '18:00',
        day_of_week: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'],
      },
    },
  ]),
  duration: tariff([
    { price_components: [component('ENERGY', 0, 1, 20)], restrictions: { max_duration: 1800 } },
    { price_components: [component('ENERGY', 0.25, 1, 20)], restrictions: { max_duration: 3600 } },
    { price_components: [component('ENERGY', 0.4, 1, 20)] },
  ]),
  reserved: tariff([
    { price_components: [component('FLAT', 4, 1, 20)], restrictions: { reservation: 'RESERVATION_EXPIRES' } },
    { price_components: [component('TIME', 2, 600, 20)], restrictions: { reservation: 'RESERVATION' } },
    { price_components: [component('FLAT', 0.5, 1, 20), component('ENERGY', 0.25, 1, 10)] },
  ]),
};

const examples = '../shared/ocpi-examples/2.2.1';
const fileOf: Readonly<Record<keyof typeof invented, string>> = {
  parking: 'tariff_10_025kwh_parking_start',
  capped: 'tariff_6_025kwh_start_max_price',
  steps: 'tariff_14_step_size',
  complex: 'tariff_4_complex',
  duration: 'tariffrestriction_example_max_duration',
  reserved: 'tariff_17_reservation_with_expire_fee',
};

const sources: [string, ((name: keyof typeof invented) => Tariff) | undefined][] = [
  ['invented tariffs', (name) => invented[name]],
  [
    'the examples of OCPI',
    existsSync(examples)
      ? (name) => JSON.parse(readFileSync(`${examples}/${fileOf[name]}.json`, 'utf8')) as Tariff
      : undefined,
  ],
];

for (const [title, read] of sources) {
  const of = read ?? ((name: keyof typeof invented) => invented[name]);
  (read ? describe : describe.skip)(`the price of a session, ${title}`, () => {
    it('TV-1: energy, then parking in steps of a quarter of an hour', () => {
      const { excl } = price(of('parking'), '2026-06-01T10:00:00Z', [
        ['charging', 60, 20],
        ['parked', 40],
      ]);
      expect(excl).toBe('7');
    });

    it('TV-2: not more than the highest price, with and without VAT', () => {
      expect(total(price(of('capped'), '2026-06-01T10:00:00Z', [['charging', 60, 50]]))).toEqual(['10', '11']);
      expect(total(price(of('capped'), '2026-06-01T10:00:00Z', [['charging', 60, 30]]))).toEqual(['8', '8.85']);
    });

    it('TV-3: only parking that has a price is rounded up', () => {
      // 19:40 in Amsterdam
      const { excl, incl } = price(of('steps'), '2026-06-01T17:40:00Z', [
        ['charging', 12, 3],
        ['parked', 20],
      ]);
      expect([excl, incl]).toEqual(['0.73', undefined]);
    });

    it('TV-4: each dimension finds its own element', () => {
      // Monday 09:30 in Amsterdam
      const session = price(of('complex'), '2026-06-01T07:30:00Z', [
        ['charging', 165, 10, 16],
        ['parked', 42],
      ]);
      expect(total(session)).toEqual(['9', '10.3']);
      expect(session.isApproximate).toBe(false);
    });

    it('TV-5: time of two prices is rounded up once, at the last one', () => {
      expect(price(of('steps'), '2026-06-01T14:35:00Z', [['charging', 35, 5]]).excl).toBe('1.3');
    });

    it('TV-6: the price changes while the session goes on', () => {
      const { excl } = price(of('duration'), '2026-06-01T14:35:00Z', [
        ['charging', 30, 5],
        ['charging', 10, 1.2],
      ]);
      expect(excl).toBe('0.3');
    });

    it('TV-7: a reservation that was used, and one that was not', () => {
      const used = price(of('reserved'), '2026-06-01T14:00:00Z', [
        ['reserved', 22],
        ['charging', 60, 20],
      ]);
      expect(used.excl).toBe('6.5');
      expect(price(of('reserved'), '2026-06-01T14:00:00Z', [['expired', 60]]).excl).toBe('6');
    });
  });
}

describe('the price of a session', () => {
  it('prices the time of an expired reservation by RESERVATION_EXPIRES wherever that stands (TA-23)', () => {
    const both = (order: ('RESERVATION' | 'RESERVATION_EXPIRES')[]): Tariff =>
      tariff(
        order.map((reservation) => ({
          price_components: [component('TIME', reservation === 'RESERVATION' ? 3 : 6)],
          restrictions: { reservation },
        })),
      );
    for (const order of [
      ['RESERVATION', 'RESERVATION_EXPIRES'],
      ['RESERVATION_EXPIRES', 'RESERVATION'],
    ] as ('RESERVATION' | 'RESERVATION_EXPIRES')[][]) {
      expect(price(both(order), '2026-06-01T14:00:00Z', [['expired', 60]]).excl).toBe('6');
      expect(price(both(order), '2026-06-01T14:00:00Z', [['reserved', 60]]).excl).toBe('3');
    }
  });

  it('has no VAT where none applies, and VAT of 0 where that is said (TA-17)', () => {
    const of = (vat?: number): Tariff => tariff([{ price_components: [component('ENERGY', 0.1, 1, vat)] }]);
    expect(total(price(of(), '2026-06-01T10:00:00Z', [['charging', 60, 3]]))).toEqual(['0.3', undefined]);
    expect(total(price(of(0), '2026-06-01T10:00:00Z', [['charging', 60, 3]]))).toEqual(['0.3', '0.3']);
  });

  it('leaves an exact multiple of the step as it is (A-45)', () => {
    const stepped = tariff([{ price_components: [component('ENERGY', 0.3, 100), component('TIME', 6, 60)] }]);
    // A third of the energy each: no such number ends.
    const parts: Part[] = [
      ['charging', 7, 10 / 4],
      ['charging', 7, 10 / 4],
      ['charging', 6, 5],
    ];
    expect(price(stepped, '2026-06-01T10:00:00Z', parts).excl).toBe('5');
    expect(price(stepped, '2026-06-01T10:00:00Z', [['charging', 20, 10.05]]).excl).toBe('5.03');
  });

  it('adds no step for what a division leaves behind (A-45)', () => {
    // Sevenths and thirds have no end as decimals, and their sums are a little too much or too little.
    const bounds = [180, 360, 540, 720, 900, 1080];
    const cut = tariff([
      ...bounds.map((max_duration) => ({ price_components: [component('ENERGY', 1)], restrictions: { max_duration } })),
      { price_components: [component('ENERGY', 1)] },
    ]);
    for (let kwh = 1; kwh <= 30; kwh++) {
      expect(price(cut, '2026-06-01T10:00:00Z', [['charging', 21, kwh]]).excl).toBe(String(kwh));
    }
  });

  it('looks at bounds from the lower one on, and below the upper one (TA-13, A-78)', () => {
    const of = (restrictions: TariffElement['restrictions']): Tariff =>
      tariff([{ price_components: [component('ENERGY', 1)], restrictions: restrictions ?? null }]);
    const session: Part[] = [['charging', 60, 12]];
    expect(price(of({ min_kwh: 3, max_kwh: 5 }), '2026-06-01T10:00:00Z', session).excl).toBe('2');
    expect(price(of({ min_duration: 600, max_duration: 1200 }), '2026-06-01T10:00:00Z', session).excl).toBe('2');
    expect(price(of({ min_power: 12 }), '2026-06-01T10:00:00Z', session).excl).toBe('12');
    expect(price(of({ max_power: 12 }), '2026-06-01T10:00:00Z', session).excl).toBe('0');
    expect(price(of({ start_date: '2026-06-01', end_date: '2026-06-02' }), '2026-06-01T21:30:00Z', session).excl).toBe(
      '6',
    );
    expect(price(of({ start_time: '23:30', end_time: '00:15' }), '2026-06-01T21:00:00Z', session).excl).toBe('6');
    expect(price(of({ day_of_week: ['TUESDAY'] }), '2026-06-01T21:30:00Z', session).excl).toBe('6');
  });

  it('follows the clock on the wall when it is set (TA-14)', () => {
    const night = tariff([
      { price_components: [component('TIME', 6)], restrictions: { start_time: '02:00', end_time: '03:00' } },
    ]);
    // 01:30 to 04:30 by the old clock; the hour from 2 to 3 is left out in spring and comes twice in autumn.
    expect(price(night, '2026-03-29T00:30:00Z', [['charging', 180, 1]]).excl).toBe('0');
    expect(price(night, '2026-10-24T23:30:00Z', [['charging', 240, 1]]).excl).toBe('12');
    expect(price(night, '2026-06-01T23:30:00Z', [['charging', 180, 1]]).excl).toBe('6');
    const half = tariff([
      { price_components: [component('TIME', 6)], restrictions: { start_time: '02:30', end_time: '03:30' } },
    ]);
    expect(price(half, '2026-03-29T00:30:00Z', [['charging', 180, 1]]).excl).toBe('3');
  });

  it('says that it guesses where nobody knows the current', () => {
    const session = price(invented.complex, '2026-06-01T07:30:00Z', [['charging', 60, 10]]);
    expect(session.isApproximate).toBe(true);
    expect(session.excl).toBe('2.5');
  });

  it('asks for at least the lowest price, each side for itself (TA-18)', () => {
    const of = (min_price: Tariff['min_price']): Tariff =>
      tariff([{ price_components: [component('ENERGY', 0.25, 1, 10)] }], { min_price: min_price ?? null });
    const little: Part[] = [['charging', 10, 1]];
    expect(total(price(of({ excl_vat: 0.5, incl_vat: 0.55 }), '2026-06-01T07:30:00Z', little))).toEqual([
      '0.5',
      '0.55',
    ]);
    expect(total(price(of({ excl_vat: 0.2, incl_vat: 0.55 }), '2026-06-01T07:30:00Z', little))).toEqual([
      '0.25',
      '0.55',
    ]);
    expect(total(price(of({ excl_vat: 0.5 }), '2026-06-01T07:30:00Z', little))).toEqual(['0.5', undefined]);
  });

  it('costs the same however a period is cut in two', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(invented)),
        fc.integer({ min: 0, max: 365 * 24 * 60 }),
        fc.integer({ min: 2, max: 1500 }),
        fc.integer({ min: 0, max: 90_000 }),
        fc.integer({ min: 1, max: 1500 }),
        fc.constantFrom<Use>('charging', 'parked', 'reserved', 'expired'),
        (of, startMinute, minutes, wh, cutAt, use) => {
          fc.pre(cutAt < minutes);
          const start = Date.parse('2026-01-01T00:00:00Z') + startMinute * minute;
          const end = start + minutes * minute;
          const kwh = use === 'charging' ? new Exact(wh).div(1000) : zero;
          const powerKw = kwh.div(minutes).times(60);
          const whole: UsePeriod = { start, end, use, kwh, powerKw };
          const middle = start + cutAt * minute;
          const early = kwh.times(cutAt).div(minutes);
          const halves: UsePeriod[] = [
            { ...whole, end: middle, kwh: early },
            { ...whole, start: middle, kwh: kwh.minus(early) },
          ];
          const card = rateCardOf(of);
          expect(priceSession(card, { periods: halves, timeZone })).toEqual(
            priceSession(card, { periods: [whole], timeZone }),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('costs no less for more energy, with simple tariffs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 1, max: 5000 }), (wh, more) => {
        const cost = (of: Tariff, watts: number): Exact =>
          new Exact(
            priceSession(
              rateCardOf(of),
              planSession({ start: 0, kwh: new Exact(watts).div(1000).toFixed(), maxPowerKw: 22, timeZone }),
            ).excl,
          );
        for (const each of [invented.parking, invented.capped]) {
          expect(cost(each, wh + more).gte(cost(each, wh))).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  const real = '../shared/real-data/tariffs.ndjson.gz';
  (existsSync(real) ? it : it.skip)('prices every real tariff', () => {
    const lines = gunzipSync(readFileSync(real)).toString('utf8').trimEnd().split('\n');
    const session = planSession({
      start: Date.parse('2026-06-05T20:10:00Z'),
      kwh: '40.0005',
      maxPowerKw: 11,
      parkedMinutes: 95,
      timeZone,
    });
    let free = 0;
    for (const line of lines) {
      const of = JSON.parse(line) as Tariff;
      const { excl, isApproximate } = priceSession(rateCardOf(of), session);
      expect(excl).toMatch(/^\d+(\.\d{1,18})?$/);
      expect(isApproximate).toBe(false);
      if (excl === '0') free++;
    }
    expect(lines.length).toBeGreaterThan(11_000);
    expect(free).toBeLessThan(lines.length / 10);
  });
});

describe('a tariff that is too large', () => {
  it('is refused before it holds up everybody else', () => {
    const elements = Array.from({ length: 1400 }, (_, place) => ({
      price_components: [component('TIME', 1)],
      restrictions: {
        start_time: `${String(Math.floor(place / 60)).padStart(2, '0')}:${String(place % 60).padStart(2, '0')}`,
        end_time: '23:59',
        max_duration: 1,
      },
    }));
    expect(() => price(tariff(elements), '2026-06-01T10:00:00Z', [['charging', 24 * 60, 10]])).toThrow(RangeError);
  });
});
