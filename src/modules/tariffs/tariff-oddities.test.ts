import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { PriceComponent, Tariff, TariffRestrictions } from '../../generated/ocpi.js';
import { isSchema, part, schemaDirectory } from '../../platform/schema/schema-files.js';
import { tariffOddities, tariffVocabulary } from './tariff-oddities.js';

const energy: PriceComponent = { type: 'ENERGY', price: 0.25, step_size: 1 };
const flat: PriceComponent = { type: 'FLAT', price: 0.5, step_size: 0 };
const tariff: Tariff = {
  country_code: 'NL',
  party_id: 'CP1',
  id: 'T1',
  currency: 'EUR',
  elements: [
    { price_components: [energy], restrictions: { start_time: '08:00', end_time: '20:00' } },
    { price_components: [energy, flat], restrictions: { start_time: null, day_of_week: [] } },
    { price_components: [{ ...flat, price: 2 }], restrictions: { reservation: 'RESERVATION' } },
  ],
  last_updated: '2026-05-01T12:00:00Z',
};
const priced = (...price_components: PriceComponent[]): Partial<Tariff> => ({ elements: [{ price_components }] });
const restricted = (restrictions: TariffRestrictions): Partial<Tariff> => ({
  elements: [{ price_components: [energy], restrictions }, { price_components: [energy] }],
});
const reserved = (type: string): Partial<Tariff> => ({
  elements: [{ price_components: [{ ...energy, type }], restrictions: { reservation: 'RESERVATION_EXPIRES' } }],
});
const unknown = (value: string) => `has the value ${value}, which OCPI 2.2.1 does not know`;

describe('tariffOddities', () => {
  it('finds nothing in a usual tariff', () => {
    expect(tariffOddities(tariff)).toEqual([]);
  });

  it('finds nothing in the free tariff (TA-22)', () => {
    expect(tariffOddities({ ...tariff, ...priced({ ...flat, price: 0 }) })).toEqual([]);
  });

  const cases: [string, string, Partial<Tariff>, string | RegExp][] = [
    ['D-16', '/currency', { currency: 'eur' }, 'is no ISO 4217 code in capitals'],
    ['A-16', '/last_updated', { last_updated: '2026-05-01T12:00:00+02:00' }, /offset/],
    [
      'L-33',
      '/energy_mix/energy_sources',
      { energy_mix: { is_green_energy: false, energy_sources: [{ source: 'GAS', percentage: 60 }] } },
      'adds up to 60 % instead of 100 %',
    ],
    ['T-37', '/elements/0/price_components/0/type', priced({ ...energy, type: 'NOISE' }), unknown('NOISE')],
    ['TA-16', '/elements/0/price_components/0/step_size', priced({ ...energy, step_size: 0 }), /is 0/],
    ['TA-16', '/elements/0/price_components/0/step_size', priced({ ...flat, step_size: -1 }), /is -1/],
    ['TA-09', '/elements/0/price_components/1/type', priced(energy, energy), /second time/],
    ['TA-23', '/elements/0/price_components/0/type', reserved('ENERGY'), /FLAT and TIME only/],
    ['TA-23', '/elements/0/price_components/0/type', reserved('PARKING_TIME'), /FLAT and TIME only/],
    ['T-37', '/elements/0/restrictions/day_of_week/1', restricted({ day_of_week: ['MONDAY', 'mo'] }), unknown('mo')],
    ['T-37', '/elements/0/restrictions/reservation', restricted({ reservation: 'RESERVED' }), /./],
    ['TA-13', '/elements/0/restrictions/max_kwh', restricted({ min_kwh: 10, max_kwh: 10 }), /never holds/],
    [
      'TA-11',
      '/elements',
      { elements: [{ price_components: [energy] }, { price_components: [energy], restrictions: { min_kwh: 5 } }] },
      'has no unrestricted last element for ENERGY',
    ],
  ];

  it.each(cases)('%s at %s', (rule, pointer, fields, message) => {
    expect(tariffOddities({ ...tariff, ...fields })).toContainEqual({
      rule,
      pointer,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  it('names each dimension without an unrestricted last element once (TA-11)', () => {
    const elements = [{ price_components: [energy, flat], restrictions: { min_kwh: 5 } }];
    expect(tariffOddities({ ...tariff, elements: [...elements, ...elements] })).toEqual([
      { rule: 'TA-11', pointer: '/elements', message: 'has no unrestricted last element for ENERGY' },
      { rule: 'TA-11', pointer: '/elements', message: 'has no unrestricted last element for FLAT' },
    ]);
  });
});

describe('tariffVocabulary', () => {
  it.each([
    ['price-component', 'type', tariffVocabulary.dimension],
    ['tariff-restrictions', 'day_of_week', tariffVocabulary.day_of_week],
    ['tariff-restrictions', 'reservation', tariffVocabulary.reservation],
  ] as const)('agrees with the schema of %s on %s', (file, name, values) => {
    const schema: unknown = JSON.parse(
      readFileSync(path.join(schemaDirectory(), '2.2.1', 'tariffs', `${file}.schema.json`), 'utf8'),
    );
    const property = part(part(isSchema(schema) ? schema : {}, 'properties'), name);
    const found = isSchema(property.items) ? property.items : property;
    expect(found['x-known-values']).toEqual([...values]);
  });
});
