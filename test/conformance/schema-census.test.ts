import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type SchemaName, SchemaRegistry, schemaNames } from '../../src/platform/schema/index.js';
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

const driver = { country_code: 'FR', party_id: 'EM1', uid: '04AB12CD', type: 'RFID', contract_id: 'FR-EM1-C1' };
const token = {
  ...driver,
  visual_number: 'DF-0001',
  issuer: 'Example Cards',
  group_id: 'G1',
  valid: true,
  whitelist: 'ALLOWED',
  language: 'fr',
  default_profile_type: 'GREEN',
  energy_contract: { supplier_name: 'Example Energy', contract_id: 'E1' },
  last_updated: time,
};
const place = { location_id: 'LOC1', evse_uids: ['E1'] };
const chargingPeriod = { start_date_time: time, dimensions: [{ type: 'ENERGY', volume: 1.5 }], tariff_id: 'T1' };
const cost = { excl_vat: 4, incl_vat: 4.4 };
const signed = { nature: 'Start', plain_data: 'plain', signed_data: 'c2lnbmVk' };
const cdrPlace = {
  id: 'LOC1',
  name: 'Plein',
  address: 'Plein 1',
  city: 'Utrecht',
  postal_code: '3511 AA',
  state: 'Utrecht',
  country: 'NLD',
  coordinates: point,
  evse_uid: 'E1',
  evse_id: 'NL*CP1*E1',
  connector_id: '1',
  connector_standard: 'IEC_62196_T2',
  connector_format: 'SOCKET',
  connector_power_type: 'AC_3_PHASE',
};
const response_url = 'https://example.com/commands/1';
const profile = {
  start_date_time: time,
  duration: 3600,
  charging_rate_unit: 'W',
  min_charging_rate: 1.5,
  charging_profile_period: [{ start_period: 0, limit: 11000.5 }],
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
  // tk 12.3, 12.4
  {
    schema: 'tokens/token',
    fields:
      'country_code Ci2 1 · party_id Ci3 1 · uid Ci36 1 · type open 1 · contract_id Ci36 1 · visual_number s64 ? · ' +
      'issuer s64 1 · group_id Ci36 ? · valid bool 1 · whitelist open 1 · language s2 ? · default_profile_type open ? · ' +
      'energy_contract obj ? · last_updated DT 1',
    example: token,
  },
  {
    schema: 'tokens/energy-contract',
    fields: 'supplier_name s64 1 · contract_id s64 ?',
    example: token.energy_contract,
  },
  { schema: 'tokens/location-references', fields: 'location_id Ci36 1 · evse_uids Ci36 *', example: place },
  {
    schema: 'tokens/authorization-info',
    fields: 'allowed open 1 · token obj 1 · location obj ? · authorization_reference Ci36 ? · info obj ?',
    example: { allowed: 'ALLOWED', token, location: place, authorization_reference: 'A1', info: text },
  },
  // se 9.3
  {
    schema: 'sessions/session',
    fields:
      'country_code Ci2 1 · party_id Ci3 1 · id Ci36 1 · start_date_time DT 1 · end_date_time DT ? · kwh num 1 · ' +
      'cdr_token obj 1 · auth_method open 1 · authorization_reference Ci36 ? · location_id Ci36 1 · evse_uid Ci36 1 · ' +
      'connector_id Ci36 1 · meter_id s255 ? · currency s3 1 · charging_periods obj * · total_cost obj ? · ' +
      'status enum 1 · last_updated DT 1',
    example: {
      ...owner,
      id: 'S1',
      start_date_time: time,
      end_date_time: time,
      kwh: 1.5,
      cdr_token: driver,
      auth_method: 'WHITELIST',
      authorization_reference: 'A1',
      location_id: 'LOC1',
      evse_uid: 'E1',
      connector_id: '1',
      meter_id: 'M1',
      currency: 'EUR',
      charging_periods: [chargingPeriod],
      total_cost: cost,
      status: 'ACTIVE',
      last_updated: time,
    },
  },
  {
    schema: 'sessions/charging-preferences',
    fields: 'profile_type open 1 · departure_time DT ? · energy_need num ? · discharge_allowed bool ?',
    example: { profile_type: 'FAST', departure_time: time, energy_need: 20, discharge_allowed: false },
  },
  // cd 10.3.1, 10.4; address and state of a CdrLocation as long as those of a Location
  {
    schema: 'cdrs/cdr',
    fields:
      'country_code Ci2 1 · party_id Ci3 1 · id Ci39 1 · start_date_time DT 1 · end_date_time DT 1 · session_id Ci36 ? · ' +
      'cdr_token obj 1 · auth_method open 1 · authorization_reference Ci36 ? · cdr_location obj 1 · meter_id s255 ? · ' +
      'currency s3 1 · tariffs obj * · charging_periods obj + · signed_data obj ? · total_cost obj 1 · ' +
      'total_fixed_cost obj ? · total_energy num 1 · total_energy_cost obj ? · total_time num 1 · total_time_cost obj ? · ' +
      'total_parking_time num ? · total_parking_cost obj ? · total_reservation_cost obj ? · remark s255 ? · ' +
      'invoice_reference_id Ci39 ? · credit bool ? · credit_reference_id Ci39 ? · home_charging_compensation bool ? · ' +
      'last_updated DT 1',
    example: {
      ...owner,
      id: 'C1',
      start_date_time: time,
      end_date_time: time,
      session_id: 'S1',
      cdr_token: driver,
      auth_method: 'AUTH_REQUEST',
      authorization_reference: 'A1',
      cdr_location: cdrPlace,
      meter_id: 'M1',
      currency: 'EUR',
      tariffs: [{ ...owner, id: 'T1', currency: 'EUR', elements: [element], last_updated: time }],
      charging_periods: [chargingPeriod],
      signed_data: { encoding_method: 'OCMF', signed_values: [signed] },
      total_cost: cost,
      total_fixed_cost: cost,
      total_energy: 1.5,
      total_energy_cost: cost,
      total_time: 1,
      total_time_cost: cost,
      total_parking_time: 0,
      total_parking_cost: cost,
      total_reservation_cost: cost,
      remark: 'none',
      invoice_reference_id: 'I1',
      credit: true,
      credit_reference_id: 'C0',
      home_charging_compensation: false,
      last_updated: time,
    },
  },
  {
    schema: 'cdrs/cdr-location',
    fields:
      'id Ci36 1 · name s255 ? · address s255 1 · city s45 1 · postal_code s10 ? · state s45 ? · country s3 1 · ' +
      'coordinates obj 1 · evse_uid Ci36 1 · evse_id Ci48 1 · connector_id Ci36 1 · connector_standard open 1 · ' +
      'connector_format open 1 · connector_power_type open 1',
    example: cdrPlace,
  },
  {
    schema: 'cdrs/cdr-token',
    fields: 'country_code Ci2 1 · party_id Ci3 1 · uid Ci36 1 · type open 1 · contract_id Ci36 1',
    example: driver,
  },
  {
    schema: 'cdrs/charging-period',
    fields: 'start_date_time DT 1 · dimensions obj + · tariff_id Ci36 ?',
    example: chargingPeriod,
  },
  { schema: 'cdrs/cdr-dimension', fields: 'type open 1 · volume num 1', example: { type: 'TIME', volume: 0.25 } },
  {
    schema: 'cdrs/signed-data',
    fields:
      'encoding_method Ci36 1 · encoding_method_version int ? · public_key s512 ? · signed_values obj + · url s512 ?',
    example: {
      encoding_method: 'OCMF',
      encoding_method_version: 1,
      public_key: 'a2V5',
      signed_values: [signed],
      url: 'https://example.com/check',
    },
  },
  {
    schema: 'cdrs/signed-value',
    fields: 'nature Ci32 1 · plain_data s5000 1 · signed_data s5000 1',
    example: signed,
  },
  // cm 13.3
  {
    schema: 'commands/cancel-reservation',
    fields: 'response_url URL 1 · reservation_id Ci36 1',
    example: { response_url, reservation_id: 'R1' },
  },
  {
    schema: 'commands/reserve-now',
    fields:
      'response_url URL 1 · token obj 1 · expiry_date DT 1 · reservation_id Ci36 1 · location_id Ci36 1 · ' +
      'evse_uid Ci36 ? · authorization_reference Ci36 ?',
    example: {
      response_url,
      token,
      expiry_date: time,
      reservation_id: 'R1',
      location_id: 'LOC1',
      evse_uid: 'E1',
      authorization_reference: 'A1',
    },
  },
  {
    schema: 'commands/start-session',
    // With evse_uid the connector may be left out, without it it must be.
    fields:
      'response_url URL 1 · token obj 1 · location_id Ci36 1 · evse_uid Ci36 ? · connector_id Ci36 ? · ' +
      'authorization_reference Ci36 ?',
    example: { response_url, token, location_id: 'LOC1', evse_uid: 'E1', authorization_reference: 'A1' },
  },
  {
    schema: 'commands/stop-session',
    fields: 'response_url URL 1 · session_id Ci36 1',
    example: { response_url, session_id: 'S1' },
  },
  {
    schema: 'commands/unlock-connector',
    fields: 'response_url URL 1 · location_id Ci36 1 · evse_uid Ci36 1 · connector_id Ci36 1',
    example: { response_url, location_id: 'LOC1', evse_uid: 'E1', connector_id: '1' },
  },
  {
    schema: 'commands/command-response',
    fields: 'result open 1 · timeout int 1 · message obj *',
    example: { result: 'ACCEPTED', timeout: 30, message: [text] },
  },
  {
    schema: 'commands/command-result',
    fields: 'result open 1 · message obj *',
    example: { result: 'ACCEPTED', message: [text] },
  },
  // cp 14.5, 14.6
  {
    schema: 'chargingprofiles/charging-profile-response',
    fields: 'result open 1 · timeout int 1',
    example: { result: 'TOO_OFTEN', timeout: 30 },
  },
  {
    schema: 'chargingprofiles/active-charging-profile-result',
    fields: 'result open 1 · profile obj ?',
    example: { result: 'ACCEPTED', profile: { start_date_time: time, charging_profile: profile } },
  },
  { schema: 'chargingprofiles/charging-profile-result', fields: 'result open 1', example: { result: 'REJECTED' } },
  { schema: 'chargingprofiles/clear-profile-result', fields: 'result open 1', example: { result: 'UNKNOWN' } },
  {
    schema: 'chargingprofiles/set-charging-profile',
    fields: 'charging_profile obj 1 · response_url URL 1',
    example: { charging_profile: profile, response_url },
  },
  {
    schema: 'chargingprofiles/active-charging-profile',
    fields: 'start_date_time DT 1 · charging_profile obj 1',
    example: { start_date_time: time, charging_profile: profile },
  },
  {
    schema: 'chargingprofiles/charging-profile',
    fields:
      'start_date_time DT ? · duration int ? · charging_rate_unit open 1 · min_charging_rate num ? · ' +
      'charging_profile_period obj *',
    example: profile,
  },
  {
    schema: 'chargingprofiles/charging-profile-period',
    fields: 'start_period int 1 · limit num 1',
    example: { start_period: 900, limit: 8.1 },
  },
];

/** The objects among the schemas that have a sheet of their own: none is left out. */
const objects = schemaNames.filter((name) => {
  const parsed: unknown = JSON.parse(
    readFileSync(path.join(schemaDirectory(), '2.2.1', `${name}.schema.json`), 'utf8'),
  );
  return isSchema(parsed) && parsed.type === 'object';
});

it('counts every object', () => {
  expect(sheets.map(({ schema }) => schema).sort()).toEqual([...objects].sort());
});

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
    } else if (schema !== 'locations/publish-token' && field !== 'credit_reference_id') {
      // The fields of a PublishToken need one another (L-25), a credit needs what it refers to (CDR-07); looked at elsewhere.
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
