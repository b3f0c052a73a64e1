import type { PriceComponent, Tariff, TariffElement, TariffRestrictions } from '../../generated/ocpi.js';
import type { Oddity } from '../../kernel/oddity.js';
import {
  addEnergyMixOddities,
  addForeignDateTime,
  addUnknownValue,
  isForeignDateTime,
  OddityList,
} from '../../platform/schema/common-oddities.js';

/** Values of the open enumerations of a tariff. Spec: 2.2.1 §11.4.1, §11.4.3, §11.4.5. */
export const tariffVocabulary = {
  dimension: new Set(['ENERGY', 'FLAT', 'PARKING_TIME', 'TIME']),
  day_of_week: new Set(['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY']),
  reservation: new Set(['RESERVATION', 'RESERVATION_EXPIRES']),
} as const satisfies Record<string, ReadonlySet<string>>;

/** The pairs of bounds of which the second is exclusive (TA-13). */
const bounds = [
  ['min_kwh', 'max_kwh'],
  ['min_current', 'max_current'],
  ['min_power', 'max_power'],
  ['min_duration', 'max_duration'],
] as const;

/**
 * What is strange in a tariff that passed its schema (D-16, second class): it is stored and passed on all the same, and
 * reported. At most 50 are named.
 */
export function tariffOddities(tariff: Tariff): Oddity[] {
  const list = new OddityList();
  if (!/^[A-Z]{3}$/.test(tariff.currency)) list.add('D-16', '/currency', 'is no ISO 4217 code in capitals');
  if (tariff.energy_mix) addEnergyMixOddities(list, '/energy_mix', tariff.energy_mix);
  if (isForeignDateTime(tariff.last_updated)) addForeignDateTime(list, '/last_updated');
  /** For each dimension whether the last element that prices it is restricted. */
  const endsRestricted = new Map<string, boolean>();
  for (let index = 0; index < tariff.elements.length; index++) {
    const element = tariff.elements[index];
    if (element) addElement(list, `/elements/${index}`, element, endsRestricted);
  }
  for (const [dimension, restricted] of endsRestricted) {
    if (restricted) list.add('TA-11', '/elements', `has no unrestricted last element for ${dimension}`);
  }
  return list.found;
}

function addElement(
  list: OddityList,
  pointer: string,
  element: TariffElement,
  endsRestricted: Map<string, boolean>,
): void {
  const { restrictions, price_components: components } = element;
  const reservation = restrictions?.reservation != null;
  const restricted = restrictions != null && isRestricted(restrictions);
  if (restrictions) addRestrictions(list, `${pointer}/restrictions`, restrictions);
  for (let index = 0; index < components.length; index++) {
    const component = components[index];
    if (!component) continue;
    const at = `${pointer}/price_components/${index}`;
    addComponent(list, at, component, reservation);
    if (index > 0 && components.findIndex(({ type }) => type === component.type) < index) {
      list.add('TA-09', `${at}/type`, `prices ${component.type} a second time in this element`);
    }
    if (!reservation) endsRestricted.set(component.type, restricted);
  }
}

function addComponent(list: OddityList, pointer: string, component: PriceComponent, reservation: boolean): void {
  const { type, step_size } = component;
  if (!tariffVocabulary.dimension.has(type)) addUnknownValue(list, `${pointer}/type`, type);
  if (step_size < 0 || (step_size === 0 && type !== 'FLAT')) {
    list.add('TA-16', `${pointer}/step_size`, `is ${step_size}, so nothing can be billed in such steps`);
  }
  if (reservation && type !== 'FLAT' && type !== 'TIME') {
    list.add('TA-23', `${pointer}/type`, `is ${type}; a reservation is priced by FLAT and TIME only`);
  }
}

function addRestrictions(list: OddityList, pointer: string, restrictions: TariffRestrictions): void {
  const { reservation, day_of_week: days } = restrictions;
  if (reservation != null && !tariffVocabulary.reservation.has(reservation)) {
    addUnknownValue(list, `${pointer}/reservation`, reservation);
  }
  for (const [index, day] of (days ?? []).entries()) {
    if (!tariffVocabulary.day_of_week.has(day)) addUnknownValue(list, `${pointer}/day_of_week/${index}`, day);
  }
  for (const [low, high] of bounds) {
    const from = restrictions[low];
    const until = restrictions[high];
    if (from != null && until != null && from >= until) {
      list.add('TA-13', `${pointer}/${high}`, `is not above ${low}, so the element never holds`);
    }
  }
}

/** Feeds spell "no restriction" as an object full of nulls. */
function isRestricted(restrictions: TariffRestrictions): boolean {
  for (const name in restrictions) {
    const value = restrictions[name];
    if (value != null && !(Array.isArray(value) && value.length === 0)) return true;
  }
  return false;
}
