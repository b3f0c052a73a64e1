import { describe, expect, it } from '@jest/globals';
import { EvError } from '../http/ev-error.js';
import { type Filterable, parseTariffFilter, selectTariffs } from './tariff-filter.js';

const voltnet = '6c0f6a1e-0d1b-4c53-9a55-0a4f6a3f7c01';
const roamCard = 'a9d0c6de-51a7-4b38-8f42-5f3f3a4f1b02';
/** The worked sample of HERE, section 5. */
const pool: readonly Filterable[] = [
  { type: 'adhoc', partnerId: voltnet },
  { type: 'emsp', partnerId: roamCard, name: 'RoamCard Plus' },
  { type: 'cpo', partnerId: voltnet, name: 'Voltnet Member' },
];

const chosen = (...values: string[]): readonly number[] =>
  selectTariffs(parseTariffFilter(values), pool).map((tariff) => pool.indexOf(tariff));

describe('the tariff filter', () => {
  it.each([
    [[], [0]],
    [[''], [0]],
    [['adhoc'], [0]],
    [['all'], [0, 1, 2]],
    [['cpo'], [2]],
    [['emsp'], [1]],
    [
      ['cpo', 'emsp'],
      [1, 2],
    ],
    [[`partner:${voltnet};name=Voltnet Member`], [2]],
    [[`partner:${voltnet}`], [0, 2]],
    [[`partner:${voltnet.toUpperCase()}`], [0, 2]],
    [[voltnet], [0, 2]],
    [[roamCard], [0, 1]],
    [[`${roamCard},RoamCard Plus`], [0, 1]],
    // Unknown name: all of the partner's.
    [[`partner:${voltnet};name=Nobody`], [0, 2]],
    [[`partner:${voltnet};name=Nobody,Voltnet Member`], [2]],
    [[`partner:${voltnet};name=`], [0, 2]],
    // Names, even if they look like keywords.
    [[`partner:${roamCard};name=all`], [1]],
    [[`${roamCard},cpo`], [0, 1]],
    // The last one of a partner counts, with all that it brings.
    [[`partner:${voltnet}`, `partner:${voltnet};name=Voltnet Member`], [2]],
    [[voltnet, `partner:${voltnet};name=Voltnet Member`], [2]],
    [
      [`partner:${voltnet};name=Voltnet Member`, roamCard],
      [0, 1, 2],
    ],
    // A partner that has none here.
    [['partner:00000000-0000-0000-0000-000000000000'], []],
  ])('%j gives %j', (values, expected) => {
    expect(chosen(...values)).toEqual(expected);
  });

  it.each([
    'foo',
    'ALL',
    'adhoc,cpo',
    `adhoc,${voltnet}`,
    'partner:',
    `partner:${voltnet.slice(1)}`,
    `partner:${voltnet},Voltnet Member`,
    `partner:${voltnet};names=A`,
    `${voltnet};name=A`,
    `partner:${voltnet};name=${'x'.repeat(256)}`,
  ])('refuses %s', (value) => {
    for (const values of [[value], ['all', value]]) {
      let status: number | undefined;
      try {
        parseTariffFilter(values);
      } catch (error) {
        status = error instanceof EvError ? error.status : undefined;
      }
      expect(status).toBe(400);
    }
  });

  it('takes fifty values and no empty ones among them', () => {
    expect(() => parseTariffFilter(Array(50).fill('cpo'))).not.toThrow();
    expect(() => parseTariffFilter(Array(51).fill('cpo'))).toThrow(EvError);
    expect(() => parseTariffFilter(['cpo', ''])).toThrow(EvError);
  });

  it('has one key for filters that ask for the same', () => {
    expect(parseTariffFilter(['cpo', 'adhoc']).key).toBe(parseTariffFilter(['adhoc', 'cpo', 'cpo']).key);
    expect(parseTariffFilter(['all']).key).not.toBe(parseTariffFilter(['cpo']).key);
    expect(parseTariffFilter([`partner:${voltnet};name=A`]).key).not.toBe(
      parseTariffFilter([`partner:${voltnet}`]).key,
    );
  });
});
