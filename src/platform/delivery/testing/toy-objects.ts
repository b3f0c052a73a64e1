import type { Database } from 'better-sqlite3';
import type { ModuleId } from '../../../kernel/module-id.js';
import { type ChangeKind, SqliteChangeLog } from '../../storage/index.js';
import type { PushItem, PushSource } from '../ports.js';

/** Objects of any module and owner over the real change sequence; what is written is committed at once. */
export class ToyObjects {
  readonly changes: SqliteChangeLog;
  readonly sources: readonly PushSource[];
  /** By module and object. */
  private readonly items = new Map<string, PushItem>();

  constructor(
    private readonly db: Database,
    private readonly now: () => number,
  ) {
    db.exec('DELETE FROM object_change');
    this.changes = new SqliteChangeLog(db, db);
    const modules: readonly ModuleId[] = ['locations', 'tariffs', 'tokens', 'hubclientinfo'];
    this.sources = modules.map((module) => ({
      module,
      read: async (row) => this.items.get(`${module}/${row.object}`),
    }));
  }

  /** @param path where it is not the object's name */
  put(module: ModuleId, object: string, content: unknown = {}, path = `/${object}`): void {
    this.items.set(`${module}/${object}`, { path, body: JSON.stringify(content) });
    this.record(module, object, 'PUT');
  }

  /** The whole becomes what was there with `patch` over it. */
  patch(module: ModuleId, object: string, patch: object): void {
    const before = this.items.get(`${module}/${object}`);
    if (!before) throw new Error(`there is no ${object}`);
    this.items.set(`${module}/${object}`, {
      ...before,
      body: JSON.stringify({ ...(JSON.parse(before.body) as object), ...patch }),
    });
    this.record(module, object, 'PATCH', JSON.stringify(patch));
  }

  remove(module: ModuleId, object: string): void {
    this.items.delete(`${module}/${object}`);
    this.record(module, object, 'DELETE');
  }

  private record(module: ModuleId, object: string, kind: ChangeKind, patch?: string): void {
    const effects: (() => void)[] = [];
    const tx = {
      db: this.db,
      judge: <T>(decide: () => T) => decide(),
      afterCommit: (effect: () => void) => effects.push(effect),
    };
    const owner = object.split('/').slice(0, 2).join('/');
    const change = { module, object, laneKey: object, owner, kind, correlationId: 'c', recordedAt: this.now() };
    this.changes.record(tx, patch === undefined ? change : { ...change, patch });
    for (const effect of effects) effect();
  }
}
