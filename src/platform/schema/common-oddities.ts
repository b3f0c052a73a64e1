import type { EnergyMix } from '../../generated/ocpi.js';
import type { Oddity } from '../../kernel/oddity.js';

/** Enough to see what is wrong with an object; a broken feed must not make its report larger than the object. */
const maxOddities = 50;

/** Collects the oddities of one object, up to a limit. */
export class OddityList {
  readonly found: Oddity[] = [];

  add(rule: string, pointer: string, message: string): void {
    if (this.found.length < maxOddities) this.found.push({ rule, pointer, message });
  }
}

/** Notes that a value is none of the values that OCPI 2.2.1 knows for this field (T-37). */
export function addUnknownValue(list: OddityList, pointer: string, value: string): void {
  list.add('T-37', pointer, `has the value ${value}, which OCPI 2.2.1 does not know`);
}

/** True for a DateTime that OCPI does not print: with an offset, or longer than 25 characters (D-05, A-16). */
export function isForeignDateTime(value: string): boolean {
  if (value.length > 25) return true;
  const sign = value.charCodeAt(value.length - 6);
  return sign === 0x2b || sign === 0x2d;
}

/** Notes a DateTime that is understood but no OCPI. */
export function addForeignDateTime(list: OddityList, pointer: string): void {
  list.add('A-16', pointer, 'is no OCPI DateTime: it has an offset or more than 25 characters');
}

/** Values of the open enumerations of an energy mix. Spec: 2.2.1 §8.4.8, §8.4.10. */
export const energySources: ReadonlySet<string> = new Set([
  'NUCLEAR',
  'GENERAL_FOSSIL',
  'COAL',
  'GAS',
  'GENERAL_GREEN',
  'SOLAR',
  'WIND',
  'WATER',
]);
export const environmentalImpacts: ReadonlySet<string> = new Set(['NUCLEAR_WASTE', 'CARBON_DIOXIDE']);

/** Shares are printed with few decimals and rounded one by one. */
const shareTolerance = 0.1;

/** Unknown kinds (T-37) and shares that do not add up to 100 (L-33) in the energy mix of a location or tariff. */
export function addEnergyMixOddities(list: OddityList, pointer: string, mix: EnergyMix): void {
  const sources = mix.energy_sources ?? [];
  let sum = 0;
  for (const [index, { source, percentage }] of sources.entries()) {
    sum += percentage;
    if (!energySources.has(source)) addUnknownValue(list, `${pointer}/energy_sources/${index}/source`, source);
  }
  // The margin takes up what floating-point addition leaves over.
  if (sources.length > 0 && Math.abs(sum - 100) > shareTolerance + 1e-9) {
    list.add('L-33', `${pointer}/energy_sources`, `adds up to ${Number(sum.toFixed(4))} % instead of 100 %`);
  }
  for (const [index, { category }] of (mix.environ_impact ?? []).entries()) {
    if (!environmentalImpacts.has(category)) {
      addUnknownValue(list, `${pointer}/environ_impact/${index}/category`, category);
    }
  }
}
