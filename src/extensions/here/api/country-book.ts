import type { Location } from '../../../generated/ocpi.js';
import { objectKey } from '../../../kernel/party-ref.js';
import type { LivePlace, LivePlaces } from '../live/live-places.js';
import { companyOf } from '../model/company.js';
import { alpha3Of } from '../model/countries.js';
import { emspsOf } from '../model/place-parts.js';

/** Something that at least one place of an owner in a country has. */
export interface Fact {
  readonly kind: 'operator' | 'provider' | 'type' | 'tariff';
  /** Partner id; standard and W (`CHADEMO:50000`); object key of the Tariff. */
  readonly key: string;
  /** Of companies. */
  readonly name: string;
  /** How many places have it. */
  places: number;
  /** Object key of a place that has it, or had it not long ago. */
  sample: string;
}

/** The facts of one owner in one country. */
interface Bag {
  readonly country: string;
  /** Party key. */
  readonly owner: string;
  readonly facts: Map<string, Fact>;
}

/**
 * Who is active in which country, and with what; kept up to date with each place that comes, changes or goes, so that no question
 * needs to read them all. HERE section 4.5.
 */
export class CountryBook {
  private readonly bags = new Map<string, Bag>();
  private readonly byPlace = new Map<string, { readonly bag: Bag; readonly facts: readonly Fact[] }>();
  private readonly stopListening: () => void;

  /** @param live before it begins to read */
  constructor(live: LivePlaces) {
    this.stopListening = live.onChange((change) => {
      if (change.kind === 'place') this.put(change.place, change.location);
      if (change.kind === 'removed') this.remove(change.key);
    });
  }

  close(): void {
    this.stopListening();
  }

  /** Each country (ISO 3166-1 alpha-3), owner (party key) and fact, in no particular order. */
  *facts(): IterableIterator<{ readonly country: string; readonly owner: string; readonly facts: Iterable<Fact> }> {
    for (const { country, owner, facts } of this.bags.values()) yield { country, owner, facts: facts.values() };
  }

  private put(place: LivePlace, location: Location): void {
    this.remove(place.key);
    const country = alpha3Of(place.country);
    if (country === undefined) return;
    const name = `${country} ${place.owner}`;
    let bag = this.bags.get(name);
    if (!bag) {
      bag = { country, owner: place.owner, facts: new Map() };
      this.bags.set(name, bag);
    }
    const facts = new Set<Fact>();
    for (const each of factsOf(place, location)) facts.add(this.counted(bag, each, place.key));
    for (const fact of facts) fact.places++;
    this.byPlace.set(place.key, { bag, facts: [...facts] });
  }

  private counted(bag: Bag, [kind, key, name = '']: FactParts, sample: string): Fact {
    const id = `${kind} ${key} ${name}`;
    let fact = bag.facts.get(id);
    if (!fact) {
      fact = { kind, key, name, places: 0, sample };
      bag.facts.set(id, fact);
    }
    fact.sample = sample;
    return fact;
  }

  private remove(key: string): void {
    const kept = this.byPlace.get(key);
    if (!kept) return;
    const { bag, facts } = kept;
    this.byPlace.delete(key);
    for (const fact of facts) {
      fact.places--;
      if (fact.places === 0) bag.facts.delete(`${fact.kind} ${fact.key} ${fact.name}`);
    }
    if (bag.facts.size === 0) this.bags.delete(`${bag.country} ${bag.owner}`);
  }
}

type FactParts = readonly [kind: Fact['kind'], key: string, name?: string];

function* factsOf(place: LivePlace, location: Location): IterableIterator<FactParts> {
  for (const role of ['operator', 'suboperator'] as const) {
    const company = companyOf(location, role);
    if (company) yield ['operator', company.partnerId, company.name];
  }
  for (const { partnerId, name } of emspsOf(location).eMobilityServiceProviders ?? [])
    yield ['provider', partnerId, name];
  for (const { standard, maxPower, tariffIds } of place.groups) {
    yield ['type', `${standard}:${maxPower}`];
    for (const id of tariffIds) yield ['tariff', objectKey(location, id)];
  }
}
