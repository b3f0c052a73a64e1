import { describe, expect, it } from '@jest/globals';
import type { Location } from '../../../generated/ocpi.js';
import { evsesOf } from '../model/evse-parts.js';
import { placeIdOf } from '../model/place-id.js';
import { addressOf, baseOf, emspsOf, locationInfoOf, nearbyOf, truckOf } from '../model/place-parts.js';
import { recordMaker } from './record-of.js';

const connector = (id: string, power?: number): object => ({
  id,
  standard: 'IEC_62196_T2',
  format: 'SOCKET',
  power_type: 'AC_3_PHASE',
  max_voltage: 230,
  max_amperage: 32,
  max_electric_power: power ?? null,
  tariff_ids: ['T1'],
  last_updated: '2026-06-01T00:00:00Z',
});

const evse = (uid: string, status: string, ...connectors: object[]): object => ({
  uid,
  status,
  connectors,
  last_updated: '2026-06-01T00:00:00Z',
});

const location = (part: object = {}): Location =>
  ({
    country_code: 'NL',
    party_id: 'ALL',
    id: 'loc1',
    publish: true,
    name: 'Here',
    address: 'Street 1',
    city: 'Utrecht',
    country: 'NLD',
    coordinates: { latitude: '52.1', longitude: '5.1' },
    time_zone: 'Europe/Amsterdam',
    owner: { name: 'City of Utrecht' },
    evses: [
      evse('E1', 'AVAILABLE', connector('1', 22_000), connector('2', 22_000)),
      evse('E2', 'CHARGING', connector('1', 22_000), connector('2')),
      evse('E3', 'REMOVED', connector('1', 22_000)),
    ],
    last_updated: '2026-06-01T00:00:00Z',
    ...part,
  }) as unknown as Location;

const recordOf = recordMaker(false);

describe('a record', () => {
  it('has what lasts, and nothing that is only true for a moment', () => {
    const record = JSON.parse(JSON.stringify(recordOf(location(), 0)));
    expect(record).toMatchObject({
      id: placeIdOf('NL/ALL/LOC1'),
      location: { lat: 52.1, lng: 5.1 },
      cpoLocationId: 'loc1',
      owner: { name: 'City of Utrecht' },
      address: { city: 'Utrecht', countryCode: 'NLD' },
      connectorGroups: [
        {
          standard: 'IEC_62196_T2',
          maxPower: 22_000,
          connectorCount: 2,
          connectors: [
            { evseUid: 'E1', connectorIds: ['1', '2'] },
            { evseUid: 'E2', connectorIds: ['1'] },
          ],
        },
      ],
    });
    expect(record.evses.map(({ uid }: { uid: string }) => uid)).toEqual(['E1', 'E2']);
    expect(JSON.stringify(record)).not.toMatch(/status|modified|available|tariff|T1/i);
  });

  it('stays the same, whatever the statuses do', () => {
    const busy = [evse('E1', 'CHARGING', connector('1')), evse('E2', 'UNKNOWN', connector('1'))];
    const free = [evse('E1', 'AVAILABLE', connector('1')), evse('E2', 'OUTOFORDER', connector('1'))];
    expect(recordOf(location({ evses: busy, last_updated: '2026-06-02T00:00:00Z' }), 0)).toEqual(
      recordOf(location({ evses: free }), 0),
    );
  });

  it('has every part that the API shows of a Location', () => {
    const full = location({
      suboperator: { name: 'Sub' },
      parking_type: 'ON_STREET',
      help_phone: '+31301234567',
      opening_times: { twentyfourseven: true },
      energy_mix: { is_green_energy: true },
      facilities: ['CAFE'],
      related_locations: [{ latitude: '52.2', longitude: '5.2' }],
      here_ext: {
        restrictions: ['brandOnly'],
        isPullThrough: true,
        reservationRequired: false,
        truckRestrictions: { trailerParking: true },
        vehicleLimitations: { height: 400 },
        eMobilityServiceProviders: [{ name: 'Provider' }],
      },
    });
    const key = 'NL/ALL/LOC1';
    const parts = {
      ...baseOf(full, key),
      ...addressOf(full),
      ...locationInfoOf(full, { now: 0 }),
      ...truckOf(full),
      ...emspsOf(full),
      ...nearbyOf(full),
      ...evsesOf(full, { key, withTruck: true, static: true }),
    };
    expect(Object.keys(parts).length).toBeGreaterThan(21);
    const { owner, connectorGroups, ...record } = JSON.parse(JSON.stringify(recordOf(full, 0)));
    expect(record).toEqual(JSON.parse(JSON.stringify(parts)));
    expect([owner.name, connectorGroups.length]).toEqual(['City of Utrecht', 1]);
  });

  it('says of a derived power that it is', () => {
    const one = location({ evses: [evse('E1', 'AVAILABLE', connector('1'))] });
    expect(recordOf(one, 0)?.connectorGroups).toBeUndefined();
    expect(recordMaker(true)(one, 0)?.connectorGroups).toMatchObject([{ maxPower: 22_080, powerDerived: true }]);
  });

  it.each([
    ['that is not published', { publish: false }],
    ['without an EVSE that is shown', { evses: [evse('E1', 'PLANNED', connector('1'))] }],
    ['without EVSEs', { evses: null }],
    ['whose coordinates are none', { coordinates: { latitude: 'x', longitude: '5' } }],
  ])('is not made of a Location %s', (_, part) => {
    expect(recordOf(location(part), 0)).toBeUndefined();
  });
});
