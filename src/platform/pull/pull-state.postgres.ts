import { heldTurn, type SharedDatabase } from '../partners/index.js';
import type { PullTurn } from './pull-schedule.js';
import { type PullState, type PullStateStore, TurnLost } from './pull-state.js';

const put = `INSERT INTO pull_state (partner, module, party, state)
  SELECT $1, $2, $3, $4 WHERE EXISTS (${heldTurn('$5', '$6')})
  ON CONFLICT (partner, module, party) DO UPDATE SET state = excluded.state RETURNING partner`;

/** Pull states in PostgreSQL, read anew each time: another node may have written them. */
export class PostgresPullStateStore implements PullStateStore {
  constructor(private readonly shared: SharedDatabase) {}

  async all(): Promise<readonly PullState[]> {
    return this.read('SELECT state FROM pull_state ORDER BY partner, module, party', []);
  }

  async get(partner: string, module: string, party: string): Promise<PullState | undefined> {
    const one = 'SELECT state FROM pull_state WHERE partner = $1 AND module = $2 AND party = $3';
    return (await this.read(one, [partner, module, party]))[0];
  }

  async put(state: PullState, turn: PullTurn): Promise<void> {
    const { partner, module, party } = state;
    const values = [partner, module, party, JSON.stringify(state), turn.name, turn.holder];
    const { rows } = await this.shared.query(put, values);
    // A node that stood still wakes up and finds another one about its work.
    if (rows.length === 0) throw new TurnLost();
  }

  private async read(sql: string, values: readonly unknown[]): Promise<PullState[]> {
    const { rows } = await this.shared.query<{ state: string }>(sql, values);
    return rows.map((row) => JSON.parse(row.state) as PullState);
  }
}
