// What a party asks another for, and what it tells it, through the hub: a list of ten Sessions, and one CDR.

const cdrToken = {
  country_code: 'FR',
  party_id: 'BEN',
  uid: '04A1B2C3D4',
  type: 'RFID',
  contract_id: 'FRBEN00000012X',
};

const dimensions = [
  { type: 'ENERGY', volume: 15.342 },
  { type: 'TIME', volume: 1.973 },
];

const tariff = {
  country_code: 'DE',
  party_id: 'BEC',
  id: '12',
  currency: 'EUR',
  elements: [{ price_components: [{ type: 'TIME', price: 2.0, vat: 10.0, step_size: 300 }] }],
  last_updated: '2025-02-02T14:15:01Z',
};

const session = (index: number) => ({
  country_code: 'DE',
  party_id: 'BEC',
  id: `SESSION-${1000 + index}`,
  start_date_time: '2025-06-01T10:00:00Z',
  kwh: 15.342,
  cdr_token: cdrToken,
  auth_method: 'WHITELIST',
  location_id: `LOC${index}`,
  evse_uid: `EVSE${index}`,
  connector_id: '1',
  currency: 'EUR',
  charging_periods: [{ start_date_time: '2025-06-01T10:00:00Z', dimensions, tariff_id: '12' }],
  total_cost: { excl_vat: 8.5, incl_vat: 9.35 },
  status: 'ACTIVE',
  last_updated: '2025-06-01T10:30:00Z',
});

const timestamp = '2025-06-01T10:30:01Z';

/** A CPO's answer. */
export const sessionList = JSON.stringify({
  data: Array.from({ length: 10 }, (_, index) => session(index)),
  status_code: 1000,
  timestamp,
});

/** An eMSP's answer. */
export const cdrTaken = JSON.stringify({ status_code: 1000, timestamp });

/** What a CPO sends. */
export const cdr = JSON.stringify({
  country_code: 'DE',
  party_id: 'BEC',
  id: 'CDR-0001',
  start_date_time: '2025-06-01T10:00:00Z',
  end_date_time: '2025-06-01T12:00:00Z',
  cdr_token: cdrToken,
  auth_method: 'WHITELIST',
  cdr_location: {
    id: 'LOC1',
    name: 'Gent Zuid',
    address: 'F.Rooseveltlaan 3A',
    city: 'Gent',
    postal_code: '9000',
    country: 'BEL',
    coordinates: { latitude: '3.729944', longitude: '51.047599' },
    evse_uid: 'EVSE1',
    evse_id: 'BE*BEC*E041503003',
    connector_id: '1',
    connector_standard: 'IEC_62196_T2',
    connector_format: 'SOCKET',
    connector_power_type: 'AC_1_PHASE',
  },
  currency: 'EUR',
  tariffs: [tariff],
  charging_periods: [{ start_date_time: '2025-06-01T10:00:00Z', dimensions, tariff_id: '12' }],
  total_cost: { excl_vat: 4.0, incl_vat: 4.4 },
  total_energy: 15.342,
  total_time: 1.973,
  last_updated: '2025-06-01T12:01:00Z',
});
