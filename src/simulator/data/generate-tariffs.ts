import type { PartyRef } from '../../kernel/party-ref.js';
import { Random } from '../random.js';
import { stampText } from '../wire/stamp.js';
import { printObject, rawNumber } from './raw-number.js';

/** What sites need to know about a party's tariffs. */
export interface TariffIds {
  ac: string[];
  dc: string[];
}

interface Price {
  type: 'ENERGY' | 'TIME' | 'PARKING_TIME' | 'FLAT';
  price: number;
  step: number;
}

const component = ({ type, price, step }: Price, vat: string): unknown => ({
  type,
  price: rawNumber(price.toFixed(2)),
  vat: rawNumber(vat),
  step_size: step,
});

/** Invented but plausible tariffs of one party: AC, AC with night price, DC, DC with a blocking fee, ad hoc. Repeatable by seed. */
export function generateTariffs(owner: PartyRef, seed: number, baseMs: number): { texts: string[]; ids: TariffIds } {
  const random = new Random(`tariffs/${seed}/${owner.country_code}/${owner.party_id}`);
  const vat = { DE: '19.0', FR: '20.0', BE: '21.0' }[owner.country_code.toUpperCase()] ?? '21.0';
  const ac = 0.32 + random.next() * 0.2;
  const dc = ac + 0.15 + random.next() * 0.1;
  const tariff = (id: string, elements: unknown[], more: Record<string, unknown> = {}): string =>
    printObject({
      country_code: owner.country_code,
      party_id: owner.party_id,
      id,
      currency: 'EUR',
      ...more,
      elements,
      last_updated: stampText(baseMs - random.int(1, 60 * 24 * 90) * 60_000),
    });
  const energy = (price: number): unknown => component({ type: 'ENERGY', price, step: 1 }, vat);
  const parking = (price: number): unknown => component({ type: 'PARKING_TIME', price, step: 60 }, vat);
  const texts = [
    tariff('AC-1', [{ price_components: [energy(ac)] }], {
      type: 'REGULAR',
      tariff_alt_text: [
        { language: 'en', text: 'AC charging, price per kWh' },
        { language: 'de', text: 'AC-Laden, Preis je kWh – gültig überall' },
      ],
    }),
    tariff('AC-NIGHT', [
      { price_components: [energy(ac - 0.08)], restrictions: { start_time: '22:00', end_time: '06:00' } },
      { price_components: [energy(ac), parking(1.5)], restrictions: { day_of_week: ['MONDAY', 'FRIDAY'] } },
      { price_components: [energy(ac)] },
    ]),
    tariff('DC-1', [{ price_components: [energy(dc)] }], {
      type: 'REGULAR',
      max_price: { excl_vat: rawNumber('95.0000'), incl_vat: rawNumber('113.05') },
      x_settlement: { code: 'S-7', factor: rawNumber('1.00000000000000000001') },
    }),
    tariff('DC-BLOCK', [
      { price_components: [parking(6)], restrictions: { min_duration: 2700 } },
      { price_components: [energy(dc + 0.04), component({ type: 'FLAT', price: 0.35, step: 1 }, vat)] },
    ]),
    tariff('ADHOC', [{ price_components: [parking(6)] }, { price_components: [energy(dc + 0.1)] }], {
      type: 'AD_HOC_PAYMENT',
      here_ext: {
        kind: 'adhoc',
        name: 'Pay on the spot',
        retail: true,
        elements: [{ overstayBatteryLevel: random.int(80, 95) }],
      },
    }),
    tariff('ADHOC-AC', [{ price_components: [energy(ac + 0.1)] }], { type: 'AD_HOC_PAYMENT' }),
  ];
  return { texts, ids: { ac: ['AC-1', 'AC-NIGHT', 'ADHOC-AC'], dc: ['DC-1', 'DC-BLOCK', 'ADHOC'] } };
}
