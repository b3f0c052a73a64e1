import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { until } from '../../support/e2e/until.js';
import type { Bench, Scenario } from '../framework/bench.js';
import { Scene } from '../framework/scene.js';
import { total } from '../framework/statistics.js';

/** A disk that takes nothing more: SQLite on a small file system of its own. */
export const storage: Scenario = {
  name: 'storage',
  about: 'SQLite on a disk that is full, then on one that is read-only (needs the right to mount); --rounds N',
  promises: ['P9', 'P1', 'P3'],
  async run(bench) {
    const { quick } = bench.options;
    const rounds = bench.options.rounds ?? (quick ? 2 : 10);
    const scene = await Scene.lay(bench, {
      partners: 3,
      cluster: { roles: ['all'] },
      beforeStart: ({ nodes }) => mountSmallDisk(bench, nodes[0]?.dataDir ?? ''),
    });
    const hub = scene.cluster.node(0);
    const { driver } = scene;
    const recoveries: number[] = [];
    let notReady = 0;
    for (let round = 0; round < rounds; round++) {
      await driver.begun();
      await delay(bench.random.int(100, 500));
      const ballast = path.join(hub.dataDir, 'ballast');
      const before = total(driver.refusals);
      await until(
        'writes are refused',
        () => {
          // What the hub frees meanwhile is taken too.
          fill(hub.dataDir, ballast);
          return total(driver.refusals) > before + 20;
        },
        { deadlineMs: 20_000 },
      );
      const said = async (): Promise<boolean> => {
        fill(hub.dataDir, ballast);
        return (await hub.ready()).status === 503;
      };
      notReady += await until('the hub says so', said, { deadlineMs: 5_000 }).then(
        () => 1,
        () => 0,
      );
      await delay(quick ? 500 : 3_000);
      rmSync(ballast, { force: true });
      const startedAt = performance.now();
      await driver.begun();
      recoveries.push(performance.now() - startedAt);
      await delay(200);
      await driver.pause();
      await scene.checkpoint();
    }
    const codes = Object.keys(driver.refusals);
    bench.figure('P9', 'acknowledged again after there was room', Math.max(...recoveries), { at_most: 10_000 }, 'ms');
    bench.figure('P9', `times that /ready said so, of ${rounds}`, notReady, { equals: rounds });
    bench.figure('P9', 'refusals', total(driver.refusals), { at_least: 20 * rounds }, '', codes.join('; '));
    bench.figure(
      'P9',
      'refusals other than 503/3000',
      codes.filter((code) => !code.startsWith('503/3000')).length,
      { equals: 0 },
      '',
      codes.join('; '),
    );
    bench.figure('P9', 'refusals without Retry-After', driver.withoutRetryAfter, { equals: 0 });
    bench.figure(
      'P9',
      'requests that were broken',
      total(driver.broken),
      { equals: 0 },
      '',
      JSON.stringify(driver.broken),
    );
    bench.figure('P3', 'partners equal after the last fault', await scene.converged(), { at_most: 5_000 }, 'ms');

    await hub.kill();
    const db = new Database(path.join(hub.dataDir, 'roamhub.sqlite'));
    bench.figure(
      'P9',
      'PRAGMA integrity_check is ok',
      db.pragma('integrity_check', { simple: true }) === 'ok' ? 1 : 0,
      { equals: 1 },
    );
    db.close();
    mount('-o', 'remount,ro', hub.dataDir);
    const { code } = await hub.launch().exited;
    const said = hub.output.trimEnd().split('\n').at(-1) ?? '';
    mount('-o', 'remount,rw', hub.dataDir);
    bench.figure('P9', 'exit code of a start on a read-only disk', code ?? -1, { equals: 2 }, '', said);
    await hub.start();
    await driver.begun();
    await driver.pause();
    await scene.converged();
    await scene.finish();
    const names = scene.partners.map(({ name }) => name);
    bench.charge({ journal: { promise: 'P9', acksAtLeast: rounds * 20 }, copies: names, order: names });
  },
};

/** @throws Error if this process may not mount */
function mountSmallDisk(bench: Bench, folder: string): void {
  mount('-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder);
  bench.own(() => execFileSync('umount', ['--lazy', folder]));
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Whether this process may mount file systems. */
export function mayMount(folder: string): boolean {
  try {
    mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  }
}

/** Takes all room but a few pages. */
function fill(folder: string, file: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail <= 2) return;
  try {
    writeFileSync(file, Buffer.alloc((bavail - 2) * bsize), { flag: 'a' });
  } catch {
    // The hub was faster.
  }
}
