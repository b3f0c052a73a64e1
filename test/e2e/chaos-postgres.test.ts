import { it } from '@jest/globals';
import { shortRun } from '../chaos/framework/short-run.js';
import { describeWithPostgres } from '../support/services/index.js';

const several = { stack: 'postgres', nodes: 3 } as const;

// Each scenario has a PostgreSQL and a Redis of its own, which it harms.
describeWithPostgres('the chaos bench, in short, on three nodes', () => {
  it.each([
    ['loses nothing when nodes are killed', 'kills', { kills: 4 }],
    ['does not lie when the database is away', 'database', {}],
    ['hands lanes over from dead and frozen nodes', 'takeover', { partners: 3 }],
    ['registers once, whatever happens in between', 'handshake', {}],
    ['lets the newest update win', 'stale', { rounds: 2 }],
  ])('%s', (_what, name, options) => shortRun(name, { ...several, ...options }));
});
