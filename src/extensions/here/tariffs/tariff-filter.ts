import { badRequest } from '../http/ev-error.js';

/** Whom a tariff is for. HERE section 7.1. */
export const tariffKinds = ['adhoc', 'cpo', 'emsp'] as const;
export type TariffKind = (typeof tariffKinds)[number];

/** What a filter looks at. */
export interface Filterable {
  readonly type: TariffKind;
  readonly partnerId: string;
  readonly name?: string | undefined;
}

/** Which tariffs are wanted; it never removes Locations. */
export interface TariffFilter {
  readonly kinds: ReadonlySet<TariffKind>;
  /** By partner id in lower case: the names that are wanted, or all. */
  readonly partners: ReadonlyMap<string, { readonly names: readonly string[] | undefined; readonly isLegacy: boolean }>;
  /** A text that is the same for filters that ask for the same. */
  readonly key: string;
}

const maxValues = 50;
const maxLength = 256;
const partnerForm = /^partner:([^,;]{36})(?:;name=(.*))?$/;
const legacyForm = /^([^,;]{36})((?:,.*)*)$/;

/**
 * Reads the values of the parameter `tariff`, each one filter; together they ask for all that any of them asks for. A partner that is
 * given twice counts as it stood last. None, or one empty value, asks for ad-hoc prices. HERE section 4.3.
 *
 * @throws EvError 400
 */
export function parseTariffFilter(values: readonly string[]): TariffFilter {
  if (values.length > maxValues) throw badRequest(`tariff may be given ${maxValues} times at most`);
  const given = values.length === 0 || (values.length === 1 && values[0] === '') ? ['adhoc'] : values;
  const kinds = new Set<TariffKind>();
  const partners = new Map<string, { names: readonly string[] | undefined; isLegacy: boolean }>();
  for (const value of given) {
    if (value === '' || value.length > maxLength)
      throw badRequest(`tariff takes values of 1 to ${maxLength} characters`);
    const kind = tariffKinds.find((known) => known === value);
    if (kind) kinds.add(kind);
    else if (value === 'all') for (const each of tariffKinds) kinds.add(each);
    else addPartner(value, partners);
  }
  // The older form has always brought the ad-hoc prices along.
  if ([...partners.values()].some(({ isLegacy }) => isLegacy)) kinds.add('adhoc');
  return { kinds, partners, key: keyOf(kinds, partners) };
}

function addPartner(
  value: string,
  partners: Map<string, { names: readonly string[] | undefined; isLegacy: boolean }>,
): void {
  const partner = partnerForm.exec(value);
  const legacy = partner ? null : legacyForm.exec(value);
  const [, id, names] = partner ?? legacy ?? [];
  if (id === undefined) {
    throw badRequest(
      'tariff holds a value that is no filter',
      'Send all, adhoc, cpo, emsp, partner:<partnerId> or partner:<partnerId>;name=A,B.',
    );
  }
  const list = (legacy ? names?.slice(1) : names)?.split(',').filter((name) => name !== '');
  partners.set(id.toLowerCase(), { names: list?.length ? list : undefined, isLegacy: legacy !== null });
}

function keyOf(kinds: ReadonlySet<TariffKind>, partners: TariffFilter['partners']): string {
  const byPartner = [...partners].map(([id, { names }]) => [id, names ? [...names].sort() : null]);
  return JSON.stringify([[...kinds].sort(), byPartner.sort()]);
}

/**
 * Those of a Location's tariffs that the filter asks for, in their order. If a Location has no tariff of a partner under any of the
 * names that are given, it shows all of that partner's.
 */
export function selectTariffs<T extends Filterable>(filter: TariffFilter, pool: readonly T[]): readonly T[] {
  const named = new Map<string, ReadonlySet<string> | undefined>();
  for (const [id, { names }] of filter.partners) {
    const wanted = new Set(names);
    const isKnown = pool.some(({ partnerId, name }) => partnerId.toLowerCase() === id && wanted.has(name ?? ''));
    named.set(id, isKnown ? wanted : undefined);
  }
  return pool.filter(({ type, partnerId, name }) => {
    if (filter.kinds.has(type)) return true;
    const id = partnerId.toLowerCase();
    if (!named.has(id)) return false;
    const wanted = named.get(id);
    return wanted === undefined || wanted.has(name ?? '');
  });
}
