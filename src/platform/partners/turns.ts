import { randomUUID } from 'node:crypto';
import { databaseNow, type SharedDatabase } from './shared-database.js';

/** A turn that somebody has. */
export interface Turn {
  readonly name: string;
  /** Of this turn and no other, to guard writes by. */
  readonly holder: string;
  /** Aborts when the turn is lost, because it could not be renewed in time. */
  readonly signal: AbortSignal;
}

/** Work that one node at a time does, under a name. */
export interface Turns {
  /** Does the work unless somebody else is about work of that name: then undefined. */
  run<T>(name: string, work: (turn: Turn) => Promise<T>): Promise<{ readonly result: T } | undefined>;
}

/** Where one process owns the database: everybody has the turn, as the process itself sees to it that nobody runs twice. */
export const ownTurns: Turns = {
  run: async (name, work) => ({ result: await work({ name, holder: '', signal: new AbortController().signal }) }),
};

/** What a node that dies had begun is free again after so long. */
const defaultLeaseMs = 10_000;

const take = `INSERT INTO node_turn (name, holder, held_until) VALUES ($1, $2, ${databaseNow} + $3::bigint)
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
  WHERE node_turn.held_until <= ${databaseNow} RETURNING name`;
const renew = `UPDATE node_turn SET held_until = ${databaseNow} + $3::bigint
  WHERE name = $1 AND holder = $2 RETURNING name`;
const giveBack = 'DELETE FROM node_turn WHERE name = $1 AND holder = $2';

/** Part of a statement: the row of a turn, if its holder still has it; nobody can take it before the statement has ended. */
export const heldTurn = (name: string, holder: string): string =>
  `SELECT 1 FROM node_turn WHERE node_turn.name = ${name} AND holder = ${holder} AND held_until > ${databaseNow} FOR SHARE`;

/** Turns over all nodes on one database: leases by its clock, renewed while the work goes on, given back at its end. */
export class SharedTurns implements Turns {
  constructor(
    private readonly shared: SharedDatabase,
    private readonly leaseMs = defaultLeaseMs,
  ) {}

  async run<T>(name: string, work: (turn: Turn) => Promise<T>): Promise<{ readonly result: T } | undefined> {
    const holder = randomUUID();
    const taken = await this.shared.query(take, [name, holder, this.leaseMs]);
    if (taken.rows.length === 0) return undefined;
    const lost = new AbortController();
    const end = this.keep(name, holder, () => lost.abort());
    try {
      return { result: await work({ name, holder, signal: lost.signal }) };
    } finally {
      end();
      // If that fails the lease runs out.
      await this.shared.query(giveBack, [name, holder]).catch(() => undefined);
    }
  }

  /** Renews every third of the lease. Lost is what somebody else has, or what could not be renewed for a whole lease. */
  private keep(name: string, holder: string, onLost: () => void): () => void {
    let good = performance.now();
    const timer = setInterval(() => {
      const asked = performance.now();
      this.shared.query(renew, [name, holder, this.leaseMs]).then(
        ({ rows }) => {
          if (rows.length > 0) good = asked;
          else onLost();
        },
        () => undefined,
      );
      if (asked - good >= this.leaseMs) onLost();
    }, this.leaseMs / 3);
    timer.unref();
    return () => clearInterval(timer);
  }
}
