import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DocumentList } from '../../../../platform/storage/index.js';
import { placeIdOf } from '../../model/place-id.js';
import { nodeDisk } from '../disk.js';
import { StaticExports, type StaticExportsOptions } from '../static-exports.js';
import type { RecordOf, StaticRecord } from '../static-record.js';

/** A Location as far as these tests need one. */
export interface TestPlace {
  readonly id: string;
  readonly name?: string;
  readonly party?: string;
  readonly country?: string;
  readonly lat?: number;
  readonly lng?: number;
  readonly publish?: boolean;
  readonly evses?: StaticRecord['evses'];
}

const defaultEvses: NonNullable<StaticRecord['evses']> = [
  {
    uid: 'E1',
    evseId: 'NL*T*E1',
    connectors: [{ id: '1', standard: 'IEC_62196_T2', format: 'socket', maxPower: 22_000 }],
  },
];

/** Stored Locations that a test changes as it likes, and exports of them in a directory of their own. */
export class ExportsWorld {
  readonly dataDir = mkdtempSync(path.join(os.tmpdir(), 'roamhub-exports-'));
  readonly warnings: { event: string; detail: Readonly<Record<string, unknown>> }[] = [];
  readonly clock = { time: Date.UTC(2026, 10, 24, 2, 10), now: (): number => this.clock.time };
  /** Whether this node has the duty. */
  onDuty = true;
  /** Called before each page is read. */
  beforePage: (position: number) => void | Promise<void> = () => undefined;
  private readonly rows = new Map<number, TestPlace>();
  private row = 0;

  put(place: TestPlace): void {
    const old = [...this.rows].find(([, { id }]) => id === place.id);
    this.rows.set(old?.[0] ?? ++this.row, place);
  }

  remove(id: string): void {
    for (const [row, place] of this.rows) if (place.id === id) this.rows.delete(row);
  }

  exports(options: Partial<StaticExportsOptions> = {}): StaticExports {
    return new StaticExports({
      dataDir: this.dataDir,
      locations: { list: this.list, countOf: async () => this.rows.size },
      recordOf: recordOfTest,
      clock: this.clock,
      keep: 3,
      everyMs: 24 * 3_600_000,
      duty: async () => this.onDuty,
      warn: (event, detail) => this.warnings.push({ event, detail }),
      disk: nodeDisk,
      ...options,
    });
  }

  release(): void {
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private readonly list = listOf(async (position, limit) => {
    await this.beforePage(position);
    const rows = [...this.rows].filter(([row]) => row > position).sort(([a], [b]) => a - b);
    return rows.slice(0, limit).map(([row, place]) => [row, JSON.stringify(locationOf(place))]);
  });
}

function listOf(read: (position: number, limit: number) => Promise<(readonly [number, string])[]>): DocumentList {
  return {
    page: async ({ position = 0, limit }) => {
      const rows = await read(position, limit + 1);
      const page = rows.slice(0, limit);
      return {
        body: Buffer.from(page.map(([, document]) => document).join(',')),
        count: page.length,
        lastId: page.at(-1)?.[0] ?? position,
        more: rows.length > page.length,
        validity: { version: 0, removals: 0, firstChunk: 0, lastChunk: 0 },
      };
    },
    total: async () => 0,
    version: () => 0,
    isCurrent: () => true,
  };
}

function locationOf(place: TestPlace): object {
  const [country_code, party_id] = (place.party ?? 'NL/TST').split('/');
  return { country: 'NLD', lat: 52, lng: 5, publish: true, evses: defaultEvses, ...place, country_code, party_id };
}

/** Stands for the transform, which has tests of its own: these Locations hold the parts of the record as they are. */
const recordOfTest: RecordOf = (location) => {
  const { lat, lng, publish, evses, name } = location as unknown as Required<TestPlace>;
  if (!publish) return undefined;
  const id = placeIdOf(`${location.country_code}/${location.party_id}/${location.id}`);
  const connectorGroups = [{ standard: 'IEC_62196_T2', maxPower: 22_000, connectorCount: 1 }];
  return {
    id,
    location: { lat, lng },
    name,
    operator: { name: 'Op' },
    cpoLocationId: location.id,
    evses,
    connectorGroups,
  };
};

/** Text of a file of a version. */
export async function textOf(world: ExportsWorld, version: string, file: string): Promise<string> {
  const directory = path.join(world.dataDir, 'exports', version);
  const bytes = await nodeDisk.sizeOf(path.join(directory, file));
  const opened = await nodeDisk.open(path.join(directory, file));
  try {
    const content = Buffer.alloc(bytes);
    await opened.read(content, 0);
    return (file.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8');
  } finally {
    await opened.close();
  }
}

/** Lines of all files of a kind in a version. */
export async function linesOf(
  exports: StaticExports,
  world: ExportsWorld,
  version: string,
  kind: string,
): Promise<string[]> {
  const found = await exports.find(version);
  const lines: string[] = [];
  for (const file of found?.manifest.files ?? [])
    if (file.kind === kind)
      lines.push(...(await textOf(world, version, file.name)).split('\n').filter((line) => line !== ''));
  return lines;
}
