import { existsSync } from 'node:fs';
import path from 'node:path';
import { ownersInFile } from '../simulator/index.js';
import { type DemoOptions, UsageError } from './options.js';

/** How a CPO platform's objects come to the hub. */
export type CpoManner = 'puts' | 'pulled' | 'late';
/** How an eMSP platform behaves. */
export type EmspManner = 'ordinary' | 'slow' | 'dies';

export interface CpoRole {
  readonly name: string;
  /** `NL/POL`; all in role CPO. */
  readonly parties: readonly string[];
  readonly manner: CpoManner;
  /** Its share of the rate of status changes; those who are there from the start add up to 1. */
  readonly share: number;
}

export interface EmspRole {
  readonly name: string;
  /** `NL/RDR` or, with another role than EMSP, `BE/FLN:NSP`. */
  readonly parties: readonly string[];
  readonly manner: EmspManner;
}

/** Who plays, and with which data. */
export interface Cast {
  readonly cpos: readonly CpoRole[];
  readonly emsps: readonly EmspRole[];
  /** Data files; undefined: invented objects. */
  readonly files: { readonly locations: string; readonly tariffs: string | undefined } | undefined;
  /** Invented Locations for each CPO party. */
  readonly locationsPerParty: number;
  /** How long the slow eMSP takes for an answer, ms. */
  readonly slowMs: number;
}

/** The platforms of the default demo: small, invented, plausible. */
const inventedCast: Cast = {
  cpos: [
    { name: 'Polder Power', parties: ['NL/POL', 'BE/POL'], manner: 'puts', share: 0.5 },
    { name: 'Courant Libre', parties: ['FR/CLB', 'FR/SUD'], manner: 'pulled', share: 0.5 },
    { name: 'Elbe Strom', parties: ['DE/ELB'], manner: 'late', share: 0.2 },
  ],
  emsps: [
    { name: 'Ridr', parties: ['NL/RDR'], manner: 'ordinary' },
    { name: 'Fleetline', parties: ['BE/FLT', 'BE/FLN:NSP'], manner: 'ordinary' },
    { name: 'Gemach Mobil', parties: ['DE/GMM'], manner: 'slow' },
    { name: 'Roule', parties: ['FR/RLE'], manner: 'dies' },
  ],
  files: undefined,
  locationsPerParty: 40,
  slowMs: 400,
};

/** With a whole country each copy costs memory and time: one party each. The slow one is quick enough to catch up. */
const realEmsps: readonly EmspRole[] = [
  { name: 'Ridr', parties: ['XX/RDR'], manner: 'ordinary' },
  { name: 'Fleetline', parties: ['XX/FLN:NSP'], manner: 'ordinary' },
  { name: 'Gemach Mobil', parties: ['XX/GMM'], manner: 'slow' },
  { name: 'Roule', parties: ['XX/RLE'], manner: 'dies' },
];

/**
 * Chooses the platforms: the default ones, or platforms for the owners found in the data files.
 * @throws UsageError if a file is missing or holds no objects
 */
export async function chooseCast(options: DemoOptions): Promise<Cast> {
  if (options.data === undefined) return inventedCast;
  const locations = existing('--data', options.data);
  const beside = path.join(path.dirname(locations), 'tariffs.ndjson.gz');
  const tariffs =
    options.tariffs === undefined ? (existsSync(beside) ? beside : undefined) : existing('--tariffs', options.tariffs);
  const owners = await countOwners(locations, tariffs);
  if (owners.size === 0) throw new UsageError(`--data: ${options.data} holds no Locations with an owner`);
  return {
    cpos: platformsFor(owners),
    emsps: realEmsps,
    files: { locations, tariffs },
    locationsPerParty: 0,
    slowMs: 100,
  };
}

async function countOwners(locations: string, tariffs: string | undefined): Promise<Map<string, number>> {
  const files = tariffs === undefined ? [locations] : [locations, tariffs];
  const owners = new Map<string, number>();
  for (const file of files) {
    try {
      for (const [owner, count] of await ownersInFile(file)) owners.set(owner, (owners.get(owner) ?? 0) + count);
    } catch (error) {
      throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return owners;
}

const bigPlatforms = 4;
/** Owners with fewer objects share the platform that joins late. */
const smallOwner = 50;

/**
 * Spreads owners over four platforms of about equal size, one of which is pulled, and a fifth one for the small
 * owners, which joins late. With few owners there are fewer platforms.
 */
export function platformsFor(owners: ReadonlyMap<string, number>): CpoRole[] {
  const byCount = [...owners].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const large = byCount.filter(([, count], index) => index === 0 || count >= smallOwner);
  const small = byCount.slice(large.length);
  const bins = Array.from({ length: Math.min(bigPlatforms, large.length) }, () => ({
    parties: [] as string[],
    size: 0,
  }));
  for (const [owner, count] of large) {
    const smallest = bins.reduce((least, bin) => (bin.size < least.size ? bin : least));
    smallest.parties.push(owner);
    smallest.size += count;
  }
  const total = large.reduce((sum, [, count]) => sum + count, 0);
  const pulled = bins.length > 1 ? bins.length - 1 : -1;
  const platforms = bins.map(
    ({ parties, size }, index): CpoRole => ({
      name: `Platform ${'ABCD'[index]}`,
      parties,
      manner: index === pulled ? 'pulled' : 'puts',
      share: size / total,
    }),
  );
  if (small.length > 0) {
    const size = small.reduce((sum, [, count]) => sum + count, 0);
    const parties = small.map(([owner]) => owner);
    platforms.push({ name: `Platform ${'ABCDE'[bins.length]}`, parties, manner: 'late', share: size / total });
  }
  return platforms;
}

function existing(option: string, file: string): string {
  if (!existsSync(file)) throw new UsageError(`${option}: there is no file ${file}`);
  return path.resolve(file);
}
