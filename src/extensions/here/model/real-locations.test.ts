import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { createGunzip } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Location } from '../../../generated/ocpi.js';
import { objectKey } from '../../../kernel/party-ref.js';
import { hereLocationOddities } from '../carriage/oddities.js';
import { evsesOf } from './evse-parts.js';
import { addressOf, baseOf, emspsOf, locationInfoOf, nearbyOf, truckOf } from './place-parts.js';

const file = path.resolve('..', 'shared', 'real-data', 'locations.ndjson.gz');

(existsSync(file) ? describe : describe.skip)('real Locations (skipped where the data set is not there)', () => {
  it('all become objects of HERE', async () => {
    const count = { locations: 0, evses: 0, connectors: 0, withoutPoint: 0, alwaysOpen: 0, oddities: 0 };
    for await (const line of readline.createInterface({ input: createReadStream(file).pipe(createGunzip()) })) {
      const location = JSON.parse(line) as Location;
      const place = {
        ...baseOf(location, objectKey(location, location.id)),
        ...addressOf(location),
        ...locationInfoOf(location),
        ...truckOf(location),
        ...emspsOf(location),
        ...nearbyOf(location),
        ...evsesOf(location, { withTruck: true }),
      };
      count.locations += 1;
      count.evses += place.evses?.length ?? 0;
      count.connectors += place.evses?.reduce((sum, { connectors }) => sum + connectors.length, 0) ?? 0;
      count.withoutPoint += place.location ? 0 : 1;
      count.alwaysOpen += place.openingHours?.open24x7 ? 1 : 0;
      count.oddities += hereLocationOddities(location).length;
    }
    // 149,516 EVSEs are there, of which 1,025 are removed.
    expect(count).toEqual({
      locations: 62_194,
      evses: 148_491,
      connectors: 149_375,
      withoutPoint: 0,
      alwaysOpen: 55_904,
      oddities: 0,
    });
  }, 120_000);
});
