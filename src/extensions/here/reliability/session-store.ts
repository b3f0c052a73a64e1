import type { DurableRows } from '../../../platform/forwarding/index.js';
import { packJson, unpackJson } from '../store/packed-text.js';

/** What is kept of a session: its place, EVSE, connector, end (ms; 0: it goes on), whether it was successful, whether it is sealed. */
export type SessionRow = readonly [
  placeId: string,
  evseUid: string,
  connectorId: string,
  end: number,
  successful: boolean,
  sealed: boolean,
];

/** Sessions that began on one UTC day at one owner's EVSEs, by name. */
export type SessionDay = Map<string, SessionRow>;

/** Which state of which day. */
export interface DayVersion {
  readonly owner: string;
  /** Days since 1970, UTC. */
  readonly day: number;
  readonly version: number;
}

interface Row {
  readonly version: number | string;
  readonly data: string;
}

/**
 * Sessions of the last weeks in the hub's own database: a row for each owner and day. A session has a name, so that hearing of it
 * again, from a CDR or at another node, does not count it twice.
 */
export class SessionStore {
  constructor(private readonly rows: DurableRows) {}

  /** What is kept of the days from `first` on. */
  async versions(first: number): Promise<readonly DayVersion[]> {
    const rows = await this.rows.run<{ owner: string; day: number | string; version: number | string }>(
      'SELECT owner, day, version FROM ev_session_day WHERE day >= $1 ORDER BY day',
      [first],
    );
    return rows.map(({ owner, day, version }) => ({ owner, day: Number(day), version: Number(version) }));
  }

  async read(owner: string, day: number): Promise<SessionDay> {
    const row = await this.row(owner, day);
    return row ? dayOf(row) : new Map();
  }

  /** Adds sessions; what is sealed stays as it is. */
  async merge(owner: string, day: number, sessions: SessionDay): Promise<void> {
    for (;;) {
      const row = await this.row(owner, day);
      const merged = row ? await dayOf(row) : (new Map() as SessionDay);
      let changed = false;
      for (const [name, session] of sessions) {
        const known = merged.get(name);
        // What is over does not go on again, and a CDR is the last word.
        if (known && (known[5] || (known[3] > 0 && session[3] === 0) || known.join() === session.join())) continue;
        merged.set(name, session);
        changed = true;
      }
      if (!changed) return;
      const data = await packJson([...merged]);
      const written = row
        ? await this.rows.run(
            'UPDATE ev_session_day SET data = $3, version = version + 1 WHERE owner = $1 AND day = $2 AND version = $4 RETURNING version',
            [owner, day, data, Number(row.version)],
          )
        : await this.rows.run(
            'INSERT INTO ev_session_day (owner, day, version, data) VALUES ($1, $2, 1, $3) ON CONFLICT (owner, day) DO NOTHING RETURNING version',
            [owner, day, data],
          );
      // Another node was quicker: its part is taken in as well.
      if (written.length > 0) return;
    }
  }

  /** Forgets days before `first`. */
  async prune(first: number): Promise<void> {
    await this.rows.run('DELETE FROM ev_session_day WHERE day < $1', [first]);
  }

  private async row(owner: string, day: number): Promise<Row | undefined> {
    const [row] = await this.rows.run<Row>('SELECT version, data FROM ev_session_day WHERE owner = $1 AND day = $2', [
      owner,
      day,
    ]);
    return row;
  }
}

const dayOf = async (row: Row): Promise<SessionDay> =>
  new Map((await unpackJson(row.data)) as readonly [string, SessionRow][]);
