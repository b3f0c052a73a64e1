import type { Location, Tariff } from '../../../generated/ocpi.js';
import { hereTariffOf } from '../tariffs/here-tariff.js';
import type { TariffKind } from '../tariffs/tariff-filter.js';

/** Whose tariff it is, and its name. */
export interface NamedTariff {
  readonly kind: TariffKind;
  readonly partnerId: string;
  readonly name: string;
}

export interface TariffNamesParts {
  /** Stored Tariffs and Locations by object key. */
  readonly tariffs: { find(key: string): Promise<string | undefined> };
  readonly locations: { find(key: string): Promise<string | undefined> };
}

/** No name for drivers. */
const none = 'none';

/** Names of the Tariffs that drivers may know; each is read once and again when its owner has changed it. */
export class TariffNames {
  private readonly known = new Map<string, NamedTariff | typeof none>();
  /** Moves with each change, so that what was read before it is not kept. */
  private changes = 0;

  constructor(private readonly parts: TariffNamesParts) {}

  changed(key: string): void {
    this.changes++;
    this.known.delete(key);
  }

  /** @param place object key of a Location that has it */
  async find(key: string, place: string): Promise<NamedTariff | undefined> {
    const kept = this.known.get(key);
    if (kept !== undefined) return kept === none ? undefined : kept;
    const before = this.changes;
    const named = await this.read(key, place);
    if (before === this.changes) this.known.set(key, named ?? none);
    return named;
  }

  private async read(key: string, place: string): Promise<NamedTariff | undefined> {
    const [tariff, location] = await Promise.all([this.parts.tariffs.find(key), this.parts.locations.find(place)]);
    if (tariff === undefined || location === undefined) return undefined;
    const here = hereTariffOf(JSON.parse(tariff) as Tariff, JSON.parse(location) as Location);
    return here?.name === undefined ? undefined : { kind: here.type, partnerId: here.partnerId, name: here.name };
  }
}
