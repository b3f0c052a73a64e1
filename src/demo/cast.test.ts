import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { chooseCast, platformsFor } from './cast.js';
import { parseOptions, UsageError } from './options.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-cast-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function cast(...args: string[]) {
  const options = parseOptions(args);
  if (options === undefined) throw new Error('help was asked for');
  return chooseCast(options);
}
const object = (party_id: string, id: string): string => `${JSON.stringify({ country_code: 'NL', party_id, id })}\n`;

describe('platformsFor', () => {
  const owners = new Map(
    [14_000, 13_000, 9_000, 6_000, 5_000, 900, 49, 3, 1].map((count, index) => [`NL/P0${index}`, count] as const),
  );

  it('puts every owner on exactly one platform', () => {
    const parties = platformsFor(owners).flatMap((platform) => platform.parties);
    expect([...parties].sort()).toEqual([...owners.keys()].sort());
  });

  it('makes four of about equal size, one of them pulled, and one of small owners that is late', () => {
    const platforms = platformsFor(owners);
    expect(platforms.map(({ manner }) => manner)).toEqual(['puts', 'puts', 'puts', 'pulled', 'late']);
    expect(platforms.at(-1)?.parties).toEqual(['NL/P06', 'NL/P07', 'NL/P08']);
    const early = platforms.slice(0, 4).map(({ share }) => share);
    expect(early.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    expect(Math.max(...early)).toBeLessThan(0.31);
  });

  it('manages with one owner', () => {
    expect(platformsFor(new Map([['NL/ONE', 3]]))).toEqual([
      { name: 'Platform A', parties: ['NL/ONE'], manner: 'puts', share: 1 },
    ]);
  });
});

describe('chooseCast', () => {
  it('has three CPO and four eMSP platforms without data: one pulled, one late, one slow, one that dies', async () => {
    const { cpos, emsps } = await cast();
    expect(cpos.map(({ manner }) => manner).sort()).toEqual(['late', 'pulled', 'puts']);
    expect(emsps.map(({ manner }) => manner).sort()).toEqual(['dies', 'ordinary', 'ordinary', 'slow']);
  });

  it('finds the owners in the files, and tariffs beside the locations', async () => {
    const data = path.join(folder, 'some.ndjson');
    writeFileSync(data, object('AAA', '1') + object('AAA', '2'));
    expect((await cast('--data', data)).files).toEqual({ locations: data, tariffs: undefined });
    const tariffs = path.join(folder, 'other-tariffs.ndjson');
    writeFileSync(tariffs, object('BBB', 'T'));
    const chosen = await cast('--data', data, '--tariffs', tariffs);
    expect(chosen.files).toEqual({ locations: data, tariffs });
    expect(chosen.cpos.flatMap(({ parties }) => parties)).toEqual(['NL/AAA', 'NL/BBB']);
  });

  it('says what is wrong with a file', async () => {
    await expect(cast('--data', path.join(folder, 'none'))).rejects.toThrow(UsageError);
    const empty = path.join(folder, 'empty.ndjson');
    writeFileSync(empty, '\n');
    await expect(cast('--data', empty)).rejects.toThrow('holds no Locations');
    const broken = path.join(folder, 'broken.ndjson.gz');
    writeFileSync(broken, 'this is not gzip');
    await expect(cast('--data', broken)).rejects.toThrow('cannot be read');
  });
});
