import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { standardisedFields } from './ocpi-2-3-0.js';
import { evsePositions, parkingConditions, parkingDirections, parkingVehicles } from './vocabulary.js';

const some = (words: readonly string[]) => fc.uniqueArray(fc.constantFrom(...words), { minLength: 1 });
const name = fc.string({ minLength: 1 });
const size = fc.nat();

/** Every value that a member of `here_ext` may have and that OCPI 2.3.0 has words for. */
const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  supportPhoneNumber: fc.integer({ min: 1_000_000 }).map((digits) => `+${digits}`),
  restrictions: some(['customersOnly', 'taxisOnly']),
  eMobilityServiceProviders: fc.array(name, { minLength: 1 }).map((names) => names.map((one) => ({ name: one }))),
  'truckRestrictions.hazardousGoodsRestricted': fc.boolean(),
  'parking.conditions': some(parkingConditions),
  'parking.vehicleTypes': some(parkingVehicles),
  'parking.vehicleLimitations': fc
    .record({ weight: size, height: size, length: size, width: size }, { requiredKeys: [] })
    .filter((limits) => Object.keys(limits).length > 0),
  'parking.evsePosition': fc.constantFrom(...evsePositions),
  'parking.parkingDirection': fc.constantFrom(...parkingDirections),
  'parking.reservationRequired': fc.boolean(),
  standard: fc.constantFrom('MCS', 'SAE_J3400'),
};

describe('the fields that OCPI 2.3.0 standardised', () => {
  it('are all tried here', () => {
    expect(standardisedFields.map(({ here }) => here)).toEqual(Object.keys(values));
  });

  it.each(standardisedFields.map((field) => [field.here, field] as const))(
    '%s comes back as it went',
    (here, field) => {
      fc.assert(
        fc.property(values[here] ?? fc.constant(undefined), (value) => {
          const fields = field.toOcpi(value);
          expect(fields).toBeDefined();
          expect(field.fromOcpi(fields ?? {})).toEqual(value);
          // What came from OCPI goes back as the same fields.
          expect(field.toOcpi(field.fromOcpi(fields ?? {}))).toEqual(fields);
        }),
      );
    },
  );

  it.each(standardisedFields.map((field) => [field.here, field] as const))(
    '%s of anything else is nothing',
    (_, field) => {
      fc.assert(
        fc.property(fc.anything(), (value) => {
          const fields = field.toOcpi(value);
          if (fields !== undefined) expect(field.fromOcpi(fields)).toBeDefined();
        }),
      );
      expect([field.toOcpi('none of these words, nor a number'), field.fromOcpi({})]).toEqual([
        field.here === 'supportPhoneNumber' ? expect.anything() : undefined,
        undefined,
      ]);
    },
  );

  const rows: [string, unknown, object][] = [
    ['supportPhoneNumber', '+31301234567', { help_phone: '+31301234567' }],
    ['restrictions', ['taxisOnly', 'brandOnly'], { parking_restrictions: ['TAXIS'] }],
    ['truckRestrictions.hazardousGoodsRestricted', true, { dangerous_goods_allowed: false }],
    [
      'parking.conditions',
      ['disabled', 'customers', 'taxis'],
      { parking_restrictions: ['DISABLED', 'CUSTOMERS', 'TAXIS'] },
    ],
    [
      'parking.vehicleTypes',
      ['semiTractor', 'truckWithTrailer'],
      { vehicle_types: ['SEMI_TRACTOR', 'TRUCK_WITH_TRAILER'] },
    ],
    ['parking.vehicleLimitations', { weight: 1, length: 2 }, { max_vehicle_weight: 1, max_vehicle_length: 2 }],
    ['parking.evsePosition', 'center', { evse_position: 'CENTER' }],
    ['parking.parkingDirection', 'pullThrough', { drive_through: true }],
    ['parking.parkingDirection', 'angle', { direction: 'ANGLE' }],
    ['parking.reservationRequired', false, { reservation_required: false }],
    ['standard', 'MCS', { standard: 'MCS' }],
  ];
  it.each(rows)('%s: %j is %j', (here, value, fields) => {
    expect(standardisedFields.find((field) => field.here === here)?.toOcpi(value)).toEqual(fields);
  });
});
