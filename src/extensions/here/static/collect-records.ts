import { hash } from 'node:crypto';
import type { Location } from '../../../generated/ocpi.js';
import { partyKey } from '../../../kernel/party-ref.js';
import type { DocumentList } from '../../../platform/storage/index.js';
import { type Pace, sortGently } from '../store/pace.js';
import { featureOf, rowsOf } from './other-forms.js';
import type { Spool, SpoolEntry } from './spool.js';
import type { RecordOf, StaticRecord } from './static-record.js';
import { tileOf } from './tile.js';

export interface Collected {
  /** By id. */
  readonly entries: readonly SpoolEntry[];
  /** Party keys. */
  readonly owners: ReadonlySet<string>;
  /** Locations that could not be made into a record, and what was wrong with the first of them. */
  readonly failed: { readonly count: number; readonly first: string } | undefined;
}

export interface Source {
  readonly list: DocumentList;
  readonly recordOf: RecordOf;
  /** When the making of the version began, ms since the epoch. */
  readonly at: number;
}

/** Documents read at once: few enough that parsing them takes a few milliseconds. */
const pageSize = 50;
/** 96 bits. */
const hashLength = 16;

/**
 * Reads every stored Location once, in the order of their creation, and puts the records of those that are shown into the spool.
 * Each is as it stood when its page was read.
 */
export async function collectRecords({ list, recordOf, at }: Source, spool: Spool, pace: Pace): Promise<Collected> {
  const found: SpoolEntry[] = [];
  const owners = new Set<string>();
  let failed: { count: number; first: string } | undefined;
  for (let position = 0, more = true; more; ) {
    const page = await list.page({ offset: 0, position, limit: pageSize });
    ({ more, lastId: position } = page);
    const locations = JSON.parse(`[${page.body.toString('utf8')}]`) as Location[];
    for (const location of locations) {
      await pace.rest();
      let record: StaticRecord | undefined;
      try {
        record = recordOf(location, at);
      } catch (error) {
        failed ??= { count: 0, first: `${partyKey(location)}/${location.id}: ${(error as Error).message}` };
        failed.count++;
      }
      // A point that is none has no place on a map, nor in a tile.
      if (!record || !Number.isFinite(record.location.lat) || !Number.isFinite(record.location.lng)) continue;
      const owner = partyKey(location);
      owners.add(owner);
      found.push(await spoolRecord(record, owner, countryOf(record, location), spool));
    }
  }
  await spool.turn();
  const sorted = await sortGently(found, (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0), pace);
  // A Location that was removed and put again meanwhile was met twice; the later one stands.
  const entries = sorted.filter(({ id }, at) => sorted[at + 1]?.id !== id);
  return { entries, owners, failed };
}

async function spoolRecord(record: StaticRecord, owner: string, country: string, spool: Spool): Promise<SpoolEntry> {
  const { bytes, place } = await spool.append(
    JSON.stringify(record),
    JSON.stringify(featureOf(record, owner, country)),
    JSON.stringify(rowsOf(record, owner, country)),
  );
  return {
    id: record.id,
    country,
    tile: tileOf(record.location.lat, record.location.lng),
    hash: hash('sha256', bytes, 'base64url').slice(0, hashLength),
    ...place,
  };
}

/** ISO 3166-1 alpha-3; ZZZ where what its owner sent can be none. It becomes part of a file name. */
function countryOf(record: StaticRecord, location: Location): string {
  const country = (record.address?.countryCode ?? location.country ?? '').toUpperCase();
  return /^[A-Z]{3}$/.test(country) ? country : 'ZZZ';
}
