import type { SqliteStorage } from '../storage/index.js';
import type { PullTurn } from './pull-schedule.js';

/** How far the hub got with reading one list of one party; what the operator sees as progress. */
export interface PullState {
  readonly partner: string;
  readonly module: string;
  /** Party key, `DE/CP1`. */
  readonly party: string;
  readonly phase: 'running' | 'complete' | 'stopped';
  /** Whether this crawl reads everything (and so replaces), or only what changed since `dateFrom`. */
  readonly full: boolean;
  /** ms since the epoch; with a partial crawl */
  readonly dateFrom?: number;
  /** ms since the epoch */
  readonly startedAt: number;
  /** ms since the epoch */
  readonly finishedAt?: number;
  /** When the last crawl that ended well began: what the next partial one starts from. ms since the epoch */
  readonly goodSince?: number;
  /** When the last full crawl that ended well began. ms since the epoch */
  readonly fullSince?: number;
  /** Where to go on after an interruption. */
  readonly nextUrl?: string;
  readonly pages: number;
  /** As the partner counts them. */
  readonly totalCount?: number;
  readonly stored: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Objects of an owner that is no party of the partner; dropped. */
  readonly foreign: number;
  readonly removed: number;
  /** Why objects were refused, the most frequent first; at most twenty reasons. */
  readonly refusals?: readonly PullRefusal[];
  /** Why a crawl stopped or did not replace, in one sentence. */
  readonly note?: string;
}

/** One reason for which objects of a list were refused. */
export interface PullRefusal {
  /** With `*` for places in lists. */
  readonly reason: string;
  readonly count: number;
  /** Id of one of them; empty if it has none. */
  readonly sample: string;
}

type Awaitable<T> = T | Promise<T>;

/** Another node has taken over the partner whose state was to be written; nothing was. */
export class TurnLost extends Error {
  constructor() {
    super('Another node pulls this partner now.');
    this.name = 'TurnLost';
  }
}

/** Remembers pull states over restarts. */
export interface PullStateStore {
  all(): Awaitable<readonly PullState[]>;
  get(partner: string, module: string, party: string): Awaitable<PullState | undefined>;
  /** @throws TurnLost */
  put(state: PullState, turn: PullTurn): Promise<void>;
}

export class SqlitePullStateStore implements PullStateStore {
  private readonly states = new Map<string, PullState>();

  constructor(private readonly storage: SqliteStorage) {
    const rows = storage.reader.prepare('SELECT state FROM pull_state').all() as { state: string }[];
    for (const row of rows) this.remember(JSON.parse(row.state) as PullState);
  }

  all(): readonly PullState[] {
    return [...this.states.values()];
  }

  get(partner: string, module: string, party: string): PullState | undefined {
    return this.states.get(`${partner}|${module}|${party}`);
  }

  async put(state: PullState): Promise<void> {
    await this.storage.write(({ db }) =>
      db
        .prepare('INSERT OR REPLACE INTO pull_state (partner, module, party, state) VALUES (?, ?, ?, ?)')
        .run(state.partner, state.module, state.party, JSON.stringify(state)),
    );
    this.remember(state);
  }

  private remember(state: PullState): void {
    this.states.set(`${state.partner}|${state.module}|${state.party}`, state);
  }
}
