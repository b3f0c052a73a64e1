import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LookUpWorld, lookUpWorld } from '../../src/extensions/here/api/testing/look-up-world.js';
import { contentIdOf } from '../../src/extensions/here/model/place-id.js';
import type { Prediction } from '../../src/extensions/here/predictions/prediction.js';
import type { Location, Tariff } from '../../src/generated/ocpi.js';

const last_updated = '2026-10-01T08:00:00Z';
const partnerId = '6c1f6a4e-58c6-4f0a-9a3b-0d8f5c1a2b3c';
const company = (name: string) => ({
  name,
  website: 'https://example.com',
  logo: { url: 'https://example.com/l.png', thumbnail: 'https://example.com/t.png', category: 'OPERATOR', type: 'png' },
});

/** A Location in which everything is given that a CPO can give. */
const full = {
  country_code: 'NL',
  party_id: 'VLT',
  id: 'LOC1',
  publish: true,
  name: 'Utrecht, Truck Stop',
  address: 'Street 1',
  city: 'Utrecht',
  postal_code: '3511 AA',
  state: 'Utrecht',
  country: 'NLD',
  coordinates: { latitude: '52.09000', longitude: '5.12000' },
  related_locations: [{ latitude: '52.09100', longitude: '5.12100' }],
  parking_type: 'PARKING_LOT',
  facilities: ['HOTEL', 'WIFI'],
  time_zone: 'Europe/Amsterdam',
  opening_times: {
    twentyfourseven: false,
    regular_hours: [{ weekday: 1, period_begin: '08:00', period_end: '20:00' }],
    exceptional_openings: [{ period_begin: '2026-10-11T08:00:00Z', period_end: '2026-10-11T10:00:00Z' }],
    exceptional_closings: [{ period_begin: '2026-10-11T22:00:00Z', period_end: '2026-10-12T22:00:00Z' }],
  },
  charging_when_closed: true,
  operator: company('Volt'),
  suboperator: company('Sub'),
  owner: company('Owner'),
  energy_mix: {
    is_green_energy: true,
    energy_sources: [{ source: 'WIND', percentage: 100 }],
    environ_impact: [{ category: 'CARBON_DIOXIDE', amount: 12.5 }],
    supplier_name: 'Green',
    energy_product_name: 'Greenest',
  },
  evses: [
    {
      uid: 'A',
      evse_id: 'NL*VLT*EA',
      status: 'AVAILABLE',
      capabilities: ['RESERVABLE', 'CREDIT_CARD_PAYABLE'],
      floor_level: '-1',
      physical_reference: '7',
      coordinates: { latitude: '52.09010', longitude: '5.12010' },
      parking_restrictions: ['DISABLED'],
      connectors: [
        {
          id: '1',
          standard: 'IEC_62196_T2_COMBO',
          format: 'CABLE',
          power_type: 'DC',
          max_voltage: 920,
          max_amperage: 400,
          max_electric_power: 300_000,
          tariff_ids: ['T1'],
          terms_and_conditions: 'https://example.com/terms',
          last_updated,
        },
      ],
      last_updated,
      here_ext: {
        paymentSupports: ['operatorApp'],
        parking: {
          conditions: ['taxis'],
          vehicleTypes: ['truckWithTrailer'],
          vehicleLimitations: { weight: 40_000, height: 400, width: 350, length: 1_800 },
          noClearanceHeight: false,
          evsePosition: 'left',
          parkingDirection: 'pullThrough',
          reservationRequired: false,
        },
      },
    },
  ],
  last_updated,
  here_ext: {
    supportedVehicles: ['car', 'truck'],
    accessPoints: [{ lat: 52.091, lng: 5.121 }],
    restrictions: ['brandOnly'],
    supportPhoneNumber: '+31201234567',
    isPullThrough: true,
    reservationRequired: false,
    truckRestrictions: {
      truckAccess: ['heavy'],
      hazardousGoodsRestricted: true,
      noClearanceHeight: false,
      trailerParking: true,
      overnightParking: true,
      amenities: ['shower'],
    },
    vehicleLimitations: { weight: 40_000, height: 400, width: 350, length: 1_800, permittedTrailers: 1 },
    facilityTypes: ['toilets'],
    addressDetails: {
      label: 'Street 1, 3511 AA Utrecht',
      street: 'Street',
      houseNumber: '1',
      state: 'Utrecht',
      county: 'Utrecht',
      city: 'Utrecht',
      district: 'Centre',
      subdistrict: 'North',
      block: 'A',
      subblock: 'B',
      countryCode: 'NLD',
      postalCode: '3511 AA',
      languageCode: 'nl',
    },
    eMobilityServiceProviders: [{ name: 'Provider', partnerId, eMobilityIds: ['FR-EM1'] }],
    operatorPartnerId: partnerId,
    suboperatorPartnerId: partnerId,
    ownerPartnerId: partnerId,
    eMobilityIds: ['NL-VLT'],
  },
} as unknown as Location;

const component = (type: string) => ({ type, price: 0.5, vat: 21, step_size: 1 });
const tariff = {
  country_code: 'NL',
  party_id: 'VLT',
  id: 'T1',
  currency: 'EUR',
  type: 'AD_HOC_PAYMENT',
  start_date_time: '2026-09-01T00:00:00Z',
  end_date_time: '2026-12-01T00:00:00Z',
  min_price: { excl_vat: 1 },
  elements: [
    {
      price_components: [component('ENERGY')],
      restrictions: {
        start_date: '2026-09-01',
        end_date: '2026-12-01',
        start_time: '08:00',
        end_time: '20:00',
        day_of_week: ['MONDAY'],
        min_duration: 60,
        max_duration: 600,
      },
    },
    { price_components: [component('PARKING_TIME')] },
  ],
  here_ext: { name: 'Walk up', elements: [undefined, { overstayBatteryLevel: 80 }] },
  last_updated,
} as unknown as Tariff;

const prediction: Prediction = {
  date: '2026-10-01',
  confidence: 0.9,
  periodsPerDay: 24,
  availabilityProbabilities: [1],
  predictedWaitTimes: [0],
  predictedOccupancies: [0],
};
const sessions = { chargingSessions: { lastSuccessful: last_updated, successfulCount: 3 } };

/** `evses.connectors.id` for each member that is somewhere in a value; lists do not count. */
function pathsOf(value: unknown, path = '', found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const one of value) pathsOf(one, path, found);
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) {
      const inner = path === '' ? name : `${path}.${name}`;
      found.add(inner);
      pathsOf(member, inner, found);
    }
  return found;
}

interface Row {
  readonly path: string;
  readonly state: string;
}

/** Rows of the tables of `docs/here.md` whose first column is an attribute: `evses.uid` | derived | … */
const rows = (): readonly Row[] =>
  readFileSync('docs/here.md', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, names, state] = /^\| (`[\w.`, ]+`) +\| (carried|derived|not possible) +\|/.exec(line) ?? [];
      if (names === undefined || state === undefined) return [];
      return names.split(',').map((name) => ({ path: name.replaceAll('`', '').trim(), state }));
    });

describe('the table of HERE’s attributes', () => {
  let world: LookUpWorld;
  let shown: ReadonlySet<string>;

  beforeAll(async () => {
    world = await lookUpWorld({
      predictions: { of: () => ({ place: [prediction], group: () => [prediction] }), version: () => 1 },
      reliability: {
        of: () => ({
          evse: () => ({ operational: 3, statusReliability: 'reliable', ...sessions }),
          group: () => sessions,
        }),
        version: () => 1,
      },
    });
    world.putTariff(tariff);
    world.put(full);
    const all =
      'address,evses,truckRestrictions,locationInfo,emsps,connectorGroups,predictions,reliability,tariffs,nearby';
    const { status, body } = await world.get(`/locations/${contentIdOf('NL/VLT/LOC1')}?fields=${all}`);
    expect(status).toBe(200);
    shown = pathsOf(body);
  });
  afterAll(() => world.close());

  it('names everything that an answer can hold, as carried or derived', () => {
    const named = new Set(rows().flatMap(({ path, state }) => (state === 'not possible' ? [] : path)));
    expect([...shown].filter((path) => !named.has(path))).toEqual([]);
  });

  it('names nothing as carried or derived that no answer holds', () => {
    const claimed = rows().filter(({ state }) => state !== 'not possible');
    expect(claimed.length).toBeGreaterThan(100);
    expect(claimed.filter(({ path }) => !shown.has(path))).toEqual([]);
  });

  it('names nothing as not possible that an answer holds, and nothing twice', () => {
    const all = rows();
    expect(all.filter(({ path, state }) => state === 'not possible' && shown.has(path))).toEqual([]);
    expect(new Set(all.map(({ path }) => path)).size).toBe(all.length);
  });
});
