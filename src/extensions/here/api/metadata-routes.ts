import { setImmediate as nextTurn } from 'node:timers/promises';
import { badRequest } from '../http/ev-error.js';
import type { EvCall, EvRoute } from '../http/ev-route.js';
import type { LivePlaces } from '../live/live-places.js';
import { legacyIdOf } from '../places/legacy-types.js';
import { commonNameOf } from './common-names.js';
import type { CountryBook, Fact } from './country-book.js';
import { TariffNames, type TariffNamesParts } from './tariff-names.js';
import { listOf, single } from './wish.js';

export interface MetadataParts extends TariffNamesParts {
  readonly live: LivePlaces;
  readonly book: CountryBook;
}

/** HERE section 4.1. */
const metadataFields = ['eMobilityServiceProviders', 'operators', 'tariffs', 'connectorTypes'] as const;
type MetadataField = (typeof metadataFields)[number];
const maxCountries = 50;
/** HERE section 4.5. */
const maxCompanies = 500;
/** Tariffs that are read before others get a turn. */
const batch = 50;

interface Country {
  readonly operators: Map<string, string>;
  readonly providers: Map<string, string>;
  readonly types: Set<string>;
  /** Names by partner id. */
  readonly tariffs: Map<string, Set<string>>;
}

/** Who is active in which country, and with what. HERE section 4.5. */
export function metadataRoutes(parts: MetadataParts): EvRoute[] {
  const names = new TariffNames(parts);
  parts.live.onChange((change) => {
    if (change.kind === 'tariff') names.changed(change.key);
  });
  return [
    {
      path: '/countryMetadata',
      scope: 'locations',
      summary: 'Countries with their operators, eMSPs, names of tariffs, and connector types.',
      parameters: {
        countryCodes: `Comma list of 1 to ${maxCountries} ISO 3166-1 alpha-3 codes; all countries if absent.`,
        fields: `Comma list of ${metadataFields.join(', ')}; only the countries if absent. tariffs goes with one of the first two.`,
      },
      handle: async (call) => {
        const codes = codesOf(call.query);
        const fields = new Set(listOf(call.query, 'fields', metadataFields));
        const countries = await countriesOf(parts.book, names, fields, codes, call);
        return {
          body: {
            countries: [...countries]
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([code, one]) => shown(code, one, fields)),
            missingCountries: codes?.filter((code) => !countries.has(code)) ?? [],
          },
        };
      },
    },
  ];
}

function codesOf(query: URLSearchParams): readonly string[] | undefined {
  const codes = single(query, 'countryCodes')?.split(',');
  if (codes && codes.length > maxCountries) throw badRequest(`query countryCodes has more than ${maxCountries} values`);
  const wrong = codes?.findIndex((code) => !/^[A-Z]{3}$/.test(code)) ?? -1;
  if (wrong >= 0) throw badRequest(`query countryCodes[${wrong}] is not a country code of three capitals`);
  return codes && [...new Set(codes)];
}

async function countriesOf(
  book: CountryBook,
  names: TariffNames,
  fields: ReadonlySet<MetadataField>,
  codes: readonly string[] | undefined,
  { sees }: Pick<EvCall, 'sees'>,
): Promise<ReadonlyMap<string, Country>> {
  const found = new Map<string, Country>();
  const tariffs: { readonly country: Country; readonly fact: Fact }[] = [];
  const withTariffs = fields.has('tariffs') && (fields.has('operators') || fields.has('eMobilityServiceProviders'));
  for (const { country: code, owner, facts } of book.facts()) {
    if ((codes && !codes.includes(code)) || !sees(owner, 'locations')) continue;
    const country = found.get(code) ?? emptyCountry();
    found.set(code, country);
    const seesTariffs = withTariffs && sees(owner, 'tariffs');
    for (const fact of facts) {
      if (fact.kind === 'operator') country.operators.set(fact.key, fact.name);
      if (fact.kind === 'provider') country.providers.set(fact.key, fact.name);
      if (fact.kind === 'type') country.types.add(fact.key);
      if (fact.kind === 'tariff' && seesTariffs) tariffs.push({ country, fact });
    }
  }
  for (const [at, { country, fact }] of tariffs.entries()) {
    if (at % batch === batch - 1) await nextTurn();
    const named = await names.find(fact.key, fact.sample);
    if (named)
      country.tariffs.set(named.partnerId, (country.tariffs.get(named.partnerId) ?? new Set()).add(named.name));
  }
  return found;
}

const emptyCountry = (): Country => ({
  operators: new Map(),
  providers: new Map(),
  types: new Set(),
  tariffs: new Map(),
});

function shown(countryCode: string, country: Country, fields: ReadonlySet<MetadataField>): object {
  return {
    countryCode,
    ...(fields.has('operators') && { operators: companies(country.operators, country) }),
    ...(fields.has('eMobilityServiceProviders') && {
      eMobilityServiceProviders: companies(country.providers, country),
    }),
    ...(fields.has('connectorTypes') && { connectorTypes: types(country.types) }),
  };
}

function companies(all: ReadonlyMap<string, string>, { tariffs }: Country): readonly object[] {
  return [...all]
    .sort(([a, one], [b, other]) => order(one, other) || order(a, b))
    .slice(0, maxCompanies)
    .map(([partnerId, name]) => {
      const names = tariffs.get(partnerId);
      return { name, partnerId, ...(names && { tariffs: [...names].sort(order).map((each) => ({ name: each })) }) };
    });
}

function types(all: ReadonlySet<string>): readonly object[] {
  return [...all]
    .map((type) => {
      const [standard = '', power] = type.split(':');
      return { standard, maxPower: Number(power) };
    })
    .sort((a, b) => order(a.standard, b.standard) || a.maxPower - b.maxPower)
    .map(({ standard, maxPower }) => {
      const legacyId = legacyIdOf(standard);
      return { standard, commonName: commonNameOf(standard), maxPower, ...(legacyId !== undefined && { legacyId }) };
    });
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
