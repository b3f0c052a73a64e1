import { describe, expect, it } from '@jest/globals';
import type { Tariff } from '../../../generated/ocpi.js';
import { hereTariffOf } from './here-tariff.js';
import { roamCard, tariffsOfUtrecht, utrecht, voltnet } from './testing/utrecht.js';

const energy = { type: 'ENERGY', price: 0.5, step_size: 1 };

function tariff(rest: Partial<Tariff>): Tariff {
  return {
    country_code: 'NL',
    party_id: 'VLT',
    id: 'T1',
    currency: 'EUR',
    elements: [{ price_components: [energy] }],
    last_updated: '2026-01-01T00:00:00Z',
    ...rest,
  };
}

const shown = (rest: Partial<Tariff>) => hereTariffOf(tariff({ type: 'AD_HOC_PAYMENT', ...rest }), utrecht);

describe("a Tariff in HERE's form", () => {
  it('is that of the worked sample (HERE section 5)', () => {
    const all = tariffsOfUtrecht.flatMap((each) => hereTariffOf(each, utrecht) ?? []);
    expect(all.slice(0, 3)).toEqual([
      {
        type: 'adhoc',
        partner: 'Voltnet',
        partnerId: voltnet,
        currency: 'EUR',
        elements: [
          {
            components: [{ dimension: 'time', price: 6, vat: 21, step: 60 }],
            condition: { duration: { min: 3600 } },
          },
          { components: [{ dimension: 'energy', price: 0.5, vat: 21, step: 1 }] },
        ],
      },
      {
        name: 'RoamCard Plus',
        type: 'emsp',
        partner: 'RoamCard',
        partnerId: roamCard,
        currency: 'EUR',
        elements: [
          {
            components: [{ dimension: 'energy', price: 0.3, vat: 21, step: 100 }],
            condition: { time: { from: '22:00:00', to: '06:00:00' } },
          },
          {
            components: [
              { dimension: 'flat', price: 0.35, vat: 21 },
              { dimension: 'energy', price: 0.42, vat: 21, step: 100 },
            ],
          },
        ],
      },
      {
        name: 'Voltnet Member',
        type: 'cpo',
        partner: 'Voltnet',
        partnerId: voltnet,
        currency: 'EUR',
        elements: [{ components: [{ dimension: 'energy', price: 0.38, vat: 21, step: 1 }] }],
      },
    ]);
  });

  it.each<[Partial<Tariff>, string | undefined]>([
    [{ type: 'AD_HOC_PAYMENT' }, 'adhoc'],
    [{ type: 'AD_HOC_PAYMENT', here_ext: { kind: 'adhoc' } }, 'adhoc'],
    [{ type: 'AD_HOC_PAYMENT', here_ext: { kind: 'cpo' } }, undefined],
    [{ type: 'AD_HOC_PAYMENT', here_ext: { retail: false } }, undefined],
    [{ type: 'AD_HOC_PAYMENT', here_ext: { kind: 'free beer' } }, undefined],
    [{}, undefined],
    [{ type: null }, undefined],
    [{ type: 'REGULAR' }, undefined],
    [{ type: 'PROFILE_CHEAP' }, undefined],
    [{ type: 'REGULAR', here_ext: { kind: 'adhoc' } }, undefined],
    [{ type: 'REGULAR', here_ext: { kind: 'cpo', retail: 'true' } }, undefined],
    [{ type: 'REGULAR', here_ext: { kind: 'free beer', retail: true } }, undefined],
    [{ type: 'REGULAR', here_ext: { retail: true } }, 'cpo'],
    [{ type: 'REGULAR', here_ext: { kind: 'adhoc', retail: true } }, 'adhoc'],
    [{ here_ext: { kind: 'emsp', retail: true, partnerId: roamCard } }, 'emsp'],
    // Nobody could say whose customers pay it.
    [{ here_ext: { kind: 'emsp', retail: true } }, undefined],
    [{ here_ext: null }, undefined],
  ])('%j is of kind %s', (rest, kind) => {
    expect(hereTariffOf(tariff(rest), utrecht)?.type).toBe(kind);
  });

  it('has the conditions that HERE has, with midnight as no bound', () => {
    const restrictions = [
      { start_date: '2026-06-01', end_date: '2026-09-01', day_of_week: ['MONDAY', 'SUNDAY'] },
      { start_time: '08:00', end_time: '00:00' },
      { start_time: '00:00', end_time: '08:00', max_duration: 600 },
      { start_time: '00:00', end_time: '00:00', min_kwh: 0 },
    ];
    const elements = restrictions.map((each) => ({ price_components: [energy], restrictions: each }));
    expect(shown({ elements })?.elements.map(({ condition }) => condition)).toEqual([
      { date: { from: '2026-06-01', to: '2026-09-01' }, days: ['mo', 'su'] },
      { time: { from: '08:00:00' } },
      { time: { to: '08:00:00' }, duration: { max: 600 } },
      undefined,
    ]);
  });

  it.each(['min_kwh', 'max_kwh', 'min_current', 'max_current', 'min_power', 'max_power'])(
    'leaves an element with %s out, and says that prices differ for it',
    (name) => {
      const of = shown({
        elements: [
          { price_components: [{ ...energy, price: 9 }], restrictions: { [name]: 10 } },
          { price_components: [energy] },
        ],
      });
      expect(of).toMatchObject({ approximate: true, elements: [{ components: [{ price: 0.5 }] }] });
      expect(of?.elements).toHaveLength(1);
    },
  );

  it('says so of limits, which HERE has no field for', () => {
    expect(shown({ max_price: { excl_vat: 10 } })?.approximate).toBe(true);
    expect(shown({ max_price: null })?.approximate).toBeUndefined();
  });

  it('leaves out what prices reservations, which changes no other price', () => {
    const reservation = { price_components: [energy], restrictions: { reservation: 'RESERVATION' } };
    expect(shown({ elements: [reservation, { price_components: [energy] }] })?.elements).toHaveLength(1);
    expect(shown({ elements: [reservation, { price_components: [energy] }] })?.approximate).toBeUndefined();
    expect(shown({ elements: [reservation] })).toBeUndefined();
  });

  it('takes the battery level of an overstay fee from the vendor object', () => {
    const elements = [
      { price_components: [{ type: 'TIME', price: 6, step_size: 60 }] },
      { price_components: [energy] },
    ];
    const of = shown({ elements, here_ext: { elements: [{ overstayBatteryLevel: 80 }] } });
    expect(of?.elements.map(({ condition }) => condition)).toEqual([{ overstayBatteryLevel: 80 }, undefined]);
  });

  it('keeps the difference between no VAT and VAT of 0 and the digits of the owner', () => {
    const elements = JSON.parse(
      '[{"price_components":[{"type":"ENERGY","price":0.29899999,"vat":0.0,"step_size":0}]},{"price_components":[{"type":"FLAT","price":0.00,"vat":null,"step_size":0}]}]',
    ) as Tariff['elements'];
    expect(JSON.stringify(shown({ elements })?.elements)).toBe(
      '[{"components":[{"dimension":"energy","price":0.29899999,"vat":0}]},{"components":[{"dimension":"flat","price":0}]}]',
    );
  });
});
