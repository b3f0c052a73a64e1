import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type SchemaName, SchemaRegistry } from '../../src/platform/schema/index.js';
import { isSchema, part, schemaDirectory } from '../../src/platform/schema/schema-files.js';

/**
 * The field tables of OCPI 2.2.1, copied by hand from the specification and not from the schemas: type, length and
 * cardinality of every field, and one complete example of each object.
 *
 * Ci = CiString, s = string, URL = string of 255, DT = DateTime, `1` required, `?` optional, `*` list, `+` non-empty list.
 */
interface Sheet {
  readonly schema: SchemaName;
  readonly fields: string;
  readonly example: Readonly<Record<string, unknown>>;
}

const time = '2026-05-01T12:00:00Z';
const point = { latitude: '52.370216', longitude: '4.895168' };
const text = { language: 'nl', text: 'Naast de ingang' };
const image = { url: 'https://example.com/a.png', category: 'CHARGER', type: 'png', width: 800, height: 600 };
const company = { name: 'Example Charging', website: 'https://example.com', logo: image };
const connector = {
  id: '1',
  standard: 'IEC_62196_T2',
  format: 'SOCKET',
  power_type: 'AC_3_PHASE',
  max_voltage: 230,
  max_amperage: 16,
  max_electric_power: 11000,
  tariff_ids: ['T1'],
  terms_and_conditions: 'https://example.com/terms',
  last_updated: time,
};
const evse = {
  uid: 'E1',
  evse_id: 'NL*CP1*E1',
  status: 'AVAILABLE',
  status_schedule: [{ period_begin: time, period_end: time, status: 'PLANNED' }],
  capabilities: ['RFID_READER'],
  connectors: [connector],
  floor_level: '-1',
  coordinates: point,
  physical_reference: '7',
  directions: [text],
  parking_restrictions: ['EV_ONLY'],
  images: [image],
  last_updated: time,
};
const period = { period_begin: time, period_end: time };
const hours = {
  twentyfourseven: false,
  regular_hours: [{ weekday: 1, period_begin: '08:00', period_end: '20:00' }],
  exceptional_openings: [period],
  exceptional_closings: [period],
};
const mix = {
  is_green_energy: true,
  energy_sources: [{ source: 'WIND', percentage: 100 }],
  environ_impact: [{ category: 'CARBON_DIOXIDE', amount: 0 }],
  supplier_name: 'Example Energy',
  energy_product_name: 'Wind',
};
const owner = { country_code: 'NL', party_id: 'CP1' };
const role = { role: 'CPO', business_details: company, ...owner };
const endpoint = { identifier: 'locations', role: 'SENDER', url: 'https://example.com/ocpi/2.2.1/locations' };
const element = {
  price_components: [{ type: 'ENERGY', price: 0.25, vat: 21, step_size: 1 }],
  restrictions: { min_kwh: 1 },
};

const sheets: readonly Sheet[] = [
  // cr 7.3.1, 7.4.1
  {
    schema: 'credentials/credentials',
    fields: 'token s64 1 · url URL 1 · roles obj +',
    example: { token: 'a-token', url: 'https://example.com/ocpi/versions', roles: [role] },
  },
  {
    schema: 'credentials/credentials-role',
    fields: 'role enum 1 · business_details obj 1 · party_id Ci3 1 · country_code Ci2 1',
    example: role,
  },
  // hc 15.4.1
  {
    schema: 'hubclientinfo/client-info',
    fields: 'party_id Ci3 1 · country_code Ci2 1 · role enum 1 · status enum 1 · last_updated DT 1',
    example: { ...owner, role: 'CPO', status: 'CONNECTED', last_updated: time },
  },
  // ve 6.1.2, 6.2.1, 6.2.2
  {
    schema: 'versions/version',
    fields: 'version open 1 · url URL 1',
    example: { version: '2.2.1', url: 'https://example.com/ocpi/2.2.1' },
  },
  {
    schema: 'versions/version-details',
    fields: 'version open 1 · endpoints obj +',
    example: { version: '2.2.1', endpoints: [endpoint] },
  },
  { schema: 'versions/endpoint', fields: 'identifier open 1 · role enum 1 · url URL 1', example: endpoint },
  // lo 8.3.1; address and state as in the errata of May 2026
  {
    schema: 'locations/location',
    fields:
      'country_code Ci2 1 · party_id Ci3 1 · id Ci36 1 · publish bool 1 · publish_allowed_to obj * · name s255 ? · ' +
      'address s255 1 · city s45 1 · postal_code s10 ? · state s45 ? · country s3 1 · coordinates obj 1 · ' +
      'related_locations obj * · parking_type open ? · evses obj * · directions obj * · operator obj ? · ' +
      'suboperator obj ? · owner obj ? · facilities open * · time_zone s255 1 · opening_times obj ? · ' +
      'charging_when_closed bool ? · images obj * · energy_mix obj ? · last_updated DT 1',
    example: {
      ...owner,
      id: 'LOC1',
      publish: false,
      publish_allowed_to: [{ group_id: 'G1' }],
      name: 'Plein',
      address: 'Plein 1',
      city: 'Utrecht',
      postal_code: '3511 AA',
      state: 'Utrecht',
      country: 'NLD',
      coordinates: point,
      related_locations: [{ ...point, name: text }],
      parking_type: 'ON_STREET',
      evses: [evse],
      directions: [text],
      operator: company,
      suboperator: company,
      owner: company,
      facilities: ['CAFE'],
      time_zone: 'Europe/Amsterdam',
      opening_times: hours,
      charging_when_closed: true,
      images: [image],
      energy_mix: mix,
      last_updated: time,
    },
  },
  // lo 8.3.2
  {
    schema: 'locations/evse',
    fields:
      'uid Ci36 1 · evse_id Ci48 ? · status enum 1 · status_schedule obj * · capabilities open * · connectors obj + · ' +
      'floor_level s4 ? · coordinates obj ? · physical_reference s16 ? · directions obj * · ' +
      'parking_restrictions open * · images obj * · last_updated DT 1',
    example: evse,
  },
  // lo 8.3.3
  {
    schema: 'locations/connector',
    fields:
      'id Ci36 1 · standard open 1 · format open 1 · power_type open 1 · max_voltage int 1 · max_amperage int 1 · ' +
      'max_electric_power int ? · tariff_ids Ci36 * · terms_and_conditions URL ? · last_updated DT 1',
    example: connector,
  },
  // lo 8.4
  { schema: 'locations/geo-location', fields: 'latitude geo 1 · longitude geo 1', example: point },
  {
    schema: 'locations/additional-geo-location',
    fields: 'latitude geo 1 · longitude geo 1 · name obj ?',
    example: { ...point, name: text },
  },
  { schema: 'common/business-details', fields: 'name s100 1 · website URL ? · logo obj ?', example: company },
  {
    schema: 'common/image',
    fields: 'url URL 1 · thumbnail URL ? · category open 1 · type Ci4 1 · width int ? · height int ?',
    example: { ...image, thumbnail: 'https://example.com/s.png' },
  },
  {
    schema: 'locations/energy-mix',
    fields:
      'is_green_energy bool 1 · energy_sources obj * · environ_impact obj * · supplier_name s64 ? · ' +
      'energy_product_name s64 ?',
    example: mix,
  },
  {
    schema: 'locations/energy-source',
    fields: 'source open 1 · percentage num 1',
    example: { source: 'SOLAR', percentage: 12.5 },
  },
  {
    schema: 'locations/environmental-impact',
    fields: 'category open 1 · amount num 1',
    example: { category: 'NUCLEAR_WASTE', amount: 0.5 },
  },
  { schema: 'locations/exceptional-period', fields: 'period_begin DT 1 · period_end DT 1', example: period },
  {
    schema: 'locations/hours',
    fields: 'twentyfourseven bool 1 · regular_hours obj * · exceptional_openings obj * · exceptional_closings obj *',
    example: { ...hours, twentyfourseven: true },
  },
  {
    schema: 'locations/regular-hours',
    fields: 'weekday int 1 · period_begin time 1 · period_end time 1',
    example: { weekday: 7, period_begin: '00:00', period_end: '23:59' },
  },
  {
    schema: 'locations/publish-token',
    fields: 'uid Ci36 ? · type open ? · visual_number s64 ? · issuer s64 ? · group_id Ci36 ?',
    example: { uid: 'U1', type: 'RFID', visual_number: 'V1', issuer: 'I1', group_id: 'G1' },
  },
  {
    schema: 'locations/status-schedule',
    fields: 'period_begin DT 1 · period_end DT ? · status open 1',
    example: { ...period, status: 'PLANNED' },
  },
  // ty 16.3, 16.5
  { schema: 'common/display-text', fields: 'language s2 1 · text s512 1', example: text },
  { schema: 'common/price', fields: 'excl_vat num 1 · incl_vat num ?', example: { excl_vat: 1, incl_vat: 1.21 } },
  // ta 11.3.1, 11.4
  {
    schema: 'tariffs/tariff',
    fields:
      'country_code Ci2 1 · party_id Ci3 1 · id Ci36 1 · currency s3 1 · type enum ? · tariff_alt_text obj * · ' +
      'tariff_alt_url URL ? · min_price obj ? · max_price obj ? · elements obj + · start_date_time DT ? · ' +
      'end_date_time DT ? · energy_mix obj ? · last_updated DT 1',
    example: {
      ...owner,
      id: 'T1',
      currency: 'EUR',
      type: 'REGULAR',
      tariff_alt_text: [text],
      tariff_alt_url: 'https://example.com/tariff',
      min_price: { excl_vat: 1 },
      max_price: { excl_vat: 10, incl_vat: 12 },
      elements: [element],
      start_date_time: time,
      end_date_time: time,
      energy_mix: mix,
      last_updated: time,
    },
  },
  { schema: 'tariffs/tariff-element', fields: 'price_components obj + · restrictions obj ?', example: element },
  {
    schema: 'tariffs/price-component',
    fields: 'type open 1 · price num 1 · vat num ? · step_size int 1',
    example: { type: 'TIME', price: 2, vat: 0, step_size: 300 },
  },
  {
    schema: 'tariffs/tariff-restrictions',
    fields:
      'start_time time ? · end_time time ? · start_date date ? · end_date date ? · min_kwh num ? · max_kwh num ? · ' +
      'min_current num ? · max_current num ? · min_power num ? · max_power num ? · min_duration int ? · ' +
      'max_duration int ? · day_of_week open * · reservation open ?',
    example: { start_time: '13:30', end_date: '2027-01-01', day_of_week: ['MONDAY'], reservation: 'RESERVATION' },
  },
];

const registry = SchemaRegistry.load();

/** A value of this type and length that is right in everything else. */
function filled(field: string, type: string, length: number): string {
  if (type === 'URL') return 'https://example.com/'.padEnd(length, 'a');
  return (field === 'country_code' ? 'N' : 'A').repeat(length);
}

describe.each(sheets)('$schema has its fields', ({ schema, fields, example }) => {
  const rows = fields.split(' · ').map((row): [string, string, string] => {
    const [field = '', type = '', cardinality = ''] = row.split(' ');
    return [field, type, cardinality];
  });
  const judge = (object: unknown) => registry.validate(schema, object);
  const put = (field: string, value: unknown, cardinality = '1') =>
    judge({ ...example, [field]: cardinality === '*' || cardinality === '+' ? [value] : value });

  it('and no others, with an example that is accepted', () => {
    const file = path.join(schemaDirectory(), '2.2.1', `${schema}.schema.json`);
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    expect(rows.map(([field]) => field).sort()).toEqual(
      Object.keys(part(isSchema(parsed) ? parsed : {}, 'properties')).sort(),
    );
    expect(judge(example)).toBeUndefined();
  });

  it('keeps fields that OCPI does not know (T-36)', () => {
    expect(judge({ ...example, x_foo: [1, null, { a: 'b\n' }], Last_Updated: 7 })).toBeUndefined();
  });

  it.each(rows)('%s (%s, %s): presence and null (T-39)', (field, _type, cardinality) => {
    const { [field]: _left, ...without } = example;
    const empty = judge({ ...example, [field]: null });
    if (cardinality === '1' || cardinality === '+') {
      expect(judge(without)).toEqual({ pointer: `/${field}`, message: 'is required' });
      expect(empty).toEqual({ pointer: `/${field}`, message: 'must not be null' });
    } else if (schema !== 'locations/publish-token') {
      // The fields of a PublishToken need one another (L-25) and are looked at elsewhere.
      expect(judge(without)).toBeUndefined();
      expect(empty).toBeUndefined();
    }
    if (cardinality === '*') expect(judge({ ...example, [field]: [] })).toBeUndefined();
    if (cardinality === '+') {
      expect(judge({ ...example, [field]: [] })).toEqual({
        pointer: `/${field}`,
        message: 'must have at least 1 item',
      });
    }
    if (cardinality === '*' || cardinality === '+') {
      expect(judge({ ...example, [field]: {} })).toEqual({ pointer: `/${field}`, message: 'must be an array' });
    }
  });

  const sized = rows.filter(([, type]) => /^(Ci|s)\d+$|^URL$/.test(type));
  if (sized.length > 0) {
    it.each(sized)('%s (%s, %s): length in characters (D-04, D-11)', (field, type, cardinality) => {
      const max = type === 'URL' ? 255 : Number(type.replace(/\D+/, ''));
      const pointer = cardinality === '*' ? `/${field}/0` : `/${field}`;
      const tooLong = { pointer, message: `must be at most ${max} characters long` };
      expect(put(field, filled(field, type, max), cardinality)).toBeUndefined();
      expect(put(field, filled(field, type, max + 1), cardinality)).toEqual(tooLong);
      if (type.startsWith('Ci')) {
        // D-01
        expect(put(field, 'ü', cardinality)?.pointer).toBe(pointer);
      } else if (type !== 'URL' && field !== 'token') {
        expect(put(field, 'ü'.repeat(max), cardinality)).toBeUndefined();
        expect(put(field, '🔌'.repeat(max), cardinality)).toBeUndefined();
        expect(put(field, '🔌'.repeat(max + 1), cardinality)).toEqual(tooLong);
      }
      // D-03
      expect(put(field, '\n', cardinality)?.pointer).toBe(pointer);
    });
  }

  it.each(rows)('%s (%s, %s): type', (field, type, cardinality) => {
    const pointer = cardinality === '*' || cardinality === '+' ? `/${field}/0` : `/${field}`;
    const refused = (value: unknown, message: string) =>
      expect([value, put(field, value, cardinality)]).toEqual([value, { pointer, message }]);
    switch (type) {
      case 'bool':
        refused('true', 'must be true or false');
        break;
      case 'num':
        refused('0.25', 'must be a number');
        expect(put(field, 0.2525, cardinality)).toBeUndefined();
        break;
      case 'int':
        refused('1', 'must be a whole number');
        refused(1.5, 'must be a whole number');
        break;
      case 'obj':
        refused('x', 'must be an object');
        break;
      case 'enum':
        expect(put(field, 'FOO', cardinality)).toEqual({ pointer, message: expect.stringMatching(/^must be one of /) });
        break;
      case 'open':
        // T-37
        expect(put(field, 'FOO', cardinality)).toBeUndefined();
        refused(7, 'must be a string');
        break;
      default:
        refused(7, 'must be a string');
    }
  });
});
