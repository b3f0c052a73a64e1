import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import type { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { report, until, World } from '../support/e2e/index.js';
import { Journal } from '../support/e2e/journal.js';
import { Writers } from '../support/e2e/writers.js';
import { describeUnless } from '../support/services/index.js';

const prlimit = ['/usr/bin/prlimit', '/bin/prlimit'].find((file) => existsSync(file));

describeUnless(prlimit ? undefined : 'prlimit is not here', 'a disk that takes nothing more (P9)', () => {
  const journal = new Journal();
  let world: World;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;

  beforeAll(async () => {
    world = await World.start();
    cpo = await world.cpo('DE/CP1', { pushOnly: true });
    cpo.generate(24);
    emsp = await world.emsp('NL/EM1');
    await world.join(cpo, emsp);
    await cpo.putAll();
    for (const entry of cpo.catalogue.list('locations'))
      journal.known(cpo.catalogue.keyOf(entry).replace('locations/', ''), entry.text);
  });

  afterAll(() => world.close());

  /** No file of the hub may grow beyond this; to the program it is a full disk. */
  const limitFiles = (bytes: number | 'unlimited'): void => {
    execFileSync(prlimit ?? '', ['--pid', String(world.hub.pid), `--fsize=${bytes}:unlimited`]);
  };

  const ready = async (): Promise<number> => (await world.hub.ready()).status;

  it('costs refusals, but no promise', async () => {
    const writers = new Writers(cpo, journal, 'disk');
    writers.start();
    await until('there is load', () => journal.count('ok') > 100);
    // Less than file and log have already: neither can grow, nor can the log be folded into the file.
    limitFiles(16 * 1024);
    await until(
      'writes are refused',
      () => (writers.refusals['503/3000 The hub cannot store at the moment.'] ?? 0) > 20,
    );
    await until('the hub says that it is not ready', async () => (await ready()) === 503);
    const acks = journal.count('ok');
    limitFiles('unlimited');
    const startedAt = performance.now();
    await until('writes are taken again', () => journal.count('ok') > acks + 50);
    report(
      `writes again ${Math.round(performance.now() - startedAt)} ms after there was room; ${JSON.stringify(writers.refusals)}`,
    );
    await until('the hub is ready again', async () => (await ready()) === 200);
    await writers.stop();
    expect(writers.broken).toEqual({});
    // Nothing was said but "not now".
    expect(Object.keys(writers.refusals)).toEqual(['503/3000 The hub cannot store at the moment.']);
    expect(journal.judge((await world.list(emsp)).texts)).toEqual([]);
    await world.converged([emsp]);
  });

  it('leaves a database that is whole, also after a crash', async () => {
    await world.hub.kill();
    const db = new Database(path.join(world.hub.dataDir, 'roamhub.sqlite'));
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
    await world.hub.start();
    expect(journal.judge((await world.list(emsp)).texts)).toEqual([]);
    expect((await world.hub.admin.audit()).chain).toEqual({ intact: true, first_broken: null });
  });
});
