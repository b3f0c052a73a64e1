import type { Connector, Location, Tariff } from '../../../../generated/ocpi.js';

export const voltnet = '6c0f6a1e-0d1b-4c53-9a55-0a4f6a3f7c01';
export const roamCard = 'a9d0c6de-51a7-4b38-8f42-5f3f3a4f1b02';
const last_updated = '2026-10-01T08:00:00Z';

function connector(id: string, standard: string, power: number, tariff_ids?: string[]): Connector {
  return {
    id,
    standard,
    format: 'CABLE',
    power_type: 'DC',
    max_voltage: 920,
    max_amperage: 400,
    max_electric_power: power,
    last_updated,
    ...(tariff_ids && { tariff_ids }),
  };
}

/** The Location of HERE's worked sample as its owner would send it over OCPI. HERE section 5. */
export const utrecht: Location = {
  country_code: 'NL',
  party_id: 'VLT',
  id: 'LOC-UTR-07',
  publish: true,
  name: 'Voltnet Utrecht Zuid',
  address: 'Europalaan 1',
  city: 'Utrecht',
  country: 'NLD',
  coordinates: { latitude: '52.09012', longitude: '5.11221' },
  time_zone: 'Europe/Amsterdam',
  operator: { name: 'Voltnet' },
  here_ext: {
    operatorPartnerId: voltnet,
    eMobilityServiceProviders: [{ name: 'RoamCard', partnerId: roamCard, eMobilityIds: ['NL-RMC'] }],
  },
  evses: [
    {
      uid: 'VLT-A1',
      status: 'AVAILABLE',
      connectors: [connector('1', 'IEC_62196_T2_COMBO', 150_000, ['ADHOC', 'gone', 'B2B', 'CARD', 'MEMBER'])],
      last_updated,
    },
    {
      uid: 'VLT-A2',
      status: 'CHARGING',
      connectors: [
        connector('1', 'IEC_62196_T2_COMBO', 150_000, ['member', 'ADHOC', 'B2B']),
        connector('2', 'CHADEMO', 50_000, ['ADHOC']),
      ],
      last_updated,
    },
    { uid: 'VLT-OLD', status: 'REMOVED', connectors: [connector('1', 'CHADEMO', 50_000, ['OLD'])], last_updated },
    { uid: 'VLT-B1', status: 'UNKNOWN', connectors: [connector('1', 'IEC_62196_T2', 22_000)], last_updated },
  ],
  last_updated,
};

function tariff(id: string, elements: Tariff['elements'], rest: Partial<Tariff>): Tariff {
  return { country_code: 'NL', party_id: 'VLT', id, currency: 'EUR', elements, last_updated, ...rest };
}

/** Its three tariffs, and two that no driver may see: a price between businesses, and one of an EVSE that is gone. */
export const tariffsOfUtrecht: readonly Tariff[] = [
  tariff(
    'ADHOC',
    [
      {
        price_components: [{ type: 'TIME', price: 6, vat: 21, step_size: 60 }],
        restrictions: { min_duration: 3600, max_duration: null, start_time: null, day_of_week: null },
      },
      { price_components: [{ type: 'ENERGY', price: 0.5, vat: 21, step_size: 1 }], restrictions: null },
    ],
    { type: 'AD_HOC_PAYMENT' },
  ),
  tariff('B2B', [{ price_components: [{ type: 'ENERGY', price: 0.19, vat: 21, step_size: 1 }] }], { type: 'REGULAR' }),
  tariff(
    'CARD',
    [
      {
        price_components: [{ type: 'ENERGY', price: 0.3, vat: 21, step_size: 100 }],
        restrictions: { start_time: '22:00', end_time: '06:00' },
      },
      {
        price_components: [
          { type: 'FLAT', price: 0.35, vat: 21, step_size: 1 },
          { type: 'ENERGY', price: 0.42, vat: 21, step_size: 100 },
        ],
      },
    ],
    { here_ext: { kind: 'emsp', retail: true, partnerId: roamCard, name: 'RoamCard Plus' } },
  ),
  tariff('MEMBER', [{ price_components: [{ type: 'ENERGY', price: 0.38, vat: 21, step_size: 1 }] }], {
    type: 'REGULAR',
    here_ext: { kind: 'cpo', retail: true, name: 'Voltnet Member' },
  }),
  tariff('OLD', [{ price_components: [{ type: 'ENERGY', price: 0.1, step_size: 1 }] }], { type: 'AD_HOC_PAYMENT' }),
];
