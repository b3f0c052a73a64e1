import type { Clock } from '../../../kernel/clock.js';
import { ciKey, type PartyRef, partyKey } from '../../../kernel/party-ref.js';
import type { DurableRows } from '../durable-rows.js';

/**
 * What is remembered, and who `owner` and `party` are:
 *
 * - `session`: a Session of a CPO, and the eMSP of its `cdr_token`.
 * - `reservation`: a reservation of an eMSP, and the CPO that took it.
 * - `profile`: a Session of a CPO, and who set a charging profile for it.
 */
export type RouteKind = 'session' | 'reservation' | 'profile';

export interface RouteMemoryOptions {
  readonly rows: DurableRows;
  readonly clock: Clock;
  /** Told of what could not be noted; nothing is lost but a route. */
  readonly onTrouble: (error: unknown) => void;
}

/** 30 days */
const keptMs = 30 * 24 * 3_600_000;
/** What is learned again within this time is not written again. */
const freshMs = 3_600_000;
const mostFresh = 20_000;
const longestId = 100;

const upsert = `INSERT INTO route_memory (kind, id, owner, party, learned_at) VALUES ($1, $2, $3, $4, {now})
  ON CONFLICT (kind, id, owner) DO UPDATE SET party = excluded.party, learned_at = excluded.learned_at`;

/**
 * Which party an id belongs with, learned from messages that were passed on: so that a later message that names nobody finds its
 * receiver. Ids and parties only, nothing of the messages; for 30 days after
 * it was last learned.
 */
export class RouteMemory {
  /** What this process has written lately: key → party and when. */
  private readonly fresh = new Map<string, { readonly party: string; readonly at: number }>();
  private readonly writing = new Set<Promise<void>>();

  constructor(private readonly options: RouteMemoryOptions) {}

  /** Notes a route; not waited for, as a lost one costs no more than having to name the receiver. */
  learn(kind: RouteKind, owner: PartyRef, id: string, party: PartyRef): void {
    // OCPI's ids have 36 characters; longer ones would only fill memory and disk.
    if (id.length > longestId) return;
    const { rows, clock, onTrouble } = this.options;
    const values = [kind, ciKey(id), partyKey(owner), partyKey(party)] as const;
    const key = values.slice(0, 3).join(' ');
    const known = this.fresh.get(key);
    // A Session's eMSP stays the same; what the others lead to may have been changed through another node.
    if (kind === 'session' && known?.party === values[3] && clock.now() - known.at < freshMs) return;
    if (this.fresh.size >= mostFresh) this.fresh.clear();
    this.fresh.set(key, { party: values[3], at: clock.now() });
    const write = rows
      .note(upsert, values)
      .catch((error: unknown) => {
        this.fresh.delete(key);
        onTrouble(error);
      })
      .finally(() => this.writing.delete(write));
    this.writing.add(write);
  }

  /** Resolves when all that was learned so far is written. */
  async written(): Promise<void> {
    await Promise.all(this.writing);
  }

  /** The party that an owner's id belongs with. */
  async partyOf(kind: RouteKind, owner: PartyRef, id: string): Promise<PartyRef | undefined> {
    await this.written();
    const [row] = await this.options.rows.run<{ party: string }>(
      'SELECT party FROM route_memory WHERE kind = $1 AND id = $2 AND owner = $3',
      [kind, ciKey(id), partyKey(owner)],
    );
    return row && partyOf(row.party);
  }

  /** Whose an id is, of those that belong with `party`; of all if it is left out. */
  async ownersOf(kind: RouteKind, id: string, party?: PartyRef): Promise<readonly PartyRef[]> {
    await this.written();
    const found = await this.options.rows.run<{ owner: string }>(
      "SELECT owner FROM route_memory WHERE kind = $1 AND id = $2 AND ($3 = '' OR party = $3) ORDER BY owner LIMIT 10",
      [kind, ciKey(id), party === undefined ? '' : partyKey(party)],
    );
    return found.map((row) => partyOf(row.owner));
  }

  /** Takes out what nobody has needed for long. */
  async sweep(): Promise<void> {
    await this.options.rows.note('DELETE FROM route_memory WHERE learned_at < {now} - $1', [keptMs]);
  }
}

/** Two letters, a slash, and the rest. */
function partyOf(key: string): PartyRef {
  return { country_code: key.slice(0, 2), party_id: key.slice(3) };
}
