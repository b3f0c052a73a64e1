/** Invented objects for tests: small, valid, and different only where a test says so. */

type Fields = Readonly<Record<string, unknown>>;
export type Sample = Record<string, unknown>;

/** When the samples were last updated; {@link TestHub} clocks start an hour later. */
export const sampleTime = '2026-05-01T12:00:00Z';
export const sampleInstant = Date.UTC(2026, 4, 1, 12);

/** An OCPI DateTime so many seconds after {@link sampleTime}. */
export const at = (seconds: number): string =>
  new Date(sampleInstant + seconds * 1000).toISOString().replace('.000Z', 'Z');

export const connector = (id = '1', fields: Fields = {}): Sample => ({
  id,
  standard: 'IEC_62196_T2',
  format: 'SOCKET',
  power_type: 'AC_3_PHASE',
  max_voltage: 230,
  max_amperage: 16,
  last_updated: sampleTime,
  ...fields,
});

export const evse = (uid = 'E1', fields: Fields = {}): Sample => ({
  uid,
  status: 'AVAILABLE',
  connectors: [connector()],
  last_updated: sampleTime,
  ...fields,
});

export const location = (id = 'LOC1', fields: Fields = {}): Sample => ({
  country_code: 'DE',
  party_id: 'CP1',
  id,
  publish: true,
  address: 'Marktplatz 1',
  city: 'Köln',
  country: 'DEU',
  coordinates: { latitude: '50.93753', longitude: '6.96028' },
  evses: [evse()],
  time_zone: 'Europe/Berlin',
  last_updated: sampleTime,
  ...fields,
});

export const priceComponent = (fields: Fields = {}): Sample => ({
  type: 'ENERGY',
  price: 0.25,
  step_size: 1,
  ...fields,
});

export const tariff = (id = 'T1', fields: Fields = {}): Sample => ({
  country_code: 'DE',
  party_id: 'CP1',
  id,
  currency: 'EUR',
  elements: [{ price_components: [priceComponent()] }],
  last_updated: sampleTime,
  ...fields,
});

/** A card of FR/EM1. */
export const token = (uid = '04AB12CD', fields: Fields = {}): Sample => ({
  country_code: 'FR',
  party_id: 'EM1',
  uid,
  type: 'RFID',
  contract_id: `FR-EM1-${uid}`,
  visual_number: `VN-${uid}`,
  issuer: 'Example Cards',
  valid: true,
  whitelist: 'ALLOWED',
  last_updated: sampleTime,
  ...fields,
});

/** A sample without one of its fields. */
export function without(sample: Sample, ...names: string[]): Sample {
  return Object.fromEntries(Object.entries(sample).filter(([name]) => !names.includes(name)));
}
