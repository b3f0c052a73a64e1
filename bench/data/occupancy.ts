import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

/** How busy a Location was: percent of its EVSEs, for 24 hours of each local day; null: not known. */
export interface Occupancy {
  readonly locationId: string;
  /** How many EVSEs it has. */
  readonly n: number;
  readonly occ: Readonly<Record<string, readonly (number | null)[]>>;
}

const file = '../shared/real-data/occupancy-2026-06.ndjson.gz';

/** Real occupancy beside the repository; undefined if it is not there. */
export function openOccupancy(): AsyncGenerator<Occupancy> | undefined {
  return existsSync(file) ? lines() : undefined;
}

async function* lines(): AsyncGenerator<Occupancy> {
  for await (const line of createInterface({ input: createReadStream(file).pipe(createGunzip()) }))
    yield JSON.parse(line) as Occupancy;
}
