import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Connector, EVSE, Location } from '../../generated/ocpi.js';
import { isSchema, type JsonSchema, part, schemaDirectory } from '../../platform/schema/schema-files.js';
import { locationOddities, locationVocabulary } from './location-oddities.js';

const time = '2026-05-01T12:00:00Z';
const connector: Connector = {
  id: '1',
  standard: 'IEC_62196_T2',
  format: 'SOCKET',
  power_type: 'AC_3_PHASE',
  max_voltage: 230,
  max_amperage: 16,
  last_updated: time,
};
const evse: EVSE = { uid: 'E1', status: 'AVAILABLE', connectors: [connector], last_updated: time };
const image = { url: 'https://example.com/a.png', category: 'CHARGER', type: 'png' };
const location: Location = {
  country_code: 'NL',
  party_id: 'CP1',
  id: 'LOC1',
  publish: true,
  publish_allowed_to: [],
  address: 'Plein 1',
  city: 'Utrecht',
  country: 'NLD',
  coordinates: { latitude: '52.0906001', longitude: '-5.1214301' },
  parking_type: 'ON_STREET',
  facilities: ['CAFE'],
  images: [image],
  evses: [evse, { ...evse, uid: 'E2', capabilities: ['RFID_READER'], parking_restrictions: null }],
  time_zone: 'Europe/Amsterdam',
  opening_times: {
    twentyfourseven: false,
    regular_hours: [{ weekday: 1, period_begin: '08:00', period_end: '20:00' }],
  },
  energy_mix: { is_green_energy: true, energy_sources: [{ source: 'WIND', percentage: 99.9 }] },
  last_updated: time,
};
const withEvse = (fields: Partial<EVSE>): Partial<Location> => ({ evses: [{ ...evse, ...fields }] });
const withConnector = (fields: Partial<Connector>) => withEvse({ connectors: [{ ...connector, ...fields }] });
const unknown = (value: string) => `has the value ${value}, which OCPI 2.2.1 does not know`;

describe('locationOddities', () => {
  it('finds nothing in a usual location', () => {
    expect(locationOddities(location)).toEqual([]);
    expect(locationOddities({ ...location, evses: null, opening_times: null, energy_mix: null })).toEqual([]);
  });

  const cases: [string, string, Partial<Location>, string | RegExp][] = [
    ['D-13', '/country', { country: 'NL' }, 'is no ISO 3166-1 alpha-3 code in capitals'],
    ['L-36', '/time_zone', { time_zone: 'Europe/Nowhere' }, 'is no time zone of the IANA database'],
    ['L-36', '/time_zone', { time_zone: '+01:00' }, 'is no time zone of the IANA database'],
    ['L-24', '/publish_allowed_to', { publish_allowed_to: [{ group_id: 'G' }] }, /publish is true/],
    [
      'T-37',
      '/publish_allowed_to/0/type',
      { publish: false, publish_allowed_to: [{ uid: 'U', type: 'CHIP' }] },
      unknown('CHIP'),
    ],
    [
      'L-26',
      '/opening_times/regular_hours',
      { opening_times: { ...location.opening_times, twentyfourseven: true } },
      /twentyfourseven is true/,
    ],
    [
      'L-26',
      '/opening_times/regular_hours/0/period_end',
      {
        opening_times: {
          twentyfourseven: false,
          regular_hours: [{ weekday: 1, period_begin: '20:00', period_end: '08:00' }],
        },
      },
      'is not later than period_begin',
    ],
    [
      'L-33',
      '/energy_mix/energy_sources',
      { energy_mix: { is_green_energy: true, energy_sources: [{ source: 'WIND', percentage: 99.8 }] } },
      'adds up to 99.8 % instead of 100 %',
    ],
    [
      'T-37',
      '/energy_mix/energy_sources/0/source',
      { energy_mix: { is_green_energy: true, energy_sources: [{ source: 'TIDE', percentage: 100 }] } },
      unknown('TIDE'),
    ],
    [
      'T-37',
      '/energy_mix/environ_impact/0/category',
      { energy_mix: { is_green_energy: true, environ_impact: [{ category: 'NOISE', amount: 1 }] } },
      unknown('NOISE'),
    ],
    ['D-14', '/coordinates/latitude', { coordinates: { latitude: '52.09060011', longitude: '5.12143' } }, /seven/],
    ['D-14', '/coordinates/longitude', { coordinates: { latitude: '52.09060', longitude: '190.12143' } }, /180/],
    [
      'D-14',
      '/related_locations/0/latitude',
      { related_locations: [{ latitude: '-91.00000', longitude: '5.12143' }] },
      'is beyond 90 degrees',
    ],
    ['T-37', '/parking_type', { parking_type: 'ROOF' }, unknown('ROOF')],
    ['T-37', '/facilities/1', { facilities: ['CAFE', 'POOL'] }, unknown('POOL')],
    ['T-37', '/images/0/category', { images: [{ ...image, category: 'CAT' }] }, unknown('CAT')],
    ['A-16', '/last_updated', { last_updated: '2026-05-01T12:00:00+00:00' }, /offset/],
    ['A-16', '/last_updated', { last_updated: '2026-05-01T12:00:00.1234567Z' }, /25 characters/],
    ['L-11', '/last_updated', { last_updated: '2026-05-01T11:59:59.999Z' }, /older/],
    ['L-21', '/evses/1/uid', { evses: [evse, { ...evse, uid: 'e1' }] }, 'occurs twice in this location'],
    ['L-22', '/evses/0/connectors/1/id', withEvse({ connectors: [connector, connector] }), 'occurs twice in this EVSE'],
    ['T-37', '/evses/0/capabilities/0', withEvse({ capabilities: ['FLYING'] }), unknown('FLYING')],
    ['T-37', '/evses/0/parking_restrictions/0', withEvse({ parking_restrictions: ['TAXIS'] }), unknown('TAXIS')],
    [
      'T-37',
      '/evses/0/status_schedule/0/status',
      withEvse({ status_schedule: [{ period_begin: time, status: 'SOON' }] }),
      unknown('SOON'),
    ],
    ['T-37', '/evses/0/images/0/category', withEvse({ images: [{ ...image, category: 'CAT' }] }), unknown('CAT')],
    [
      'D-14',
      '/evses/0/coordinates/latitude',
      withEvse({ coordinates: { latitude: '99.00000', longitude: '5.00000' } }),
      /90/,
    ],
    ['A-16', '/evses/0/last_updated', withEvse({ last_updated: '2026-05-01T12:00:00-02:00' }), /offset/],
    [
      'A-16',
      '/evses/0/connectors/0/last_updated',
      withConnector({ last_updated: '2026-05-01T12:00:00+01:00' }),
      /offset/,
    ],
    [
      'T-37',
      '/evses/0/connectors/0/standard',
      withConnector({ standard: 'IEC_60309_2_THREE_16' }),
      unknown('IEC_60309_2_THREE_16'),
    ],
    ['T-37', '/evses/0/connectors/0/format', withConnector({ format: 'WIRELESS' }), unknown('WIRELESS')],
    ['T-37', '/evses/0/connectors/0/power_type', withConnector({ power_type: 'AC' }), unknown('AC')],
  ];

  it.each(cases)('%s at %s', (rule, pointer, fields, message) => {
    expect(locationOddities({ ...location, ...fields })).toEqual([
      { rule, pointer, message: typeof message === 'string' ? message : expect.stringMatching(message) },
    ]);
  });

  it('ends its list at 50', () => {
    const facilities = Array.from({ length: 60 }, (_, index) => `F${index}`);
    expect(locationOddities({ ...location, facilities })).toHaveLength(50);
  });
});

describe('locationVocabulary', () => {
  const property = (file: string, name: string): JsonSchema => {
    const schema: unknown = JSON.parse(
      readFileSync(path.join(schemaDirectory(), '2.2.1', 'locations', `${file}.schema.json`), 'utf8'),
    );
    const found = part(part(isSchema(schema) ? schema : {}, 'properties'), name);
    return isSchema(found.items) ? found.items : found;
  };

  it.each([
    ['location', 'parking_type', locationVocabulary.parking_type],
    ['location', 'facilities', locationVocabulary.facilities],
    ['publish-token', 'type', locationVocabulary.tokenType],
    ['status-schedule', 'status', locationVocabulary.status],
    ['evse', 'capabilities', locationVocabulary.capabilities],
    ['evse', 'parking_restrictions', locationVocabulary.parking_restrictions],
    ['connector', 'standard', locationVocabulary.standard],
    ['connector', 'format', locationVocabulary.format],
    ['connector', 'power_type', locationVocabulary.power_type],
    ['../common/image', 'category', locationVocabulary.imageCategory],
  ] as const)('agrees with the schema of %s on %s', (file, name, values) => {
    expect(property(file, name)['x-known-values']).toEqual([...values]);
  });
});
