import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contentIdOf } from '../model/place-id.js';
import { type Disk, nodeDisk } from './disk.js';
import { ExportElsewhere } from './static-exports.js';
import { ExportsWorld, linesOf, textOf } from './testing/exports-world.js';

let world: ExportsWorld;
beforeEach(() => {
  world = new ExportsWorld();
});
afterEach(() => world.release());

const folders = (): string[] => readdirSync(path.join(world.dataDir, 'exports')).sort();
const idOf = (id: string, party = 'NL/TST'): string => `here:evcp:charginglocation:${contentIdOf(`${party}/${id}`)}`;

describe('a version', () => {
  it('holds every Location that is shown, by id, one partition a country, with counts and checksums', async () => {
    world.put({ id: 'B', country: 'DEU', name: 'Berlin' });
    world.put({ id: 'Z' });
    world.put({ id: 'A' });
    world.put({ id: 'HIDDEN', publish: false });
    const exports = world.exports();
    const manifest = await exports.make();
    expect(manifest.counts).toEqual({ locations: 3, evses: 3, connectors: 3, connectorGroups: 3 });
    expect(manifest).toMatchObject({ version: '2026-11-24T02-10-00Z-0000', previousVersion: null });
    expect(manifest.generatedAt).toBe('2026-11-24T02:10:00.000Z');
    expect(manifest.files.map(({ name, partition, records }) => [name, partition, records])).toEqual([
      ['locations-DEU.ndjson.gz', 'DEU', 1],
      ['locations-NLD.ndjson.gz', 'NLD', 2],
      ['locations.geojson.gz', null, 3],
      ['connectors.csv.gz', null, 3],
      ['connectors-1.parquet', null, 3],
    ]);
    const ids = (await linesOf(exports, world, manifest.version, 'locations')).map((line) => JSON.parse(line).id);
    expect(ids).toEqual([idOf('B'), idOf('A'), idOf('Z')]);
    expect((await exports.list()).map((one) => one.manifest)).toEqual([manifest]);
  });

  it('splits a country with too many records into tiles, and leaves out nothing', async () => {
    for (let at = 0; at < 40; at++) world.put({ id: `L${at}`, lat: 50 + at / 10, lng: 4 + (at % 7) });
    const exports = world.exports({ partitionLimit: 10 });
    const { files, version } = await exports.make();
    const partitions = files.filter(({ kind }) => kind === 'locations');
    expect(partitions.length).toBeGreaterThan(3);
    for (const { records, partition } of partitions) {
      expect(records).toBeLessThanOrEqual(10);
      expect(partition).toMatch(/^NLD-[0-3]+$/);
    }
    const ids = (await linesOf(exports, world, version, 'locations')).map((line) => JSON.parse(line).id as string);
    expect(new Set(ids).size).toBe(40);
  });

  it('is a map and a table as well', async () => {
    world.put({ id: 'A', name: '=HYPERLINK("x")', lat: 51.5, lng: -0.5 });
    const { version } = await world.exports().make();
    const map = JSON.parse(await textOf(world, version, 'locations.geojson.gz'));
    expect(map.type).toBe('FeatureCollection');
    expect(map.features).toHaveLength(1);
    expect(map.features[0].geometry).toEqual({ type: 'Point', coordinates: [-0.5, 51.5] });
    expect(map.features[0].properties).toMatchObject({ evses: 1, connectors: 1, maxPower: 22_000, country: 'NLD' });
    const [head, row, end] = (await textOf(world, version, 'connectors.csv.gz')).split('\r\n');
    expect(head).toMatch(/^location_id,party,/);
    expect(row).toContain(`,"'=HYPERLINK(""x"")",Op,51.5,-0.5,NLD,`);
    expect(row).toMatch(/,1,IEC_62196_T2,socket,,,,22000$/);
    expect(end).toBe('');
    const parquet = await textOf(world, version, 'connectors-1.parquet');
    expect(parquet.startsWith('PAR1') && parquet.endsWith('PAR1')).toBe(true);
  });

  it('is made of nothing, too', async () => {
    const { version, counts } = await world.exports().make();
    expect(counts.locations).toBe(0);
    expect(JSON.parse(await textOf(world, version, 'locations.geojson.gz')).features).toEqual([]);
  });

  it('takes a Location that was put anew while it was read as it is now, once', async () => {
    for (let at = 0; at < 60; at++) world.put({ id: `L${at}` });
    world.beforePage = (position) => {
      if (position === 0) return;
      world.remove('L0');
      world.put({ id: 'L0', name: 'again' });
      world.remove('L59');
    };
    const exports = world.exports();
    const { version, counts } = await exports.make();
    expect(counts.locations).toBe(59);
    const named = (await linesOf(exports, world, version, 'locations')).filter((line) => line.includes('"again"'));
    expect(named).toHaveLength(1);
  });

  it('is as of the moment at which its making began', async () => {
    world.put({ id: 'A' });
    const moments: number[] = [];
    const began = world.clock.time;
    world.beforePage = () => {
      world.clock.time += 5_000;
    };
    const exports = world.exports({ recordOf: (_, at) => void moments.push(at) });
    expect((await exports.make()).generatedAt).toBe(new Date(began).toISOString());
    expect(moments).toEqual([began]);
  });

  it('leaves out what cannot be made into a record, and says so', async () => {
    world.put({ id: 'A' });
    world.put({ id: 'B' });
    world.put({ id: 'C', lat: Number.NaN });
    const exports = world.exports({
      recordOf: (location) => {
        if (location.id === 'A') throw new RangeError('odd');
        return { id: location.id, location: { lat: location.id === 'B' ? 1 : Number.NaN, lng: 1 } };
      },
    });
    expect((await exports.make()).counts.locations).toBe(1);
    expect(world.warnings).toEqual([
      {
        event: 'ev.export-incomplete',
        detail: { version: '2026-11-24T02-10-00Z-0000', count: 1, first: 'NL/TST/A: odd' },
      },
    ]);
  });
});

describe('the delta', () => {
  it('turns the former version into the new one, whatever changed', async () => {
    const change = fc.record({ id: fc.nat(30), name: fc.option(fc.string({ maxLength: 4 })) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 30 }), { minLength: 2, maxLength: 4 }),
        async (rounds) => {
          world.release();
          world = new ExportsWorld();
          const exports = world.exports({ keep: 9, partitionLimit: 5 });
          let state = new Map<string, string>();
          for (const changes of rounds) {
            for (const { id, name } of changes) {
              if (name === null) world.remove(`L${id}`);
              else world.put({ id: `L${id}`, name, lat: id, lng: id });
            }
            const { version, previousVersion } = await exports.make();
            const full = new Map<string, string>();
            for (const line of await linesOf(exports, world, version, 'locations')) full.set(JSON.parse(line).id, line);
            if (previousVersion === null) state = full;
            let before = '';
            for (const line of await linesOf(exports, world, version, 'delta')) {
              const { id, op, record } = JSON.parse(line);
              expect(id > before).toBe(true);
              before = id;
              // Nothing is said that is not news.
              expect(state.get(id)).not.toBe(op === 'delete' ? undefined : JSON.stringify(record));
              if (op === 'delete') state.delete(id);
              else state.set(id, JSON.stringify(record));
            }
            expect(new Map([...state].sort())).toEqual(new Map([...full].sort()));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('of unchanged data is empty, and all other files are the same to the byte', async () => {
    for (let at = 0; at < 200; at++) world.put({ id: `L${at}`, lat: at / 3 });
    const exports = world.exports({ partitionLimit: 50 });
    const first = await exports.make();
    world.clock.time += 3_600_000;
    const second = await exports.make();
    expect(second.previousVersion).toBe(first.version);
    expect(second.files.filter(({ kind }) => kind === 'delta')).toMatchObject([{ records: 0 }]);
    expect(second.files.filter(({ kind }) => kind !== 'delta')).toEqual(first.files);
  });

  it('is left out where the former version does not say what it held', async () => {
    world.put({ id: 'A' });
    const exports = world.exports();
    const first = await exports.make();
    writeFileSync(path.join(world.dataDir, 'exports', first.version, 'index.txt'), '1\nabc def');
    const second = await exports.make();
    expect(second.previousVersion).toBeNull();
    expect(second.files.some(({ kind }) => kind === 'delta')).toBe(false);
    expect(world.warnings.map(({ event }) => event)).toEqual(['ev.export-without-delta']);
    expect((await exports.make()).previousVersion).toBe(second.version);
  });

  it('counts the parties it deletes among those that it shows', async () => {
    world.put({ id: 'A' });
    world.put({ id: 'B', party: 'DE/GON' });
    const exports = world.exports();
    await exports.make();
    world.remove('B');
    const { version } = await exports.make();
    expect((await exports.find(version))?.owners).toEqual(['DE/GON', 'NL/TST']);
    const third = await exports.make();
    expect((await exports.find(third.version))?.owners).toEqual(['NL/TST']);
  });
});

/** A disk that dies at its n-th call: that one and all after it fail, as for a process that is killed there. */
function mortalDisk(calls: number, dies: boolean): { disk: Disk; died: () => boolean } {
  let left = calls;
  let died = false;
  const spend = (): void => {
    if (left-- > 0 || (died && !dies)) return;
    died = true;
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  const costs =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      spend();
      return await call(...args);
    };
  // A process that ends lets its files go: closing always works.
  const disk: Disk = {
    makeDirectory: costs(nodeDisk.makeDirectory),
    create: costs(async (where) => {
      const file = await nodeDisk.create(where);
      return { write: costs(file.write), sync: costs(file.sync), close: file.close };
    }),
    open: costs(async (where) => {
      const file = await nodeDisk.open(where);
      return { read: costs(file.read), close: file.close };
    }),
    rename: costs(nodeDisk.rename),
    syncDirectory: costs(nodeDisk.syncDirectory),
    remove: costs(nodeDisk.remove),
    names: costs(nodeDisk.names),
    readText: costs(nodeDisk.readText),
    sizeOf: costs(nodeDisk.sizeOf),
  };
  return { disk, died: () => died };
}

describe('a failure', () => {
  it.each([
    { what: 'the process is killed', dies: true },
    { what: 'the disk refuses once', dies: false },
  ])('at any step ($what) leaves the versions before it as they are, and the next run works', async ({ dies }) => {
    world.put({ id: 'A' });
    world.put({ id: 'B', country: 'DEU' });
    const healthy = world.exports({ keep: 2 });
    const versions = [(await healthy.make()).version, (await healthy.make()).version];
    let steps = 0;
    for (; ; steps++) {
      world.put({ id: 'A', name: `step ${steps}` });
      const { disk, died } = mortalDisk(steps, dies);
      const outcome = await world
        .exports({ keep: 2, disk })
        .make()
        .catch((error: Error) => error);
      const shown = (await world.exports().list()).map(({ manifest }) => manifest.version);
      if (!died()) break;
      if (outcome instanceof Error) expect([...shown].sort()).toEqual(versions);
      // It failed behind the publishing: that counts as done.
      else expect(shown[0]).toBe(outcome.version);
      const restarted = world.exports({ keep: 2 });
      await restarted.start();
      expect(folders().filter((name) => name.startsWith('.'))).toEqual([]);
      const next = await restarted.make();
      await restarted.stop();
      expect((await restarted.list())[0]?.manifest).toEqual(next);
      expect(await linesOf(restarted, world, next.version, 'locations')).toHaveLength(2);
      versions.splice(0, 2, ...(await restarted.list()).map(({ manifest }) => manifest.version).reverse());
      expect(versions).toHaveLength(2);
    }
    expect(steps).toBeGreaterThan(30);
  });

  it('of the database is told, and nothing half made stays', async () => {
    for (let at = 0; at < 60; at++) world.put({ id: `L${at}` });
    world.beforePage = (position) => {
      if (position > 0) throw new Error('gone');
    };
    const exports = world.exports();
    await expect(exports.make()).rejects.toThrow('gone');
    expect(folders()).toEqual([]);
    expect(world.warnings).toEqual([{ event: 'ev.export-failed', detail: { error: 'gone' } }]);
    expect(exports.state()).toMatchObject({ making: false, last: { error: 'gone' } });
  });

  it('shows in the list no version of which a file is missing or cut', async () => {
    world.put({ id: 'A' });
    const exports = world.exports();
    const first = await exports.make();
    const second = await exports.make();
    const file = path.join(world.dataDir, 'exports', second.version, 'connectors.csv.gz');
    const after = world.exports();
    const spoil = [() => truncateSync(file, 30), () => rmSync(file)];
    for (const [at, harm] of spoil.entries()) {
      harm();
      expect((await after.list()).map(({ manifest }) => manifest.version)).toEqual([first.version]);
      expect(world.warnings.map(({ event }) => event)).toEqual(new Array(at + 1).fill('ev.export-unreadable'));
    }
    expect((await after.make()).version > second.version).toBe(true);
  });
});

describe('the making', () => {
  it('is one at a time: who asks meanwhile joins', async () => {
    world.put({ id: 'A' });
    const exports = world.exports();
    const [first, second] = await Promise.all([exports.make(), exports.make()]);
    expect(second).toBe(first);
    expect(folders()).toEqual([first?.version]);
  });

  it('takes away what an earlier one left half made', async () => {
    mkdirSync(path.join(world.dataDir, 'exports', '.making-2026-11-24T02-09-00Z-0000-00000000'), { recursive: true });
    const { version } = await world.exports().make();
    expect(folders()).toEqual([version]);
  });

  it('names versions one behind the other, whatever the clock does, and keeps the newest', async () => {
    const exports = world.exports({ keep: 2 });
    const made: string[] = [];
    for (const step of [0, 0, -3_600_000, 60_000_000]) {
      world.clock.time += step;
      made.push((await exports.make()).version);
    }
    expect([...made].sort()).toEqual(made);
    expect(folders()).toEqual(made.slice(2));
  });

  it('is left to the node that is at it', async () => {
    world.onDuty = false;
    await expect(world.exports().make()).rejects.toThrow(ExportElsewhere);
    expect(await world.exports().makeIfDue()).toBe(false);
  });

  it('is told to have failed where the duty cannot be asked for', async () => {
    world.put({ id: 'A' });
    const exports = world.exports({ duty: () => Promise.reject(new Error('away')) });
    expect(await exports.makeIfDue()).toBe(false);
    expect(world.warnings).toEqual([{ event: 'ev.export-failed', detail: { error: 'away' } }]);
  });

  it('is due when there is none and something to show, and again after the time between two', async () => {
    const exports = world.exports({ everyMs: 1_000 });
    expect(await exports.makeIfDue()).toBe(false);
    world.put({ id: 'A' });
    expect(await exports.makeIfDue()).toBe(true);
    world.clock.time += 999;
    expect(await exports.makeIfDue()).toBe(false);
    world.clock.time += 1;
    expect(await exports.makeIfDue()).toBe(true);
    expect(folders()).toHaveLength(2);
  });

  it('is not tried again at once after a failure', async () => {
    world.put({ id: 'A' });
    const exports = world.exports();
    let tries = 0;
    world.beforePage = () => {
      tries++;
      throw new Error('gone');
    };
    expect(await exports.makeIfDue()).toBe(false);
    expect(await exports.makeIfDue()).toBe(false);
    expect(tries).toBe(1);
    world.clock.time += 15 * 60_000;
    await exports.makeIfDue();
    expect(tries).toBe(2);
  });

  it('ends when the hub stops, and leaves nothing', async () => {
    for (let at = 0; at < 200; at++) world.put({ id: `L${at}` });
    const exports = world.exports();
    let stopped: Promise<void> | undefined;
    world.beforePage = (position) => {
      if (position > 0) stopped ??= exports.stop();
    };
    await expect(exports.make()).rejects.toThrow('The hub is stopping.');
    await stopped;
    expect(folders()).toEqual([]);
    expect(world.warnings).toEqual([]);
  });
});
