import { connectorStandards, paymentSupports } from '../carriage/vocabulary.js';

/**
 * A place stands in the spatial index once for everything that people look for: each type of connector, its operator, and so on. So
 * a search for what is rare meets only what has it, however much else stands around. A facet is the number of one such thing.
 */
export const anyFacet = 0;
const dcFacet = 1;
/** W and up, each with a facet of its own; most places have less. */
const powerSteps = [23_000, 50_000, 150_000, 300_000] as const;
const powerFacet = 2;
const paymentFacet = 10;
const typeFacet = 40;
const nameFacet = 1_000;
/** Names beyond that share facets; what is found is compared exactly anyway. */
const nameFacets = 60_000;
/** Nearly all places have it: a facet of its own would find nothing faster. */
const rfidReader = 1 << paymentSupports.indexOf('rfidReader');

/** Type and current of a connector in one number. */
export const kindOf = (type: number, isDc: boolean): number => type * 2 + (isDc ? 1 : 0);
export const isDcKind = (kind: number): boolean => kind % 2 === 1;
export const typeOfKind = (kind: number): number => Math.floor(kind / 2);
const positions = new Map(connectorStandards.map((standard, position) => [standard, position]));
/** Number of a HERE connector type. */
export const typeNumber = (standard: string): number | undefined => positions.get(standard);

/** What one connector of a place has; several that have the same count once. */
export interface Offer {
  readonly kind: number;
  /** W; 0: not known */
  readonly power: number;
}

/** What a row of the index has. Names are numbers of {@link IndexedName}s. */
export interface Attributes {
  readonly offers: readonly Offer[];
  /** Bit by bit, in the order of `paymentSupports`. */
  readonly payments: number;
  readonly operator: number;
  readonly providers: readonly number[];
}

/** What is looked for: all that is given must hold; of several values one is enough. */
export interface PlaceFilter {
  /** Kinds and least power (W) must hold for one connector together. */
  readonly kinds?: readonly number[] | undefined;
  readonly minPower?: number | undefined;
  readonly payments?: number | undefined;
  readonly operators?: readonly number[] | undefined;
  readonly providers?: readonly number[] | undefined;
}

const typeFacetOf = (type: number): number => typeFacet + type;
const nameFacetOf = (no: number): number => nameFacet + (no % nameFacets);
const unique = (values: readonly number[]): number[] => [...new Set(values)];

/** Under which facets a place is found. */
export function facetsOf({ offers, payments, operator, providers }: Attributes): number[] {
  const most = Math.max(0, ...offers.map(({ power }) => power));
  return unique([
    anyFacet,
    ...(offers.some(({ kind }) => isDcKind(kind)) ? [dcFacet] : []),
    ...powerSteps.flatMap((step, index) => (most >= step ? [powerFacet + index] : [])),
    ...paymentFacetsOf(payments & ~rfidReader),
    ...offers.map(({ kind }) => typeFacetOf(typeOfKind(kind))),
    nameFacetOf(operator),
    ...providers.map(nameFacetOf),
  ]);
}

const paymentFacetsOf = (payments: number): number[] =>
  paymentSupports.flatMap((_, bit) => (payments & (1 << bit) ? [paymentFacet + bit] : []));

/** More would be looked up one by one for longer than they save. */
const maxFacets = 24;

/**
 * Facets of which every place that fits has at least one, and as few others as possible have any.
 *
 * @param countOf how many places have a facet
 */
export function facetsFor(filter: PlaceFilter, countOf: (facet: number) => number): readonly number[] {
  const { kinds, minPower = 0, payments, operators, providers } = filter;
  const step = powerSteps.findLastIndex((least) => least <= minPower);
  const ways = [
    [anyFacet],
    kinds && unique(kinds.map((kind) => typeFacetOf(typeOfKind(kind)))),
    kinds?.every(isDcKind) ? [dcFacet] : undefined,
    step >= 0 ? [powerFacet + step] : undefined,
    payments !== undefined && (payments & rfidReader) === 0 ? paymentFacetsOf(payments) : undefined,
    operators && unique(operators.map(nameFacetOf)),
    providers && unique(providers.map(nameFacetOf)),
  ];
  let best: readonly number[] = [anyFacet];
  let least = Number.POSITIVE_INFINITY;
  for (const way of ways) {
    const present = way?.filter((facet) => countOf(facet) > 0);
    if (!present || present.length > maxFacets) continue;
    const count = present.reduce((sum, facet) => sum + countOf(facet), 0);
    if (count < least) [best, least] = [present, count];
  }
  return best;
}
