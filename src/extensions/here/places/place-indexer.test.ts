import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from 'better-sqlite3';
import type { Location } from '../../../generated/ocpi.js';
import { FakeLivePlaces } from '../live/testing/fake-live-places.js';
import { openHereFile } from '../store/here-file.sqlite.js';
import type { PlaceIndex, PlaceRow, RemovedPlace } from './place-index.js';
import { SqlitePlaceIndex } from './place-index.sqlite.js';
import { PlaceIndexer } from './place-indexer.js';

const location = (id: string): Location =>
  ({
    ...{ country_code: 'NL', party_id: 'CP1', id, publish: true, address: 'A', city: 'C', country: 'NLD' },
    ...{ coordinates: { latitude: '52.0', longitude: '5.0' }, time_zone: 'Europe/Amsterdam' },
    last_updated: '2026-06-01T00:00:00Z',
    evses: [{ uid: '1', status: 'AVAILABLE', connectors: [], last_updated: '2026-06-01T00:00:00Z' }],
  }) as Location;

/** Notes what is written, and fails as often as it is told to. */
class WatchedIndex implements PlaceIndex {
  readonly written: string[] = [];
  failures = 0;

  constructor(private readonly index: PlaceIndex) {}

  async write(rows: readonly PlaceRow[], removed: readonly RemovedPlace[]): Promise<void> {
    if (this.failures-- > 0) throw new Error('away');
    this.written.push(...rows.map(({ key }) => key), ...removed.map(({ key }) => `-${key}`));
    await this.index.write(rows, removed);
  }
  offsets = () => this.index.offsets();
  names = () => this.index.names();
  inBoxes: PlaceIndex['inBoxes'] = (boxes, filter, limit) => this.index.inBoxes(boxes, filter, limit);
  details: PlaceIndex['details'] = (numbers) => this.index.details(numbers);
}

describe('the indexer', () => {
  let db: Database;
  let index: WatchedIndex;
  let open: PlaceIndexer[];
  let warnings: string[];

  beforeEach(() => {
    db = openHereFile({ file: ':memory:', warn: () => undefined });
    index = new WatchedIndex(new SqlitePlaceIndex(db));
    open = [];
    warnings = [];
  });
  afterEach(async () => {
    for (const indexer of open) await indexer.stop();
    db.close();
  });
  const follow = async (live: FakeLivePlaces): Promise<PlaceIndexer> => {
    const warn = (event: string): void => void warnings.push(event);
    const indexer = await PlaceIndexer.open({ live, index, derivedPower: false, warn, againMs: 0 });
    open.push(indexer);
    return indexer;
  };
  const keys = async (): Promise<string[]> => [...(await index.offsets()).keys()].sort();

  it('writes what it is told, in batches', async () => {
    const live = new FakeLivePlaces();
    const indexer = await follow(live);
    for (let n = 0; n < 300; n++) live.put(location(`L${n}`));
    expect(indexer.backlog).toBe(300);
    await indexer.idle();
    expect(indexer.backlog).toBe(0);
    expect(await keys()).toHaveLength(300);
    live.remove('NL/CP1/L7');
    await indexer.idle();
    expect(await keys()).toHaveLength(299);
  });

  it('writes again after a start only what is missing or older, and removes what went meanwhile', async () => {
    const before = new FakeLivePlaces();
    await follow(before);
    for (const id of ['A', 'B', 'GONE']) before.put(location(id));
    await open[0]?.idle();
    await open[0]?.stop();
    index.written.length = 0;
    const live = new FakeLivePlaces();
    const indexer = await follow(live);
    live.put(location('A'));
    live.offset = 9;
    live.put(location('B'));
    live.put(location('NEW'));
    indexer.settle();
    await indexer.idle();
    expect(index.written.sort()).toEqual(['-NL/CP1/GONE', 'NL/CP1/B', 'NL/CP1/NEW']);
    expect(await keys()).toEqual(['NL/CP1/A', 'NL/CP1/B', 'NL/CP1/NEW']);
  });

  it('keeps what a database that was away did not take', async () => {
    const live = new FakeLivePlaces();
    const indexer = await follow(live);
    index.failures = 1;
    live.put(location('A'));
    await indexer.idle();
    expect(warnings).toEqual(['ev.index-failed']);
    expect(await keys()).toEqual(['NL/CP1/A']);
  });
});
