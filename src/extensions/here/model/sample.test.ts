import { describe, expect, it } from '@jest/globals';
import type { Connector, EVSE, Location } from '../../../generated/ocpi.js';
import { evseIdOf, evsesOf } from './evse-parts.js';
import { addressOf, baseOf, emspsOf, locationInfoOf, nearbyOf, truckOf } from './place-parts.js';

const time = '2026-09-30T22:00:00Z';
const key = 'NL/VLT/LOC-UTR-07';
const ccs: Connector = {
  id: '1',
  standard: 'IEC_62196_T2_COMBO',
  format: 'CABLE',
  power_type: 'DC',
  max_voltage: 920,
  max_amperage: 400,
  max_electric_power: 150_000,
  tariff_ids: ['A', 'B', 'C'],
  last_updated: time,
};
const chademo: Connector = {
  ...ccs,
  id: '2',
  standard: 'CHADEMO',
  max_voltage: 500,
  max_amperage: 125,
  max_electric_power: 50_000,
  tariff_ids: ['A'],
};
const type2: Connector = {
  ...ccs,
  standard: 'IEC_62196_T2',
  format: 'SOCKET',
  power_type: 'AC_3_PHASE',
  max_voltage: 230,
  max_amperage: 32,
  max_electric_power: 22_000,
  tariff_ids: null,
};
const evse = (uid: string, fields: Partial<EVSE>): EVSE => ({
  uid,
  evse_id: `NL*VLT*E${uid.slice(4)}`,
  status: 'AVAILABLE',
  connectors: [ccs],
  last_updated: time,
  ...fields,
});
const voltnet = '6c0f6a1e-0d1b-4c53-9a55-0a4f6a3f7c01';
const roamCard = 'a9d0c6de-51a7-4b38-8f42-5f3f3a4f1b02';
const weekdays = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, period_begin: '07:00', period_end: '22:00' }));
const weekend = [6, 7].map((weekday) => ({ weekday, period_begin: '09:00', period_end: '20:00' }));

/** Section 5 of the reference as OCPI has it. */
const location: Location = {
  country_code: 'NL',
  party_id: 'VLT',
  id: 'LOC-UTR-07',
  publish: true,
  name: ' Voltnet Utrecht\u0007Zuid ',
  address: 'Europalaan 1',
  city: 'Utrecht',
  postal_code: '3526 KS',
  country: 'NLD',
  coordinates: { latitude: '52.09012', longitude: '5.11221' },
  parking_type: 'PARKING_LOT',
  operator: { name: 'Voltnet' },
  facilities: ['CAFE', 'POOL'],
  time_zone: 'Europe/Amsterdam',
  opening_times: {
    twentyfourseven: false,
    regular_hours: [...weekdays, ...weekend],
    exceptional_closings: [{ period_begin: '2026-12-24T23:00:00Z', period_end: '2026-12-25T23:00:00Z' }],
  },
  energy_mix: { is_green_energy: true, energy_sources: [{ source: 'WIND', percentage: 100 }] },
  here_ext: {
    supportedVehicles: ['car', 'hovercraft'],
    accessPoints: [{ lat: 52.0899, lng: 5.11187 }, { lat: 'x' }],
    supportPhoneNumber: '+31301234567',
    isPullThrough: false,
    reservationRequired: false,
    facilityTypes: ['cafe', 'bakery'],
    operatorPartnerId: voltnet,
    eMobilityServiceProviders: [{ name: 'RoamCard', partnerId: roamCard, eMobilityIds: ['NL-RMC', 'DE-RMC'] }],
  },
  evses: [
    evse('VLT-A1', {
      capabilities: ['REMOTE_START_STOP_CAPABLE', 'RESERVABLE', 'RFID_READER', 'CONTACTLESS_CARD_SUPPORT', 'FLYING'],
      physical_reference: 'A1',
      last_updated: '2026-10-01T08:12:31Z',
    }),
    evse('VLT-A2', {
      status: 'CHARGING',
      capabilities: ['REMOTE_START_STOP_CAPABLE'],
      connectors: [ccs, chademo],
    }),
    evse('VLT-B1', { status: 'UNKNOWN', connectors: [type2, { ...type2, id: '2' }] }),
    evse('VLT-B2', { status: 'PLANNED' }),
    evse('VLT-B3', { status: 'REMOVED' }),
  ],
  last_updated: time,
};
const indexes = (ids: readonly string[]) => ids.map((id) => 'ABC'.indexOf(id));

describe('the worked sample', () => {
  it('has what every answer has', () => {
    expect(baseOf(location, key)).toEqual({
      id: `here:evcp:charginglocation:${Buffer.from(key).toString('base64url')}`,
      location: { lat: 52.09012, lng: 5.11221 },
      supportedVehicles: ['car'],
      name: 'Voltnet Utrecht Zuid',
      operator: { name: 'Voltnet', partnerId: voltnet, eMobilityIds: ['NL-VLT'] },
    });
  });

  it('has the fields of locationInfo', () => {
    expect(locationInfoOf(location)).toEqual({
      accessPoints: [{ lat: 52.0899, lng: 5.11187 }],
      parkingType: 'parkingLot',
      supportPhoneNumber: '+31301234567',
      timeZone: 'Europe/Amsterdam',
      cpoLocationId: 'LOC-UTR-07',
      isPullThrough: false,
      reservationRequired: false,
      openingHours: {
        open24x7: false,
        chargingWhenClosed: true,
        regularSchedule: [
          { days: ['mo', 'tu', 'we', 'th', 'fr'], periods: [{ from: '07:00:00', to: '22:00:00' }] },
          { days: ['sa', 'su'], periods: [{ from: '09:00:00', to: '20:00:00' }] },
        ],
        exceptions: [{ date: '2026-12-25', closed: true }],
      },
      energyMix: { isGreenEnergy: true, energySources: [{ source: 'wind', percentage: 100 }] },
    });
  });

  it('has its providers, facilities and address', () => {
    expect(emspsOf(location)).toEqual({
      eMobilityServiceProviders: [{ name: 'RoamCard', partnerId: roamCard, eMobilityIds: ['NL-RMC', 'DE-RMC'] }],
    });
    expect(nearbyOf(location)).toEqual({ facilityTypes: ['cafe', 'bakery'] });
    expect(addressOf(location)).toEqual({
      address: {
        label: 'Europalaan 1, 3526 KS Utrecht, NLD',
        city: 'Utrecht',
        countryCode: 'NLD',
        postalCode: '3526 KS',
      },
    });
    expect(truckOf(location)).toEqual({ isPullThrough: false });
  });

  it('has its EVSEs, but none that is planned or removed', () => {
    const { evses } = evsesOf(location, { tariffIndexes: indexes });
    const dc = { format: 'cable', powerType: 'dc' };
    const plug = {
      id: '1',
      standard: 'IEC_62196_T2_COMBO',
      ...dc,
      maxVoltage: 920,
      maxCurrent: 400,
      maxPower: 150_000,
    };
    const ac = {
      standard: 'IEC_62196_T2',
      format: 'socket',
      powerType: 'ac3Phase',
      maxVoltage: 230,
      maxCurrent: 32,
      maxPower: 22_000,
    };
    expect(evses).toEqual([
      {
        id: evseIdOf(key, 'VLT-A1'),
        uid: 'VLT-A1',
        evseId: 'NL*VLT*EA1',
        status: 'available',
        modified: '2026-10-01T08:12:31Z',
        capabilities: ['remoteStartStop', 'reservable'],
        paymentSupports: ['rfidReader', 'contactlessCard', 'mobilePayment'],
        physicalReference: 'A1',
        connectors: [{ ...plug, tariffIndexes: [0, 1, 2] }],
      },
      {
        id: evseIdOf(key, 'VLT-A2'),
        uid: 'VLT-A2',
        evseId: 'NL*VLT*EA2',
        status: 'charging',
        modified: time,
        capabilities: ['remoteStartStop'],
        connectors: [
          { ...plug, tariffIndexes: [0, 1, 2] },
          {
            id: '2',
            standard: 'CHADEMO',
            ...dc,
            maxVoltage: 500,
            maxCurrent: 125,
            maxPower: 50_000,
            tariffIndexes: [0],
          },
        ],
      },
      {
        id: evseIdOf(key, 'VLT-B1'),
        uid: 'VLT-B1',
        evseId: 'NL*VLT*EB1',
        status: 'unknown',
        modified: time,
        connectors: [
          { id: '1', ...ac },
          { id: '2', ...ac },
        ],
      },
    ]);
    expect(evses?.[0]?.id).toMatch(/^here:evcp:evse:[0-9a-f]{64}$/);
    expect(evseIdOf(key, 'vlt-a1')).toBe(evses?.[0]?.id);
  });

  it('shows the live status and when it changed; or neither in static data', () => {
    const live = {
      evses: [
        { uid: 'vlt-a2', status: 'reserved' as const, modified: Date.UTC(2026, 9, 1, 9) },
        { uid: 'VLT-A1', status: 'outOfOrder' as const, modified: Date.UTC(2026, 9, 1, 10) },
      ],
    };
    expect(evsesOf(location, { live }).evses?.map(({ status, modified }) => [status, modified])).toEqual([
      ['outOfOrder', '2026-10-01T10:00:00.000Z'],
      ['reserved', '2026-10-01T09:00:00.000Z'],
      ['unknown', time],
    ]);
    for (const one of evsesOf(location, { live, static: true }).evses ?? [])
      expect(Object.keys(one)).not.toEqual(expect.arrayContaining(['status']));
  });
});
