import type { Location, Tariff } from '../../../generated/ocpi.js';
import { hereTariff as extensionOf, hereLocation } from '../carriage/extension.js';
import { type BusinessDetails, companyOf, providerOf } from '../model/company.js';
import { type HereCondition, hereConditionOf } from './here-condition.js';
import { type TariffKind, tariffKinds } from './tariff-filter.js';

/** HERE section 7.2 */
export interface HereComponent {
  readonly dimension: 'energy' | 'time' | 'parkingTime' | 'flat';
  /** Without VAT, in the owner's number. */
  readonly price: number;
  /** Percent; absent: none applies. */
  readonly vat?: number;
  readonly step?: number;
}

export interface HereTariffElement {
  readonly components: readonly HereComponent[];
  readonly condition?: HereCondition;
}

/** A tariff as a driver is told of it. HERE section 7. */
export interface HereTariff {
  readonly name?: string;
  readonly type: TariffKind;
  readonly partner: string;
  readonly partnerId: string;
  readonly currency: string;
  readonly elements: readonly HereTariffElement[];
  /** Our own: HERE's form has no place for something that the price depends on, so that it may differ. */
  readonly approximate?: true;
}

const dimensions: ReadonlyMap<unknown, HereComponent['dimension']> = new Map([
  ['ENERGY', 'energy'],
  ['TIME', 'time'],
  ['PARKING_TIME', 'parkingTime'],
  ['FLAT', 'flat'],
] as const);

/**
 * Whom a Tariff is for, or undefined if it is no price for drivers: prices between businesses never leave the hub.
 *
 * OCPI Tariffs are what a CPO asks of an eMSP, whatever their type says, but for AD_HOC_PAYMENT. Any other one is shown only if its
 * owner marks it with `retail: true`; a kind alone says whom it would be for, not that they may know. HERE section 7.6.
 */
export function publishedKindOf(tariff: Tariff): TariffKind | undefined {
  const { kind, retail } = rawExtension(tariff);
  const known = tariffKinds.find((each) => each === kind);
  // A kind that is not understood may mean anything.
  if (kind !== undefined && kind !== null && !known) return undefined;
  if (retail === true) return known ?? (tariff.type === 'AD_HOC_PAYMENT' ? 'adhoc' : 'cpo');
  const isOpen = retail === undefined || retail === null;
  return tariff.type === 'AD_HOC_PAYMENT' && isOpen && (known ?? 'adhoc') === 'adhoc' ? 'adhoc' : undefined;
}

function rawExtension(tariff: Tariff): { readonly kind?: unknown; readonly retail?: unknown } {
  const extension = tariff.here_ext;
  return typeof extension === 'object' && extension !== null ? extension : {};
}

/**
 * A Tariff of a Location in HERE's form; undefined if it is no price for drivers, or nothing is left of it. Whether it holds at
 * present is not looked at.
 */
export function hereTariffOf(tariff: Tariff, location: Location): HereTariff | undefined {
  const type = publishedKindOf(tariff);
  const partner = type && partnerOf(tariff, type, location);
  if (!type || !partner) return undefined;
  const { name, overstayBatteryLevels } = extensionOf(tariff);
  const elements: HereTariffElement[] = [];
  let isApproximate = Boolean(tariff.min_price || tariff.max_price);
  for (const [place, element] of (tariff.elements ?? []).entries()) {
    const { restrictions } = element;
    // It never holds unless the place was reserved, so that leaving it out changes no price.
    if (restrictions?.reservation) continue;
    const condition = hereConditionOf(restrictions, overstayBatteryLevels?.[place]);
    const components = componentsOf(element.price_components ?? []);
    // Without the element another one below it holds in its place.
    if (condition === 'none' || components.length < (element.price_components ?? []).length) isApproximate = true;
    if (condition === 'none' || components.length === 0) continue;
    elements.push({ components, ...(condition && { condition }) });
  }
  if (elements.length === 0) return undefined;
  return {
    ...(name !== undefined && { name }),
    type,
    partner: partner.name,
    partnerId: partner.partnerId,
    currency: String(tariff.currency),
    elements,
    ...(isApproximate && { approximate: true as const }),
  };
}

interface LooseComponent {
  readonly type?: unknown;
  readonly price?: unknown;
  readonly vat?: unknown;
  readonly step_size?: unknown;
}

function componentsOf(components: readonly LooseComponent[]): HereComponent[] {
  const byDimension = new Map<string, HereComponent>();
  for (const { type, price, vat, step_size: step } of components) {
    const dimension = dimensions.get(type);
    if (!dimension || typeof price !== 'number' || byDimension.has(dimension)) continue;
    byDimension.set(dimension, {
      dimension,
      price,
      ...(typeof vat === 'number' && { vat }),
      ...(dimension !== 'flat' && typeof step === 'number' && step > 0 && { step }),
    });
  }
  return [...byDimension.values()];
}

/** The company whose price it is; an eMSP's tariff must name its eMSP. */
function partnerOf(
  tariff: Tariff,
  type: TariffKind,
  location: Location,
): Pick<BusinessDetails, 'name' | 'partnerId'> | undefined {
  const operator = companyOf(location, 'operator');
  const { partnerId } = extensionOf(tariff);
  if (partnerId === undefined) return type === 'emsp' ? undefined : operator;
  const known = [operator, ...providersOf(location)].find((company) => company.partnerId === partnerId);
  return known ?? { name: type === 'emsp' ? partnerId : operator.name, partnerId };
}

function providersOf(location: Location): BusinessDetails[] {
  return (hereLocation(location).eMobilityServiceProviders ?? []).map(providerOf);
}
