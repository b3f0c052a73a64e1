import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  addEnergyMixOddities,
  energySources,
  environmentalImpacts,
  isForeignDateTime,
  OddityList,
} from './common-oddities.js';
import { isSchema, part, schemaDirectory } from './schema-files.js';

describe('isForeignDateTime', () => {
  it.each(['2015-06-29T20:39:09Z', '2015-06-29T20:39:09', '2016-12-29T17:45:09.2', '2018-01-01T01:08:01.123Z'])(
    'takes %s for OCPI (D-05)',
    (value) => {
      expect(isForeignDateTime(value)).toBe(false);
    },
  );

  it.each(['2015-06-29T20:39:09+00:00', '2015-06-29T20:39:09-03:30', '2018-01-01T01:08:01.123456Z'])(
    'takes %s for something else (A-16)',
    (value) => {
      expect(isForeignDateTime(value)).toBe(true);
    },
  );
});

describe('addEnergyMixOddities', () => {
  const found = (...shares: number[]) => {
    const list = new OddityList();
    const energy_sources = shares.map((percentage) => ({ source: 'WIND', percentage }));
    addEnergyMixOddities(list, '', { is_green_energy: true, energy_sources });
    return list.found.map(({ rule }) => rule);
  };

  it('allows a tenth of a percent for rounding (L-33)', () => {
    expect(found(33.3, 33.3, 33.3)).toEqual([]);
    expect(found(35.9, 6.3, 57.8)).toEqual([]);
    expect(found(100.1)).toEqual([]);
    expect(found(100.2)).toEqual(['L-33']);
    expect(found()).toEqual([]);
  });
});

describe('the values of an energy mix', () => {
  it.each([
    ['energy-source', 'source', energySources],
    ['environmental-impact', 'category', environmentalImpacts],
  ] as const)('agree with the schema of %s on %s', (file, name, values) => {
    const schema: unknown = JSON.parse(
      readFileSync(path.join(schemaDirectory(), '2.2.1', 'locations', `${file}.schema.json`), 'utf8'),
    );
    expect(part(part(isSchema(schema) ? schema : {}, 'properties'), name)['x-known-values']).toEqual([...values]);
  });
});
