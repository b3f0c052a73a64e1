import type { DurableRows } from '../../../platform/forwarding/index.js';
import { DayRows, type DayVersion } from '../store/day-rows.js';

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

/**
 * Sessions of the last weeks in the hub's own database: a row for each owner and day. A session has a name, so that hearing of it
 * again, from a CDR or at another node, does not count it twice.
 */
export class SessionStore {
  private readonly days: DayRows;

  constructor(rows: DurableRows) {
    this.days = new DayRows(rows, 'ev_session_day');
  }

  /** What is kept of the days from `first` on. */
  versions(first: number): Promise<readonly DayVersion[]> {
    return this.days.versions(first);
  }

  async read(owner: string, day: number): Promise<SessionDay> {
    return sessionsOf(await this.days.read(owner, day));
  }

  /** Adds sessions; what is sealed stays as it is. */
  merge(owner: string, day: number, sessions: SessionDay): Promise<void> {
    return this.days.change(owner, day, (known) => {
      const merged = sessionsOf(known);
      let isNew = false;
      for (const [name, session] of sessions) {
        if (!replaces(session, merged.get(name))) continue;
        merged.set(name, session);
        isNew = true;
      }
      return isNew ? [...merged] : undefined;
    });
  }

  /** Forgets days before `first`. */
  prune(first: number): Promise<void> {
    return this.days.prune(first);
  }
}

/** What is over does not go on again, and a CDR is the last word. */
function replaces(session: SessionRow, known: SessionRow | undefined): boolean {
  if (!known) return true;
  const [, , , end, , sealed] = known;
  return !sealed && !(end > 0 && session[3] === 0) && known.join() !== session.join();
}

const sessionsOf = (value: unknown): SessionDay => new Map((value ?? []) as readonly [string, SessionRow][]);
