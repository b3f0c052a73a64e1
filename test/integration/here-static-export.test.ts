import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { recordMaker } from '../../src/extensions/here/static/record-of.js';
import { ExportsWorld, linesOf } from '../../src/extensions/here/static/testing/exports-world.js';
import type { Location } from '../../src/generated/ocpi.js';
import { ciKey, objectKey, partyKey } from '../../src/kernel/party-ref.js';
import { locationDocuments } from '../../src/modules/locations/index.js';
import type { DocumentTable } from '../../src/platform/storage/index.js';
import { SqliteUnderTest } from '../contract/storage-under-test.js';
import { describeUnless } from '../support/services/index.js';

const file = path.resolve('..', 'shared', 'real-data', 'locations.ndjson.gz');
/** The published data of a national access point are not part of this repository; without them this suite is skipped. */
const missing = existsSync(file) ? undefined : `the data are not at ${file}`;

const recordOf = recordMaker(false);
const at = Date.UTC(2026, 5, 8);

describeUnless(missing, 'the static data product of real Locations', () => {
  const world = new ExportsWorld();
  let under: SqliteUnderTest;
  let locations: DocumentTable;
  const expected = { locations: 0, evses: 0, connectors: 0, connectorGroups: 0 };

  beforeAll(async () => {
    under = await SqliteUnderTest.open();
    locations = under.storage.documents(locationDocuments);
    let writes: Promise<unknown>[] = [];
    for await (const document of createInterface({ input: createReadStream(file).pipe(createGunzip()) })) {
      const location = JSON.parse(document) as Location;
      const key = { key: objectKey(location, location.id), id: ciKey(location.id), owner: partyKey(location) };
      const store = { kind: 'store', result: undefined, document, lastUpdated: 0, news: { kind: 'PUT' } } as const;
      writes.push(locations.change(key, { correlationId: 'c', now: 0 }, () => store));
      if (writes.length === 1_000) {
        await Promise.all(writes);
        writes = [];
      }
      const record = recordOf(location, at);
      if (!record) continue;
      expected.locations++;
      expected.evses += record.evses?.length ?? 0;
      expected.connectorGroups += record.connectorGroups?.length ?? 0;
      for (const { connectors } of record.evses ?? []) expected.connectors += connectors.length;
    }
    await Promise.all(writes);
  }, 120_000);

  afterAll(async () => {
    await under.release();
    world.release();
  });

  it('holds each once, in partitions of at most ten thousand', async () => {
    const exports = world.exports({ recordOf, locations });
    const { counts, files, version } = await exports.make();
    expect(counts).toEqual(expected);
    expect(counts.locations).toBeGreaterThan(60_000);
    for (const { partition, records, kind } of files) {
      if (kind !== 'locations') continue;
      expect(records).toBeLessThanOrEqual(10_000);
      expect(partition).toMatch(/^NLD-[0-3]+$/);
    }
    const lines = await linesOf(exports, world, version, 'locations');
    const live = /"(status|modified|availableConnectorCount|predictions|reliability|tariffs|tariffIndexes)":/;
    expect(lines.filter((line) => live.test(line))).toEqual([]);
    expect(new Set(lines.map((line) => line.slice(0, line.indexOf(',')))).size).toBe(expected.locations);
    const again = await exports.make();
    expect(again.files.find(({ kind }) => kind === 'delta')?.records).toBe(0);
    expect(again.files.filter(({ kind }) => kind !== 'delta')).toEqual(files);
  }, 120_000);
});
