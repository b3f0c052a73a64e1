import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { type SchemaName, SchemaRegistry } from '../../src/platform/schema/index.js';
import { describeUnless } from '../support/services/index.js';

const folder = path.resolve('..', 'shared', 'real-data');
/** The published data of a national access point are not part of this repository; without them this suite is skipped. */
const missing = existsSync(folder) ? undefined : `the data are not at ${folder}`;

/** Every how many-th object is judged: enough to see each owner, quick enough for every run. */
const step = 10;

describeUnless(missing, 'real data', () => {
  const registry = SchemaRegistry.load();

  function refusals(
    file: string,
    schema: SchemaName,
  ): { judged: number; refused: number; reasons: Record<string, number> } {
    const lines = gunzipSync(readFileSync(path.join(folder, file)))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    const reasons: Record<string, number> = {};
    let judged = 0;
    let refused = 0;
    for (let index = 0; index < lines.length; index += step) {
      const violation = registry.validate(schema, JSON.parse(lines[index] ?? ''));
      judged += 1;
      if (!violation) continue;
      refused += 1;
      const reason = `${violation.pointer.replace(/\d+/g, '#')} ${violation.message}`;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    process.stdout.write(`${file}: ${refused} of ${judged} refused ${JSON.stringify(reasons, undefined, 2)}\n`);
    return { judged, refused, reasons };
  }

  it('has few locations that are refused', () => {
    const { judged, refused, reasons } = refusals('locations.ndjson.gz', 'locations/location');
    expect(judged).toBeGreaterThan(5_000);
    // Coordinates with fewer than five decimals (D-14): the data were published as numbers, which lose trailing zeros.
    // All else is line breaks in names and addresses (D-03).
    const short = Object.entries(reasons).filter(([reason]) => /^\/coordinates\/l\w+itude must/.test(reason));
    const shortCount = short.reduce((sum, [, count]) => sum + count, 0);
    expect(shortCount / judged).toBeLessThan(0.05);
    expect((refused - shortCount) / judged).toBeLessThan(0.001);
  });

  it('has few tariffs that are refused', () => {
    const { judged, refused } = refusals('tariffs.ndjson.gz', 'tariffs/tariff');
    expect(judged).toBeGreaterThan(1_000);
    expect(refused / judged).toBeLessThan(0.005);
  });
});
