import { describe, expect, it } from '@jest/globals';
import type { Location, Tariff } from '../../../generated/ocpi.js';
import { hereLocation, hereTariff } from './extension.js';
import { hereLocationOddities, hereTariffOddities } from './oddities.js';

const location = (here_ext: unknown, evse: object = {}, connector: object = {}): Location =>
  ({ here_ext, evses: [{ uid: 'E1', ...evse, connectors: [{ id: '1', ...connector }] }] }) as unknown as Location;
const tariff = (here_ext: unknown): Tariff => ({ elements: [{}, {}], here_ext }) as unknown as Tariff;
const partner = '6c0f6a1e-0d1b-4c53-9a55-0a4f6a3f7c01';

describe('hereLocationOddities', () => {
  it('finds nothing where there is no vendor object, or a sound one, or one of null', () => {
    expect(hereLocationOddities(location(undefined))).toEqual([]);
    expect(hereLocationOddities({ ...location(null), evses: null })).toEqual([]);
    const sound = {
      supportedVehicles: ['car', 'truck'],
      accessPoints: [{ lat: 52.1, lng: -5 }],
      restrictions: ['customersOnly'],
      supportPhoneNumber: '+31301234567',
      isPullThrough: false,
      reservationRequired: null,
      truckRestrictions: { truckAccess: ['heavy'], amenities: ['shower'], trailerParking: true, inLater: 7 },
      vehicleLimitations: { weight: 40_000, height: 0, permittedTrailers: 1 },
      facilityTypes: ['wifi', 'toilets'],
      addressDetails: { street: 'Plein', houseNumber: '1' },
      eMobilityServiceProviders: [{ name: 'RoamCard', partnerId: partner, eMobilityIds: ['NL-RMC'] }],
      operatorPartnerId: partner,
      eMobilityIds: ['NL-VLT'],
      someOtherKey: { of: 'theirs' },
    };
    const parking = { conditions: ['disabled'], evsePosition: 'left', parkingDirection: 'angle' };
    const evse = { here_ext: { paymentSupports: ['operatorApp'], parking } };
    expect(hereLocationOddities(location(sound, evse, { here_ext: { standard: 'MCS' } }))).toEqual([]);
  });

  const cases: [string, string, unknown, RegExp][] = [
    ['HERE-2.1', '/supportedVehicles', 'car', /list/],
    ['HERE-2.1', '/supportedVehicles/1', ['car', 'ship'], /ship/],
    ['HERE-2.1', '/accessPoints/0/lng', [{ lat: 1, lng: 181 }], /180/],
    ['HERE-2.1', '/accessPoints/0/lat', [{ lng: 1 }], /90/],
    ['HERE-2.1', '/restrictions/0', ['membersOnly'], /membersOnly/],
    ['HERE-2.1', '/supportPhoneNumber', '030 1234567', /E\.164/],
    ['HERE-2.1', '/isPullThrough', 'perhaps', /true or false/],
    ['HERE-2.1', '/reservationRequired', 1, /true or false/],
    ['HERE-2.6', '/truckRestrictions', [], /object/],
    ['HERE-2.6', '/truckRestrictions/truckAccess/0', { truckAccess: ['huge'] }, /huge/],
    ['HERE-2.6', '/truckRestrictions/amenities/0', { amenities: ['casino'] }, /casino/],
    ['HERE-2.6', '/truckRestrictions/overnightParking', { overnightParking: 'yes' }, /true or false/],
    ['HERE-2.7', '/vehicleLimitations/height', { height: -1 }, /number/],
    ['HERE-3.7', '/facilityTypes/0', ['sauna'], /sauna/],
    ['HERE-2.4', '/addressDetails/houseNumber', { houseNumber: 12 }, /text/],
    ['HERE-2.5', '/eMobilityServiceProviders/0', [{ partnerId: partner }], /no name/],
    ['HERE-2.5', '/eMobilityServiceProviders/0/eMobilityIds/0', [{ name: 'R', eMobilityIds: ['NL*RMC'] }], /NL-ABC/],
    ['HERE-2.5', '/operatorPartnerId', 'voltnet', /UUID/],
    ['HERE-2.5', '/suboperatorPartnerId', 5, /UUID/],
    ['HERE-2.5', '/ownerPartnerId', partner.slice(1), /UUID/],
    ['HERE-2.5', '/eMobilityIds/1', ['NL-VLT', 'nl-vlt'], /NL-ABC/],
    ['HERE-14', '/connectorGroups', [], /worked out by the hub/],
  ];
  it.each(cases)('%s at %s', (rule, pointer, value, message) => {
    const [, name = ''] = pointer.split('/');
    expect(hereLocationOddities(location({ [name]: value }))).toEqual([
      { rule, pointer: `/here_ext${pointer}`, message: expect.stringMatching(message) },
    ]);
  });

  it('points into EVSEs and connectors', () => {
    const evse = {
      here_ext: {
        paymentSupports: ['shells'],
        parking: { conditions: 'none', vehicleTypes: ['tank'], noClearanceHeight: 2 },
      },
    };
    const found = hereLocationOddities(location(undefined, evse, { here_ext: { standard: 'PLUG' } }));
    expect(found.map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual([
      'HERE-3.5 /evses/0/here_ext/paymentSupports/0',
      'HERE-2.3 /evses/0/here_ext/parking/conditions',
      'HERE-2.3 /evses/0/here_ext/parking/vehicleTypes/0',
      'HERE-2.3 /evses/0/here_ext/parking/noClearanceHeight',
      'HERE-3.2 /evses/0/connectors/0/here_ext/standard',
    ]);
  });

  it('names at most 50, and long values not whole', () => {
    const facilityTypes = Array.from({ length: 1000 }, () => 'x'.repeat(10_000));
    const found = hereLocationOddities(location({ facilityTypes }));
    expect(found).toHaveLength(50);
    expect(JSON.stringify(found).length).toBeLessThan(10_000);
  });
});

describe('hereTariffOddities', () => {
  it.each([
    ['HERE-7.1', '/kind', 'retail'],
    ['HERE-7.2', '/name', 7],
    ['HERE-2.5', '/partnerId', 'x'],
    ['HERE-7.6', '/retail', 'true'],
    ['HERE-7.3', '/elements/1/overstayBatteryLevel', [null, { overstayBatteryLevel: 101 }]],
  ])('%s at %s', (rule, pointer, value) => {
    const [, name = ''] = pointer.split('/');
    expect(hereTariffOddities(tariff({ [name]: value }))).toEqual([
      { rule, pointer: `/here_ext${pointer}`, message: expect.any(String) },
    ]);
    expect(hereTariffOddities(tariff({ kind: 'cpo', name: 'N', retail: true }))).toEqual([]);
  });
});

describe('what is read of a vendor object', () => {
  it('is nothing of a wrong type and no value that HERE does not know; the rest is', () => {
    expect(
      hereLocation(
        location({
          supportedVehicles: ['ship', 'truck', 'truck'],
          accessPoints: [null, { lat: 1, lng: 2, z: 3 }, { lat: 91, lng: 0 }],
          restrictions: 'customersOnly',
          supportPhoneNumber: 31,
          isPullThrough: 'true',
          truckRestrictions: { truckAccess: ['heavy', 'huge'], trailerParking: 1, amenities: ['shower'] },
          vehicleLimitations: { weight: '40', height: 400, width: -1 },
          addressDetails: { street: ' Plein ', block: 4, planet: 'Earth' },
          eMobilityServiceProviders: [
            { partnerId: partner },
            { name: 'R', partnerId: 'x', eMobilityIds: ['nl-rmc', 'x'] },
          ],
          operatorPartnerId: partner.toUpperCase(),
        }),
      ),
    ).toEqual({
      supportedVehicles: ['truck'],
      accessPoints: [{ lat: 1, lng: 2 }],
      truckRestrictions: { truckAccess: ['heavy'], amenities: ['shower'] },
      vehicleLimitations: { height: 400 },
      addressDetails: { street: 'Plein' },
      eMobilityServiceProviders: [{ name: 'R', eMobilityIds: ['NL-RMC'] }],
      operatorPartnerId: partner,
    });
    for (const odd of [null, 7, 'x', [], undefined]) expect(hereLocation(location(odd))).toEqual({});
  });

  it('has the battery levels of a tariff by position, from either place', () => {
    const elements = [{}, { overstayBatteryLevel: 80 }];
    expect(hereTariff(tariff({ kind: 'emsp', retail: true, elements })).overstayBatteryLevels).toEqual([undefined, 80]);
    const own = { elements: [{ here_ext: { overstayBatteryLevel: 90 } }, { here_ext: { overstayBatteryLevel: 9.5 } }] };
    expect(hereTariff(own as unknown as Tariff)).toEqual({ overstayBatteryLevels: [90, undefined] });
    expect(hereTariff(tariff(null))).toEqual({ overstayBatteryLevels: [] });
  });
});
