import type { PartyRef } from '../../kernel/party-ref.js';
import { Random } from '../random.js';
import { stampText } from '../wire/stamp.js';
import { type City, citiesByCountry } from './cities.js';
import type { TariffIds } from './generate-tariffs.js';
import { printObject, rawNumber } from './raw-number.js';

type SiteKind = 'street' | 'work' | 'fast';

const statuses = ['AVAILABLE', 'AVAILABLE', 'AVAILABLE', 'AVAILABLE', 'CHARGING', 'CHARGING', 'OUTOFORDER', 'UNKNOWN'];

/** Invented but plausible Locations of one party: street poles, company car parks, fast charging sites. Repeatable by seed. */
export class LocationGenerator {
  private readonly random: Random;
  private readonly cities: readonly City[];

  constructor(
    private readonly owner: PartyRef,
    seed: number,
    private readonly tariffs: TariffIds,
    private readonly baseMs: number,
  ) {
    this.random = new Random(`locations/${seed}/${owner.country_code}/${owner.party_id}`);
    this.cities = citiesByCountry[owner.country_code.toUpperCase()] ?? citiesByCountry.NL ?? [];
  }

  /** The next Location as wire text. */
  next(number: number): string {
    const { random, owner } = this;
    const city = random.pick(this.cities);
    const kind: SiteKind = random.pick(['street', 'street', 'street', 'work', 'fast']);
    const latitude = city.latitude + (random.next() - 0.5) * 0.12;
    const longitude = city.longitude + (random.next() - 0.5) * 0.18;
    const evseCount = kind === 'street' ? random.int(1, 2) : kind === 'work' ? random.int(2, 8) : random.int(4, 12);
    const digits = String(number).padStart(5, '0');
    const evses = Array.from({ length: evseCount }, (_, i) => this.evse(digits, i + 1, kind));
    const newest = [this.stamp(), ...evses.map((evse) => evse.last_updated)].sort().at(-1);
    const isPrivate = kind === 'work' && random.chance(0.25);
    return printObject({
      country_code: owner.country_code,
      party_id: owner.party_id,
      id: `LOC${digits}`,
      publish: !isPrivate,
      ...(isPrivate ? { publish_allowed_to: [{ visual_number: `VN-${digits}`, issuer: 'Fleet Services' }] } : {}),
      name: `${city.name} ${{ street: 'curbside', work: 'office park', fast: 'fast charging' }[kind]} ${number}`,
      address: `${random.pick(city.streets)} ${random.int(1, 180)}`,
      city: city.name,
      postal_code: `${city.postal}${String(random.int(0, 999)).padStart(3, '0')}`,
      country: city.country,
      coordinates: { latitude: latitude.toFixed(6), longitude: longitude.toFixed(6) },
      parking_type: { street: 'ON_STREET', work: 'PARKING_LOT', fast: 'ALONG_MOTORWAY' }[kind],
      evses,
      operator: { name: `${owner.party_id} Charging`, website: 'https://example.com/charging' },
      ...(kind === 'fast' ? { facilities: ['RESTAURANT', 'WIFI'] } : {}),
      time_zone: city.timeZone,
      opening_times: this.openingTimes(kind),
      ...(random.chance(0.2) ? { energy_mix: greenMix } : {}),
      ...(random.chance(0.3) ? { here_ext: this.locationExtension(kind, latitude, longitude) } : {}),
      ...(random.chance(0.1)
        ? { x_asset: { serial: `A-${digits}`, loss: rawNumber('0.0250'), tags: ['ü', null] } }
        : {}),
      last_updated: newest,
    });
  }

  private evse(digits: string, number: number, kind: SiteKind): Record<string, unknown> & { last_updated: string } {
    const { random, owner } = this;
    const stamp = this.stamp();
    const connectors = kind === 'fast' ? this.fastConnectors(stamp) : [this.acConnector(stamp, kind)];
    return {
      uid: `${owner.party_id}-${digits}-${number}`,
      evse_id: `${owner.country_code}*${owner.party_id}*E${digits}*${number}`,
      status: random.pick(statuses),
      capabilities: ['RFID_READER', 'REMOTE_START_STOP_CAPABLE', ...(random.chance(0.3) ? ['RESERVABLE'] : [])],
      connectors,
      ...(kind === 'work' ? { floor_level: `-${random.int(1, 3)}` } : {}),
      physical_reference: String(number),
      ...(random.chance(0.2)
        ? { here_ext: { paymentSupports: ['contactlessCard'], parking: { conditions: [] } } }
        : {}),
      last_updated: stamp,
    };
  }

  private acConnector(stamp: string, kind: SiteKind): Record<string, unknown> {
    const strong = kind === 'street' ? this.random.chance(0.5) : this.random.chance(0.8);
    return {
      id: '1',
      standard: 'IEC_62196_T2',
      format: 'SOCKET',
      power_type: 'AC_3_PHASE',
      max_voltage: 230,
      max_amperage: strong ? 32 : 16,
      max_electric_power: strong ? 22000 : 11000,
      tariff_ids: [this.random.pick(this.tariffs.ac)],
      last_updated: stamp,
    };
  }

  private fastConnectors(stamp: string): Record<string, unknown>[] {
    const power = this.random.pick([50_000, 150_000, 300_000]);
    const connector = (id: string, standard: string, watts: number): Record<string, unknown> => ({
      id,
      standard,
      format: 'CABLE',
      power_type: 'DC',
      max_voltage: 920,
      max_amperage: Math.ceil(watts / 400),
      max_electric_power: watts,
      tariff_ids: this.tariffs.dc,
      ...(this.random.chance(0.05) ? { here_ext: { standard: 'MCS' } } : {}),
      last_updated: stamp,
    });
    const combo = connector('1', 'IEC_62196_T2_COMBO', power);
    return this.random.chance(0.3) ? [combo, connector('2', 'CHADEMO', 50_000)] : [combo];
  }

  private openingTimes(kind: SiteKind): unknown {
    if (kind !== 'work') return { twentyfourseven: true };
    const regular_hours = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, period_begin: '06:30', period_end: '20:00' }));
    return { twentyfourseven: false, regular_hours };
  }

  private locationExtension(kind: SiteKind, latitude: number, longitude: number): unknown {
    return {
      supportedVehicles: kind === 'fast' ? ['car', 'truck'] : ['car'],
      accessPoints: [{ lat: rawNumber(latitude.toFixed(7)), lng: rawNumber(longitude.toFixed(7)) }],
      supportPhoneNumber: '+31205550100',
      isPullThrough: kind === 'fast',
    };
  }

  private stamp(): string {
    return stampText(this.baseMs - this.random.int(1, 60 * 24 * 60) * 60_000);
  }
}

const greenMix = {
  is_green_energy: true,
  energy_sources: [
    { source: 'WIND', percentage: rawNumber('62.5') },
    { source: 'SOLAR', percentage: rawNumber('37.50') },
  ],
  supplier_name: 'Windfänger eG',
};
