import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { shortRun } from '../chaos/framework/short-run.js';
import { scenarios } from '../chaos/scenarios/index.js';
import { mayMount } from '../chaos/scenarios/storage.js';
import { describeUnless } from '../support/services/index.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-chaos-mount-'));
const canMount = mayMount(folder);
rmSync(folder, { recursive: true, force: true });

describe('the chaos bench, in short, on SQLite', () => {
  it('finds what is made to be wrong', () => shortRun('controls'));

  it.each([
    ['loses nothing when it is killed', 'kills', { kills: 6 }],
    ['brings failing, silent and dead partners to its state', 'partners', { partners: 6, minutes: 0.08 }],
    ['collapses a burst for a partner that is away', 'burst', {}],
    ['does not need its Redis', 'redis', { minutes: 0.01 }],
    ['breaks nothing when it stops', 'stop', { rounds: 2 }],
    ['passes a command on once, whatever happens to it', 'forwards', {}],
    ['registers once, whatever happens in between', 'handshake', {}],
    ['lets the newest update win', 'stale', { rounds: 4 }],
    ['keeps what a partner refuses', 'parked', {}],
    ['gives out lists without gaps', 'paging', {}],
  ])('%s', (_what, name, options) => shortRun(name, options));

  it('knows its scenarios by name', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });
});

describeUnless(canMount ? undefined : 'no right to mount', 'the chaos bench, in short, on a small disk', () => {
  it('does not lie when the disk is full', () => shortRun('storage', { rounds: 1 }));
});
