import { hereExtension } from '../extensions/here/index.js';
import type { Location, Tariff } from '../generated/ocpi.js';
import type { Oddity } from '../kernel/oddity.js';

/** The vendors' extensions that this hub knows, one line each. */
export const extensions = [hereExtension] as const;

/** Names of vendor objects that a PATCH merges one level deep. */
export const extensionKeys: ReadonlySet<string> = new Set(extensions.map((extension) => extension.key));

type Judge<T> = (object: T) => readonly Oddity[];

/** As many as one object's report names. */
const maxOddities = 50;

/** What a module finds strange and, behind it, what the extensions find strange in their own vendor objects. */
function withOddities<T>(own: (object: T) => Oddity[], others: readonly Judge<T>[]): (object: T) => Oddity[] {
  return (object) => {
    const found = own(object);
    for (const judge of others) {
      const more = judge(object);
      if (more.length > 0) found.push(...more.slice(0, Math.max(0, maxOddities - found.length)));
    }
    return found;
  };
}

export const withLocationOddities = (own: (location: Location) => Oddity[]): ((location: Location) => Oddity[]) =>
  withOddities(
    own,
    extensions.map((extension) => extension.locationOddities),
  );

export const withTariffOddities = (own: (tariff: Tariff) => Oddity[]): ((tariff: Tariff) => Oddity[]) =>
  withOddities(
    own,
    extensions.map((extension) => extension.tariffOddities),
  );
