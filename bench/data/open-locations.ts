import { createReadStream, createWriteStream, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Workspace } from '../harness/workspace.js';
import { inventedLocations } from './invented-locations.js';
import { LocationSet } from './location-set.js';

/** Real Locations beside the repository, if they are there; gzip, NDJSON, by owner. */
const realFile = '../shared/real-data/locations.ndjson.gz';

/** The Locations that everything is measured with: the real ones, else invented ones; unpacked once and kept. */
export async function openLocations(workspace: Workspace, say: (text: string) => void): Promise<LocationSet> {
  const real = existsSync(realFile);
  if (!real) say(`${realFile} is not there; the data are invented, of the same sizes`);
  const name = real ? `real-${statSync(realFile).size}-${Math.round(statSync(realFile).mtimeMs)}` : 'invented-1';
  const file = workspace.cached(`${name}.ndjson`);
  if (!existsSync(file)) {
    const partial = `${file}.${process.pid}`;
    const target = createWriteStream(partial);
    if (real) await pipeline(createReadStream(realFile), createGunzip(), target);
    else await pipeline(Readable.from(inventedLocations()), target);
    renameSync(partial, file);
  }
  return new LocationSet(file, readFileSync(file));
}
