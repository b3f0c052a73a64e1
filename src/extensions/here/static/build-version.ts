import path from 'node:path';
import type { Pace } from '../store/pace.js';
import { type Collected, collectRecords, type Source } from './collect-records.js';
import { IndexUnreadable, writeDelta } from './delta.js';
import type { Disk } from './disk.js';
import { ExportFile } from './export-file.js';
import {
  indexName,
  type Manifest,
  type ManifestFile,
  manifestName,
  type Owners,
  ownersName,
  schemaVersion,
} from './manifest.js';
import { csvCells, csvEnd, type Rows, rowColumns } from './other-forms.js';
import { ParquetTables } from './parquet-table.js';
import { writeIndex } from './record-index.js';
import { readAhead, Spool, type SpoolEntry, type SpooledTexts } from './spool.js';
import { splitByTile } from './tile.js';

export interface PreviousVersion {
  readonly version: string;
  readonly directory: string;
  /** Party keys of its records. */
  readonly owners: readonly string[];
}

export interface BuildOptions extends Source {
  readonly disk: Disk;
  /** Empty, and nobody else's. */
  readonly directory: string;
  readonly version: string;
  readonly previous: PreviousVersion | undefined;
  /** Records in a partition before it is split. */
  readonly partitionLimit: number;
  readonly pace: Pace;
  readonly warn: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

type FileKind = Omit<ManifestFile, 'sha256' | 'bytes' | 'records'>;

/**
 * Writes all files of a version into its directory; once this resolves, they survive a crash of the machine. What is in memory grows
 * with the number of Locations by a few hundred bytes each, not with their size.
 *
 * Rejects with what the disk or the database said; the directory is then of no use.
 */
export async function buildVersion(options: BuildOptions): Promise<Manifest> {
  const { disk, directory, pace, previous, version, warn } = options;
  const spool = await Spool.create(disk, directory);
  try {
    const collected = await collectRecords(options, spool, pace);
    if (collected.failed) warn('ev.export-incomplete', { version, ...collected.failed });
    const { counts, files } = await writeForms(options, collected, spool);
    const delta = await deltaFile(options, collected, spool);
    if (delta) files.push(delta);
    await spool.remove();
    const owners: Owners = { records: [...collected.owners].sort(), delta: delta ? (previous?.owners ?? []) : [] };
    const manifest: Manifest = {
      version,
      generatedAt: new Date(options.at).toISOString(),
      schemaVersion,
      counts,
      previousVersion: delta ? (previous?.version ?? null) : null,
      files,
    };
    const write = (name: string, fill: (file: ExportFile) => Promise<unknown>) => writeFile(options, name, false, fill);
    await write(indexName, (file) => writeIndex(file, collected.entries, pace));
    await write(ownersName, (file) => file.write(JSON.stringify(owners)));
    await write(manifestName, (file) => file.write(`${JSON.stringify(manifest, undefined, 2)}\n`));
    await disk.syncDirectory(directory);
    return manifest;
  } finally {
    await spool.close();
  }
}

/** The records by partition, and along the way the same in the forms of other tools. */
async function writeForms(options: BuildOptions, { entries }: Collected, spool: Spool) {
  const { disk, directory, partitionLimit, pace } = options;
  const create = (name: string): Promise<ExportFile> =>
    ExportFile.create(disk, path.join(directory, name), name.endsWith('.gz'));
  const open: { abandon(): Promise<void> }[] = [];
  try {
    const pointsFile = { name: 'locations.geojson.gz', partition: null, kind: 'points', format: 'geojson.gz' } as const;
    const csvFile = { name: 'connectors.csv.gz', partition: null, kind: 'connectors', format: 'csv.gz' } as const;
    const points = await create(pointsFile.name);
    open.push(points);
    const csv = await create(csvFile.name);
    open.push(csv);
    const parquet = new ParquetTables(create);
    open.push(parquet);
    await points.write('{"type":"FeatureCollection","features":[');
    await csv.write(csvCells(rowColumns.map(({ name }) => name)) + csvEnd);
    const counts = { locations: 0, evses: 0, connectors: 0, connectorGroups: 0 };
    const files: ManifestFile[] = [];
    for (const { partition, own } of await partitionsOf(entries, partitionLimit, pace)) {
      const kind: FileKind = {
        name: `locations-${partition}.ndjson.gz`,
        partition,
        kind: 'locations',
        format: 'ndjson.gz',
      };
      const finished = await writeFile(options, kind.name, true, async (file) => {
        for await (const { record, feature, rows } of textsOf(own, spool, pace)) {
          await file.write(record);
          await file.write('\n');
          await points.write(counts.locations++ === 0 ? '\n' : ',\n');
          await points.write(feature);
          const flat = JSON.parse(rows.toString('utf8')) as Rows;
          const place = csvCells(flat.place);
          await csv.write(flat.rows.map((row) => `${place},${csvCells(row)}${csvEnd}`).join(''));
          for (const row of flat.rows) await parquet.add(flat.place, row);
          counts.evses += flat.evses;
          counts.connectorGroups += flat.groups;
          counts.connectors += flat.rows.length;
        }
      });
      files.push({ ...kind, ...finished, records: own.length });
    }
    await points.write('\n]}\n');
    files.push({ ...pointsFile, ...(await points.finish()), records: counts.locations });
    files.push({ ...csvFile, ...(await csv.finish()), records: counts.connectors });
    for (const table of await parquet.end())
      files.push({ ...table, partition: null, kind: 'connectors', format: 'parquet' });
    return { counts, files };
  } catch (error) {
    for (const file of open) await file.abandon();
    throw error;
  }
}

/** Countries in alphabetical order, and where one has too many records, its tiles. */
async function partitionsOf(entries: readonly SpoolEntry[], limit: number, pace: Pace) {
  const countries = new Map<string, SpoolEntry[]>();
  for (const entry of entries) {
    const own = countries.get(entry.country);
    if (own) own.push(entry);
    else countries.set(entry.country, [entry]);
  }
  const partitions: { partition: string; own: readonly SpoolEntry[] }[] = [];
  for (const country of [...countries.keys()].sort()) {
    for (const { quadkey, items } of await splitByTile(countries.get(country) ?? [], limit, pace))
      partitions.push({ partition: quadkey === '' ? country : `${country}-${quadkey}`, own: items });
  }
  return partitions;
}

export async function* textsOf(entries: readonly SpoolEntry[], spool: Spool, pace: Pace): AsyncGenerator<SpooledTexts> {
  for (let start = 0; start < entries.length; start += readAhead) {
    for (const texts of await spool.read(entries.slice(start, start + readAhead))) {
      await pace.rest();
      yield texts;
    }
  }
}

async function deltaFile(
  options: BuildOptions,
  { entries }: Collected,
  spool: Spool,
): Promise<ManifestFile | undefined> {
  const { disk, pace, previous, version, warn } = options;
  if (!previous) return undefined;
  const kind: FileKind = { name: 'delta.ndjson.gz', partition: null, kind: 'delta', format: 'ndjson.gz' };
  const index = path.join(previous.directory, indexName);
  let records = 0;
  try {
    const finished = await writeFile(options, kind.name, true, async (file) => {
      records = await writeDelta({ disk, index, entries, spool, file, pace });
    });
    return { ...kind, ...finished, records };
  } catch (error) {
    if (!(error instanceof IndexUnreadable)) throw error;
    // The whole is right without it; those who follow deltas start again from the whole.
    warn('ev.export-without-delta', { version, previous: previous.version, error: error.message });
    await disk.remove(path.join(options.directory, kind.name));
    return undefined;
  }
}

async function writeFile(
  { disk, directory }: BuildOptions,
  name: string,
  compress: boolean,
  fill: (file: ExportFile) => Promise<unknown>,
) {
  const file = await ExportFile.create(disk, path.join(directory, name), compress);
  try {
    await fill(file);
    return await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}
