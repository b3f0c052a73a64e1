import type { DurableRows } from '../../../platform/forwarding/index.js';
import { packJson, unpackJson } from './packed-text.js';

/** Tables of this form: owner, day, version, data. */
export type DayTable = 'ev_history' | 'ev_session_day';

/** Which state of which day. */
export interface DayVersion {
  /** Party key. */
  readonly owner: string;
  /** Days since 1970. */
  readonly day: number;
  readonly version: number;
}

interface Row {
  readonly version: number | string;
  readonly data: string;
}

/** What is kept of each owner and day, as one packed value in the hub's own database. */
export class DayRows {
  constructor(
    private readonly rows: DurableRows,
    private readonly table: DayTable,
  ) {}

  /** The rows from a day on, oldest first; of one owner, or of all. */
  async versions(first: number, owner?: string): Promise<readonly DayVersion[]> {
    const found = await this.rows.run<Record<'owner' | 'day' | 'version', string>>(
      `SELECT owner, day, version FROM ${this.table} WHERE day >= $1 AND ($2 = '' OR owner = $2) ORDER BY day`,
      [first, owner ?? ''],
    );
    return found.map((row) => ({ owner: row.owner, day: Number(row.day), version: Number(row.version) }));
  }

  /** The value of a day; undefined: there is none. */
  async read(owner: string, day: number): Promise<unknown> {
    const row = await this.row(owner, day);
    return row && unpackJson(row.data);
  }

  /**
   * Replaces a value by what `make` makes of it, all of it or nothing, whatever other nodes do meanwhile: `make` is called again if
   * one of them was quicker.
   *
   * @param make undefined: it stays as it is
   */
  async change(owner: string, day: number, make: (known: unknown) => unknown): Promise<void> {
    for (;;) {
      const row = await this.row(owner, day);
      const value = make(row && (await unpackJson(row.data)));
      if (value === undefined) return;
      const data = await packJson(value);
      const written = row
        ? await this.rows.run(
            `UPDATE ${this.table} SET data = $3, version = version + 1 WHERE owner = $1 AND day = $2 AND version = $4 RETURNING version`,
            [owner, day, data, Number(row.version)],
          )
        : await this.rows.run(
            `INSERT INTO ${this.table} (owner, day, version, data) VALUES ($1, $2, 1, $3) ON CONFLICT (owner, day) DO NOTHING RETURNING version`,
            [owner, day, data],
          );
      if (written.length > 0) return;
    }
  }

  /** Forgets days before `first`; of one owner, or of all. */
  async prune(first: number, owner?: string): Promise<void> {
    await this.rows.run(`DELETE FROM ${this.table} WHERE day < $1 AND ($2 = '' OR owner = $2)`, [first, owner ?? '']);
  }

  private async row(owner: string, day: number): Promise<Row | undefined> {
    const [row] = await this.rows.run<Row>(`SELECT version, data FROM ${this.table} WHERE owner = $1 AND day = $2`, [
      owner,
      day,
    ]);
    return row;
  }
}
