import type { Database } from 'better-sqlite3';
import { type ChangeKind, type ChangeRow, SqliteChangeLog } from '../../storage/index.js';
import type { PushItem, PushSource } from '../ports.js';

export interface ModelEvse {
  readonly uid: string;
  readonly stamp: number;
  readonly status: string;
  readonly power: string;
}

export interface ModelLocation {
  readonly id: string;
  readonly stamp: number;
  readonly name: string;
  readonly city: string;
  readonly evses: readonly ModelEvse[];
}

export interface ModelTariff {
  readonly id: string;
  readonly stamp: number;
  readonly price: string;
}

/** The table of the change sequence, in a database that only lives in memory. */
export const changeTable = `CREATE TABLE object_change (object TEXT PRIMARY KEY, seq INTEGER NOT NULL,
  lane_key TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, patch TEXT, patch_base INTEGER,
  correlation_id TEXT NOT NULL, recorded_at INTEGER NOT NULL) WITHOUT ROWID`;

const owner = 'DE/CP1';

/**
 * A hub's objects and its real change sequence; what is written is committed at once; each write returns the name of its object. `stamp` stands for `last_updated`: it
 * grows with each change, and a change of an EVSE lifts that of its Location.
 */
export class ModelHub {
  readonly changes: SqliteChangeLog;
  readonly locations = new Map<string, ModelLocation>();
  readonly tariffs = new Map<string, ModelTariff>();
  private stamp = 0;

  constructor(
    private readonly db: Database,
    private readonly now: () => number,
  ) {
    db.exec('DELETE FROM object_change');
    this.changes = new SqliteChangeLog(db, db);
  }

  putLocation(id: string, evses: readonly string[]): string | undefined {
    const stamp = ++this.stamp;
    const kept = new Map(this.locations.get(id)?.evses.map((one) => [one.uid, one]));
    const list = evses.map((uid) => kept.get(uid) ?? { uid, stamp, status: `s${stamp}`, power: `p${stamp}` });
    this.locations.set(id, { id, stamp, name: `n${stamp}`, city: `c${stamp}`, evses: list });
    return this.record('locations', `${owner}/${id}`, `${owner}/${id}`, 'PUT');
  }

  patchLocation(id: string, field: 'name' | 'city'): string | undefined {
    const location = this.locations.get(id);
    if (!location) return undefined;
    const stamp = ++this.stamp;
    const patch = { [field]: `${field}${stamp}`, stamp };
    this.locations.set(id, { ...location, ...patch });
    return this.record('locations', `${owner}/${id}`, `${owner}/${id}`, 'PATCH', JSON.stringify(patch));
  }

  putEvse(id: string, uid: string): string | undefined {
    const location = this.locations.get(id);
    if (!location) return undefined;
    const stamp = ++this.stamp;
    this.setEvse(location, { uid, stamp, status: `s${stamp}`, power: `p${stamp}` });
    return this.record('locations', `${owner}/${id}/${uid}`, `${owner}/${id}`, 'PUT');
  }

  patchEvse(id: string, uid: string, field: 'status' | 'power'): string | undefined {
    const location = this.locations.get(id);
    const evse = location?.evses.find((one) => one.uid === uid);
    if (!location || !evse) return undefined;
    const stamp = ++this.stamp;
    const patch = { [field]: `${field}${stamp}`, stamp };
    this.setEvse(location, { ...evse, ...patch });
    return this.record('locations', `${owner}/${id}/${uid}`, `${owner}/${id}`, 'PATCH', JSON.stringify(patch));
  }

  putTariff(id: string): string | undefined {
    const stamp = ++this.stamp;
    this.tariffs.set(id, { id, stamp, price: `t${stamp}` });
    return this.record('tariffs', `${owner}/${id}`, `${owner}/${id}`, 'PUT');
  }

  deleteTariff(id: string): string | undefined {
    if (!this.tariffs.delete(id)) return undefined;
    return this.record('tariffs', `${owner}/${id}`, `${owner}/${id}`, 'DELETE');
  }

  sources(): readonly PushSource[] {
    return [
      { module: 'locations', read: async (row) => this.readLocation(row) },
      { module: 'tariffs', read: async (row) => this.readTariff(row) },
    ];
  }

  private readLocation(row: ChangeRow): PushItem | undefined {
    const [, , id = '', uid] = row.object.split('/');
    const location = this.locations.get(id);
    if (!location) return undefined;
    if (uid === undefined) return { path: `/${row.object}`, body: JSON.stringify(location) };
    const evse = location.evses.find((one) => one.uid === uid);
    if (!evse) return undefined;
    return {
      path: `/${row.object}`,
      body: JSON.stringify(evse),
      parent: async () => {
        const present = this.locations.get(id);
        return present && { path: `/${owner}/${id}`, body: JSON.stringify(present) };
      },
    };
  }

  private readTariff(row: ChangeRow): PushItem | undefined {
    const tariff = this.tariffs.get(row.object.split('/')[2] ?? '');
    return tariff && { path: `/${row.object}`, body: JSON.stringify(tariff) };
  }

  private setEvse(location: ModelLocation, evse: ModelEvse): void {
    const others = location.evses.filter((one) => one.uid !== evse.uid);
    const evses = [...others, evse].sort((a, b) => (a.uid < b.uid ? -1 : 1));
    this.locations.set(location.id, { ...location, stamp: Math.max(location.stamp, evse.stamp), evses });
  }

  private record(
    module: 'locations' | 'tariffs',
    object: string,
    laneKey: string,
    kind: ChangeKind,
    patch?: string,
  ): string {
    const effects: (() => void)[] = [];
    const tx = {
      db: this.db,
      judge: <T>(decide: () => T) => decide(),
      afterCommit: (effect: () => void) => effects.push(effect),
    };
    const correlationId = `c${this.stamp}`;
    const change = { module, object, laneKey, owner, kind, correlationId, recordedAt: this.now() };
    this.changes.record(tx, patch === undefined ? change : { ...change, patch });
    for (const effect of effects) effect();
    return object;
  }
}
