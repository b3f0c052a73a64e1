// Over 400 lines: a table of cases, read row by row.
import { describe, expect, it } from '@jest/globals';
import { type SchemaName, SchemaRegistry } from '../../src/platform/schema/index.js';

const registry = SchemaRegistry.load();
const time = '2026-05-01T12:00:00Z';

const connector = {
  id: '1',
  standard: 'IEC_62196_T2',
  format: 'SOCKET',
  power_type: 'AC_3_PHASE',
  max_voltage: 230,
  max_amperage: 16,
  last_updated: time,
};
const evse = { uid: 'E1', status: 'AVAILABLE', connectors: [connector], last_updated: time };
const location = {
  country_code: 'NL',
  party_id: 'CP1',
  id: 'LOC1',
  publish: true,
  address: 'Plein 1',
  city: 'Utrecht',
  country: 'NLD',
  coordinates: { latitude: '52.09060', longitude: '5.12143' },
  evses: [evse],
  time_zone: 'Europe/Amsterdam',
  last_updated: time,
};
const component = { type: 'FLAT', price: 0, step_size: 0 };
const tariff = {
  country_code: 'NL',
  party_id: 'CP1',
  id: 'T1',
  currency: 'EUR',
  elements: [{ price_components: [component] }],
  last_updated: time,
};
const token = (fields: object) => ({ ...location, publish: false, publish_allowed_to: [fields] });
const hours = (fields: object) => ({ ...location, opening_times: fields });
const at = (latitude: unknown, longitude: unknown = '5.12143') => ({
  ...location,
  coordinates: { latitude, longitude },
});
const stamped = (last_updated: unknown) => ({ ...location, last_updated });
const priced = (fields: object) => ({ ...tariff, elements: [{ price_components: [{ ...component, ...fields }] }] });
const restricted = (restrictions: unknown) => ({
  ...tariff,
  elements: [{ price_components: [component], restrictions }],
});
const roles = (fields: object) => ({
  token: 'a-token',
  url: 'https://example.com/ocpi/versions',
  roles: [{ role: 'CPO', party_id: 'CP1', country_code: 'NL', business_details: { name: 'Example' }, ...fields }],
});

const driver = { country_code: 'FR', party_id: 'EM1', uid: '04AB12CD', type: 'RFID', contract_id: 'C1' };
const card = { ...driver, issuer: 'I', valid: true, whitelist: 'ALLOWED', last_updated: time };
const period = { start_date_time: time, dimensions: [{ type: 'ENERGY', volume: 1 }] };
const session = {
  country_code: 'NL',
  party_id: 'CP1',
  id: 'S1',
  start_date_time: time,
  kwh: 0,
  cdr_token: driver,
  auth_method: 'COMMAND',
  location_id: 'LOC1',
  evse_uid: 'E1',
  connector_id: '1',
  currency: 'EUR',
  status: 'ACTIVE',
  last_updated: time,
};
const cdrLocation = {
  id: 'LOC1',
  address: 'Plein 1',
  city: 'Utrecht',
  country: 'NLD',
  coordinates: location.coordinates,
  evse_uid: 'E1',
  evse_id: 'NL*CP1*E1',
  connector_id: '1',
  connector_standard: 'IEC_62196_T2',
  connector_format: 'SOCKET',
  connector_power_type: 'AC_3_PHASE',
};
const cdr = {
  country_code: 'NL',
  party_id: 'CP1',
  id: 'C1',
  start_date_time: time,
  end_date_time: time,
  cdr_token: driver,
  auth_method: 'WHITELIST',
  cdr_location: cdrLocation,
  currency: 'EUR',
  charging_periods: [period],
  total_cost: { excl_vat: 4 },
  total_energy: 1,
  total_time: 1,
  last_updated: time,
};
const credit = { ...cdr, id: `${'C'.repeat(36)}-CR`, credit: true, credit_reference_id: 'C'.repeat(36) };
const start = { response_url: 'https://emsp.example/r/1', token: card, location_id: 'LOC1' };
const { credit_reference_id: _reference, ...creditOfNothing } = credit;
const idMessage = 'must have an id of at most 36 characters unless it is a credit';

const dateTimeMessage = 'must be a date and time such as 2026-05-01T12:00:00Z';
const plainMessage = 'must not contain line breaks, tabs or other control characters';
const latitudeMessage = 'must be a string with at least five decimals such as "50.770774"';
const timeMessage = 'must be a time of day such as 08:30';

describe('what the rules let through', () => {
  const accepted: [string, SchemaName, unknown][] = [
    ['T-35: #NA for a required string that cannot be had', 'locations/location', { ...location, city: '#NA' }],
    [
      'T-36: unknown fields at every level',
      'locations/location',
      { ...location, x: { y: 1 }, evses: [{ ...evse, x: 1 }] },
    ],
    [
      'T-37: a connector standard of a later version',
      'locations/location',
      { ...location, evses: [{ ...evse, connectors: [{ ...connector, standard: 'MCS' }] }] },
    ],
    [
      'T-37: a status in a schedule, which moves nothing',
      'locations/evse',
      { ...evse, status_schedule: [{ period_begin: time, status: 'FOO' }] },
    ],
    ['T-39: null where a list may be empty', 'locations/location', { ...location, evses: null, images: null }],
    [
      'T-39: null where a field is optional',
      'locations/location',
      { ...location, operator: null, opening_times: null },
    ],
    ['D-03: letters beyond ASCII', 'locations/location', { ...location, city: 'Köln', name: 'Αθήνα 充电' }],
    ...[
      '2015-06-29T20:39:09Z',
      '2015-06-29T20:39:09',
      '2016-12-29T17:45:09.2Z',
      '2016-12-29T17:45:09.2',
      '2018-01-01T01:08:01.123Z',
      '2018-01-01T01:08:01.123',
    ].map((form): [string, SchemaName, unknown] => [`D-05: ${form}`, 'locations/location', stamped(form)]),
    ['D-06, A-16: an offset', 'locations/location', stamped('2018-01-01T01:08:01+00:00')],
    ['A-16: nanoseconds', 'locations/location', stamped('2018-01-01T01:08:01.123456789Z')],
    ['D-05: the leap day of a leap year', 'locations/location', stamped('2028-02-29T00:00:00Z')],
    ['D-09: a price without incl_vat', 'tariffs/tariff', { ...tariff, min_price: { excl_vat: 1, incl_vat: null } }],
    ['D-14, A-17: as long as the pattern allows', 'locations/location', at('-52.0906001', '-105.1214301')],
    ['D-14: more than seven decimals', 'locations/location', at('52.090600123456')],
    ['L-22: a REMOVED EVSE with its connectors', 'locations/evse', { ...evse, status: 'REMOVED' }],
    [
      'L-24: publish_allowed_to although published is only strange',
      'locations/location',
      { ...token({ group_id: 'G' }), publish: true },
    ],
    ['L-25: a group alone', 'locations/location', token({ group_id: 'G' })],
    ['L-25: uid with type', 'locations/location', token({ uid: 'U', type: 'RFID', visual_number: null })],
    ['L-25: visual_number with issuer', 'locations/location', token({ visual_number: 'V', issuer: 'I' })],
    ['L-26: always open', 'locations/location', hours({ twentyfourseven: true, regular_hours: null })],
    ['L-36: an unknown time zone is only strange', 'locations/location', { ...location, time_zone: 'Europe/Nowhere' }],
    ['TA-16: step_size 0', 'tariffs/tariff', tariff],
    ['TA-17: no VAT, spelt as null', 'tariffs/tariff', priced({ vat: null })],
    ['TA-20: no type', 'tariffs/tariff', { ...tariff, type: null }],
    [
      'T-39: restrictions full of nulls',
      'tariffs/tariff',
      restricted({ start_time: null, day_of_week: null, min_kwh: null }),
    ],
    ['TA-14: 00:00 as the end of the day', 'tariffs/tariff', restricted({ start_time: '23:00', end_time: '00:00' })],
    [
      'C-18: several roles',
      'credentials/credentials',
      { ...roles({}), roles: [...roles({}).roles, ...roles({ role: 'EMSP' }).roles] },
    ],
    [
      'V-11: a module of another standard',
      'versions/endpoint',
      { identifier: 'payments', role: 'SENDER', url: 'https://example.com/p' },
    ],
    [
      'vendor object: any content',
      'locations/location',
      { ...location, here_ext: { isPullThrough: 'perhaps', more: [null] } },
    ],
    ['vendor object: null', 'tariffs/tariff', { ...tariff, here_ext: null }],
    ['T-37: a type and a whitelist of a later version', 'tokens/token', { ...card, type: 'EMAID', whitelist: 'MAYBE' }],
    [
      'S-12: #NA while a reservation has no EVSE',
      'sessions/session',
      { ...session, evse_uid: '#NA', connector_id: '#NA' },
    ],
    ['S-11: RESERVATION', 'sessions/session', { ...session, status: 'RESERVATION' }],
    ['S-04: no periods', 'sessions/session', { ...session, charging_periods: [] }],
    ['CDR-07: a credit', 'cdrs/cdr', credit],
    ['CDR-08: an id of 36 characters', 'cdrs/cdr', { ...cdr, id: 'C'.repeat(36), credit: false }],
    [
      'CDR-09: dimensions of sessions are only strange',
      'cdrs/charging-period',
      {
        ...period,
        dimensions: [{ type: 'STATE_OF_CHARGE', volume: 80 }],
      },
    ],
    [
      'CDR-10: #NA where a reservation was never used',
      'cdrs/cdr-location',
      {
        ...cdrLocation,
        evse_uid: '#NA',
        evse_id: '#NA',
        connector_id: '#NA',
      },
    ],
    ...['1970-1-1T00:00:00Z', '1970-01-01T00:00:00Z'].map((unknown): [string, SchemaName, unknown] => [
      `CDR-14, A-51: ${unknown}`,
      'cdrs/cdr',
      { ...cdr, start_date_time: unknown, end_date_time: unknown },
    ]),
    [
      'A-52: an address as long as that of a Location',
      'cdrs/cdr-location',
      {
        ...cdrLocation,
        address: 'a'.repeat(255),
        state: 's'.repeat(45),
      },
    ],
    ['CMD-11: an EVSE without connector', 'commands/start-session', { ...start, evse_uid: 'E1', connector_id: null }],
    ['T-37: a result of a later version', 'commands/command-result', { result: 'POSTPONED' }],
    [
      'CP-09: two decimals are only strange',
      'chargingprofiles/charging-profile-period',
      { start_period: 0, limit: 8.15 },
    ],
  ];

  it.each(accepted)('%s', (_rule, schema, value) => {
    expect(registry.validate(schema, value)).toBeUndefined();
  });
});

describe('what the rules refuse', () => {
  const refused: [string, SchemaName, unknown, string, string][] = [
    ['D-16: no object at all', 'locations/location', [], '', 'must be an object'],
    [
      'L-29, T-37: a status that the hub must act on',
      'locations/evse',
      { ...evse, status: 'FOO' },
      '/status',
      'must be one of AVAILABLE, BLOCKED, CHARGING, INOPERATIVE, OUTOFORDER, PLANNED, REMOVED, RESERVED, UNKNOWN',
    ],
    [
      'L-29: the same within a location',
      'locations/location',
      { ...location, evses: [evse, { ...evse, status: 'available' }] },
      '/evses/1/status',
      'must be one of AVAILABLE, BLOCKED, CHARGING, INOPERATIVE, OUTOFORDER, PLANNED, REMOVED, RESERVED, UNKNOWN',
    ],
    [
      'L-22: no connectors',
      'locations/location',
      { ...location, evses: [{ ...evse, connectors: [] }] },
      '/evses/0/connectors',
      'must have at least 1 item',
    ],
    ['L-22: null for connectors', 'locations/evse', { ...evse, connectors: null }, '/connectors', 'must not be null'],
    ['D-03: a line break', 'locations/location', { ...location, name: 'Plein\n1' }, '/name', plainMessage],
    ['D-03: a tab', 'locations/location', { ...location, address: 'Plein\t1' }, '/address', plainMessage],
    ['D-01: a blank id', 'locations/location', { ...location, id: '' }, '/id', 'must not be empty'],
    [
      'D-01: an id beyond ASCII',
      'locations/location',
      { ...location, id: 'é' },
      '/id',
      'must consist of printable ASCII characters',
    ],
    ...[
      '2026-02-30T00:00:00Z',
      '2026-02-29T00:00:00Z',
      '1900-02-29T00:00:00Z',
      '1800-02-29T00:00:00Z',
      '2026-04-31T00:00:00Z',
      '2026-5-1T00:00:00Z',
      '2026-05-01',
      '2026-05-01 12:00:00',
      '2026-05-01T24:00:00Z',
      'yesterday',
      '',
    ].map((form): [string, SchemaName, unknown, string, string] => [
      `D-05: "${form}"`,
      'locations/location',
      stamped(form),
      '/last_updated',
      dateTimeMessage,
    ]),
    ['D-05: a number', 'locations/location', stamped(1777636800), '/last_updated', 'must be a string'],
    [
      'D-08: a price as a string',
      'tariffs/tariff',
      priced({ price: '0.25' }),
      '/elements/0/price_components/0/price',
      'must be a number',
    ],
    [
      'D-09: incl_vat alone',
      'tariffs/tariff',
      { ...tariff, max_price: { incl_vat: 1 } },
      '/max_price/excl_vat',
      'is required',
    ],
    ['D-14: a number', 'locations/location', at(52.0906), '/coordinates/latitude', 'must be a string'],
    ['D-14: four decimals', 'locations/location', at('52.0906'), '/coordinates/latitude', latitudeMessage],
    ['D-14: a comma', 'locations/location', at('52,09060'), '/coordinates/latitude', latitudeMessage],
    [
      'D-14: decimals without end',
      'locations/location',
      at(`52.${'0'.repeat(60)}`),
      '/coordinates/latitude',
      'must be at most 32 characters long',
    ],
    [
      'D-15: 8:00',
      'locations/location',
      hours({ twentyfourseven: false, regular_hours: [{ weekday: 1, period_begin: '8:00', period_end: '20:00' }] }),
      '/opening_times/regular_hours/0/period_begin',
      timeMessage,
    ],
    [
      'D-15: 24:00',
      'tariffs/tariff',
      restricted({ end_time: '24:00' }),
      '/elements/0/restrictions/end_time',
      timeMessage,
    ],
    [
      'D-15: a date in another order',
      'tariffs/tariff',
      restricted({ start_date: '01-05-2026' }),
      '/elements/0/restrictions/start_date',
      'must be a date such as 2026-05-01',
    ],
    [
      'L-25: an issuer alone',
      'locations/location',
      token({ issuer: 'I' }),
      '/publish_allowed_to/0',
      'must have at least one of uid, visual_number and group_id',
    ],
    [
      'L-25: nothing but nulls',
      'locations/location',
      token({ uid: null, group_id: null }),
      '/publish_allowed_to/0',
      'must have at least one of uid, visual_number and group_id',
    ],
    [
      'L-25: uid without type',
      'locations/location',
      token({ uid: 'U', type: null }),
      '/publish_allowed_to/0',
      'must have a type when uid is set',
    ],
    [
      'L-25: visual_number without issuer',
      'locations/location',
      token({ visual_number: 'V' }),
      '/publish_allowed_to/0',
      'must have an issuer when visual_number is set',
    ],
    [
      'L-26: no hours',
      'locations/location',
      hours({ twentyfourseven: false }),
      '/opening_times',
      'must have regular_hours when twentyfourseven is false',
    ],
    [
      'L-26: no hours in the list',
      'locations/location',
      hours({ twentyfourseven: false, regular_hours: [] }),
      '/opening_times',
      'must have regular_hours when twentyfourseven is false',
    ],
    [
      'L-26: an eighth day',
      'locations/location',
      hours({ twentyfourseven: false, regular_hours: [{ weekday: 8, period_begin: '08:00', period_end: '20:00' }] }),
      '/opening_times/regular_hours/0/weekday',
      'must be at most 7',
    ],
    ['TA-07: no elements', 'tariffs/tariff', { ...tariff, elements: [] }, '/elements', 'must have at least 1 item'],
    [
      'TA-07: no components',
      'tariffs/tariff',
      { ...tariff, elements: [{ price_components: [] }] },
      '/elements/0/price_components',
      'must have at least 1 item',
    ],
    [
      'TA-20: another type',
      'tariffs/tariff',
      { ...tariff, type: 'FOO' },
      '/type',
      'must be one of AD_HOC_PAYMENT, PROFILE_CHEAP, PROFILE_FAST, PROFILE_GREEN, REGULAR',
    ],
    [
      'D-12: another role',
      'credentials/credentials',
      roles({ role: 'BROKER' }),
      '/roles/0/role',
      'must be one of CPO, EMSP, HUB, NAP, NSP, OTHER, SCSP',
    ],
    [
      'C-19: no name',
      'credentials/credentials',
      roles({ business_details: {} }),
      '/roles/0/business_details/name',
      'is required',
    ],
    [
      'C-19: a party id of four',
      'credentials/credentials',
      roles({ party_id: 'ABCD' }),
      '/roles/0/party_id',
      'must be at most 3 characters long',
    ],
    [
      'C-19: a country code of digits',
      'credentials/credentials',
      roles({ country_code: '31' }),
      '/roles/0/country_code',
      'must be a country code of two letters',
    ],
    [
      'T-09: a blank in the token',
      'credentials/credentials',
      { ...roles({}), token: 'a b' },
      '/token',
      'must be 1 to 64 printable ASCII characters without blanks',
    ],
    ['C-31: no url', 'credentials/credentials', { ...roles({}), url: undefined }, '/url', 'is required'],
    [
      'T-31: a relative url',
      'credentials/credentials',
      { ...roles({}), url: '/ocpi/versions' },
      '/url',
      'must be an absolute http or https address',
    ],
    [
      'H-04: another status',
      'hubclientinfo/client-info',
      { country_code: 'NL', party_id: 'CP1', role: 'CPO', status: 'AWAY', last_updated: time },
      '/status',
      'must be one of CONNECTED, OFFLINE, PLANNED, SUSPENDED',
    ],
    [
      'V-07: another interface role',
      'versions/endpoint',
      { identifier: 'locations', role: 'BOTH', url: 'https://example.com/l' },
      '/role',
      'must be one of SENDER, RECEIVER',
    ],
    [
      'vendor object: a string',
      'locations/location',
      { ...location, evses: [{ ...evse, here_ext: 'x' }] },
      '/evses/0/here_ext',
      'must be an object',
    ],
    ['vendor object: a list', 'locations/connector', { ...connector, here_ext: [] }, '/here_ext', 'must be an object'],
    [
      'S-11, A-49: RESERVED',
      'sessions/session',
      { ...session, status: 'RESERVED' },
      '/status',
      'must be one of ACTIVE, COMPLETED, INVALID, PENDING, RESERVATION',
    ],
    ...(['country_code', 'party_id'] as const).map((name): [string, SchemaName, unknown, string, string] => {
      const { [name]: _left, ...rest } = driver;
      return [
        `S-15: cdr_token without ${name}`,
        'sessions/session',
        { ...session, cdr_token: rest },
        `/cdr_token/${name}`,
        'is required',
      ];
    }),
    [
      'CDR-07: a credit of nothing',
      'cdrs/cdr',
      creditOfNothing,
      '',
      'must have a credit_reference_id when credit is true',
    ],
    ['CDR-08: 37 characters without credit', 'cdrs/cdr', { ...cdr, id: 'C'.repeat(37) }, '', idMessage],
    ['CDR-08: 37 characters, credit false', 'cdrs/cdr', { ...credit, credit: false }, '', idMessage],
    [
      'CDR-08: 40 characters',
      'cdrs/cdr',
      { ...credit, id: 'C'.repeat(40) },
      '/id',
      'must be at most 39 characters long',
    ],
    [
      'CDR-14: the literal elsewhere',
      'cdrs/cdr',
      { ...cdr, last_updated: '1970-1-1T00:00:00Z' },
      '/last_updated',
      dateTimeMessage,
    ],
    [
      'CDR-14: another such literal',
      'cdrs/cdr',
      { ...cdr, start_date_time: '1971-1-1T00:00:00Z' },
      '/start_date_time',
      dateTimeMessage,
    ],
    [
      'CDR-15: no periods',
      'cdrs/cdr',
      { ...cdr, charging_periods: [] },
      '/charging_periods',
      'must have at least 1 item',
    ],
    ['CMD-02: no response_url', 'commands/stop-session', { session_id: 'S1' }, '/response_url', 'is required'],
    [
      'CMD-02: a response_url that leads nowhere',
      'commands/stop-session',
      { session_id: 'S1', response_url: '/results/1' },
      '/response_url',
      'must be an absolute http or https address',
    ],
    ['CMD-03: no timeout', 'commands/command-response', { result: 'ACCEPTED' }, '/timeout', 'is required'],
    [
      'CMD-11: a connector without EVSE',
      'commands/start-session',
      { ...start, connector_id: '1' },
      '',
      'must have an evse_uid when connector_id is set',
    ],
    [
      'CMD-02: a token that is not whole',
      'commands/start-session',
      { ...start, token: driver },
      '/token/issuer',
      'is required',
    ],
  ];

  it.each(refused)('%s', (_rule, schema, value, pointer, message) => {
    expect(registry.validate(schema, value)).toEqual({ pointer, message });
  });
});

describe('PATCH', () => {
  const patch = (fields: object) => registry.validatePatch('locations/location', { last_updated: time, ...fields });

  it.each(['locations/location', 'locations/evse', 'locations/connector'] as const)(
    '%s needs last_updated and nothing else (O-10, L-15)',
    (name) => {
      expect(registry.validatePatch(name, { last_updated: time })).toBeUndefined();
      expect(registry.validatePatch(name, {})).toEqual({ pointer: '/last_updated', message: 'is required' });
      expect(registry.validatePatch(name, [])).toEqual({ pointer: '', message: 'must be an object' });
    },
  );

  it('judges the fields that are there', () => {
    expect(registry.validatePatch('locations/evse', { status: 'CHARGING', last_updated: time })).toBeUndefined();
    expect(registry.validatePatch('locations/evse', { status: 'FOO', last_updated: time })?.pointer).toBe('/status');
    expect(patch({ name: 'a\nb' })).toEqual({ pointer: '/name', message: plainMessage });
    expect(patch({ x_foo: 1 })).toBeUndefined();
  });

  it('takes null for optional fields only (O-13)', () => {
    expect(patch({ name: null, operator: null, images: null })).toBeUndefined();
    expect(patch({ city: null })).toEqual({ pointer: '/city', message: 'must not be null' });
    expect(patch({ coordinates: null })).toEqual({ pointer: '/coordinates', message: 'must not be null' });
    expect(registry.validatePatch('locations/evse', { connectors: null, last_updated: time })).toEqual({
      pointer: '/connectors',
      message: 'must not be null',
    });
  });

  it('takes nested objects as a whole (O-19)', () => {
    expect(patch({ coordinates: { latitude: '52.09060' } })).toEqual({
      pointer: '/coordinates/longitude',
      message: 'is required',
    });
    expect(patch({ opening_times: { regular_hours: null } })?.pointer).toBe('/opening_times/twentyfourseven');
    expect(patch({ operator: { website: null } })).toEqual({ pointer: '/operator/name', message: 'is required' });
  });

  it('takes EVSEs and connectors as patches that name their object (L-19)', () => {
    const connectors = [{ id: '1', tariff_ids: ['T2'] }];
    expect(patch({ evses: [{ uid: 'E1', status: 'BLOCKED', connectors }] })).toBeUndefined();
    expect(patch({ evses: [{ status: 'BLOCKED' }] })).toEqual({ pointer: '/evses/0/uid', message: 'is required' });
    expect(patch({ evses: [{ uid: 'E1', connectors: [{ max_voltage: 230 }] }] })).toEqual({
      pointer: '/evses/0/connectors/0/id',
      message: 'is required',
    });
    expect(patch({ evses: [{ uid: 'E1', status: null }] })).toEqual({
      pointer: '/evses/0/status',
      message: 'must not be null',
    });
  });

  it('does not empty a list that must not be empty (T-39)', () => {
    expect(registry.validatePatch('locations/evse', { connectors: [], last_updated: time })).toEqual({
      pointer: '/connectors',
      message: 'must have at least 1 item',
    });
    expect(registry.validatePatch('locations/evse', { capabilities: [], last_updated: time })).toBeUndefined();
  });

  it('judges vendor objects as PUT does', () => {
    expect(patch({ here_ext: { isPullThrough: null } })).toBeUndefined();
    expect(patch({ here_ext: 7 })).toEqual({ pointer: '/here_ext', message: 'must be an object' });
  });

  it('judges Sessions and Tokens as it does Locations (S-08, TK-05)', () => {
    expect(registry.validatePatch('sessions/session', { kwh: 1, last_updated: time })).toBeUndefined();
    expect(registry.validatePatch('sessions/session', { kwh: 1 })?.pointer).toBe('/last_updated');
    expect(registry.validatePatch('sessions/session', { status: 'RESERVED', last_updated: time })?.pointer).toBe(
      '/status',
    );
    // Periods are added, so each must be whole (S-09).
    const periods = [{ start_date_time: time }];
    expect(registry.validatePatch('sessions/session', { charging_periods: periods, last_updated: time })).toEqual({
      pointer: '/charging_periods/0/dimensions',
      message: 'is required',
    });
    expect(registry.validatePatch('tokens/token', { valid: false, last_updated: time })).toBeUndefined();
    expect(registry.validatePatch('tokens/token', { valid: false })?.pointer).toBe('/last_updated');
    expect(registry.validatePatch('tokens/token', { valid: null, last_updated: time })?.pointer).toBe('/valid');
  });
});
