import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { CountingWriters } from '../support/e2e/counting-writers.js';
import { HubProcess, report, until, World } from '../support/e2e/index.js';
import { FailingDisk, noDisks, SmallDisk } from '../support/e2e/small-disk.js';
import { describeUnless } from '../support/services/index.js';

const refusal = '503/3000 The hub cannot store at the moment.';
const recoveryMs = 10_000;

describeUnless(noDisks(), 'a file system that fails under a hub that runs (P9)', () => {
  let world: World;
  let writers: CountingWriters;
  let removeDisk = (): void => undefined;

  const ready = async (): Promise<number> => (await world.hub.ready()).status;

  /** A hub whose data directory is a file system of its own, and a CPO that writes. */
  const startOn = async <D extends { remove(): void }>(mount: (directory: string) => D): Promise<D> => {
    const hub = await HubProcess.prepare();
    const disk = mount(hub.dataDir);
    removeDisk = () => disk.remove();
    await hub.start();
    world = new World(hub);
    const cpo = await world.cpo('DE/CP1', { pushOnly: true });
    await world.join(cpo);
    writers = new CountingWriters(cpo);
    return disk;
  };

  /** Lets the fault begin under load, and waits until the hub says so. */
  const strike = async (begin: () => void): Promise<void> => {
    writers.start();
    await until('there is load', () => writers.acknowledged > 100);
    begin();
    await until('writes are refused', () => writers.refused > 20);
    await until('the hub says that it is not ready', async () => (await ready()) === 503);
  };

  /** Lets the fault end, and waits until the hub is as before. */
  const mend = async (what: string, end: () => void): Promise<void> => {
    const before = writers.acknowledged;
    end();
    const startedAt = performance.now();
    await until('the hub is ready again', async () => (await ready()) === 200, { deadlineMs: recoveryMs });
    await until('writes are taken again', () => writers.acknowledged > before + 50);
    const { refused, acknowledged } = writers;
    const ms = Math.round(performance.now() - startedAt);
    report(`${what}: writes again ${ms} ms after it ended; ${acknowledged} acknowledged, ${refused} refused`);
    await writers.stop();
    expect(Object.keys(writers.refusals)).toEqual([refusal]);
  };

  /** Tariffs that a database file does not hold as they were acknowledged, and what is wrong with it. */
  const faultsOf = (file: string): string[] => {
    const db = new Database(file);
    try {
      const read = db.prepare('SELECT document FROM tariff WHERE tariff_key = ?').pluck();
      const whole = String(db.pragma('integrity_check', { simple: true }));
      return [...(whole === 'ok' ? [] : [whole]), ...writers.lost((id) => read.get(id) as string | undefined)];
    } finally {
      db.close();
    }
  };

  const file = (): string => path.join(world.hub.dataDir, 'roamhub.sqlite');

  afterEach(async () => {
    await writers.stop();
    await world.hub.kill();
    removeDisk();
    await world.close();
  });

  it('loses nothing where a flush fails and the next one succeeds', async () => {
    const disk = await startOn(FailingDisk.mount);
    const copies = mkdtempSync(path.join(os.tmpdir(), 'roamhub-power-'));
    /** What a loss of power at this moment would leave. */
    const afterPowerLoss = (name: string): string[] => {
      const copy = path.join(copies, name);
      for (const end of ['', '-wal']) disk.copyOfDurable(`roamhub.sqlite${end}`, `${copy}${end}`);
      return faultsOf(copy);
    };
    try {
      await strike(() => disk.fail());
      const { acknowledged, refused } = writers;
      await until('many are refused', () => writers.refused > refused + 200);
      expect(writers.acknowledged).toBe(acknowledged);
      expect(afterPowerLoss('while-it-fails')).toEqual([]);
      await mend('failed flush', () => disk.mend());
      await world.hub.kill();
      expect(afterPowerLoss('afterwards')).toEqual([]);
      expect(faultsOf(file())).toEqual([]);
    } finally {
      rmSync(copies, { recursive: true });
    }
  });

  it('loses nothing where it is full', async () => {
    const disk = await startOn((directory) => SmallDisk.mount(directory, 160));
    await strike(() => disk.fill());
    await mend('full file system', () => disk.relieve());
    await world.hub.kill();
    expect(faultsOf(file())).toEqual([]);
  });

  it('goes on by itself where its own log takes the room', async () => {
    await startOn((directory) => SmallDisk.mount(directory, 5));
    // So that all pages have their room in the file: none is left for a page that is new to it.
    writers.start();
    await until('every Tariff is stored', () => writers.acknowledged > 100);
    await writers.stop();
    await world.hub.terminate();
    await world.hub.start();
    writers.start();
    await until('writes are refused', () => writers.refused > 20, { deadlineMs: 30_000 });
    const { acknowledged } = writers;
    await until('writes are taken again', () => writers.acknowledged > acknowledged + 50);
    await writers.stop();
    await world.hub.kill();
    expect(faultsOf(file())).toEqual([]);
  });

  it('loses nothing where the files cannot be written any more', async () => {
    await startOn(FailingDisk.mount);
    const chattr = (flag: '+i' | '-i'): void => {
      const files = ['', '-wal'].map((end) => file() + end).filter((name) => existsSync(name));
      execFileSync('chattr', [flag, ...files]);
    };
    await strike(() => chattr('+i'));
    await mend('read-only files', () => chattr('-i'));
    await world.hub.kill();
    expect(faultsOf(file())).toEqual([]);
  });

  it('stops in good order while it cannot write, and the next start finds everything', async () => {
    const disk = await startOn((directory) => SmallDisk.mount(directory, 16));
    await strike(() => disk.fill());
    await writers.stop();
    expect(await world.hub.terminate()).toMatchObject({ code: 0 });
    disk.relieve();
    await world.hub.start();
    await world.hub.kill();
    expect(faultsOf(file())).toEqual([]);
  });
});
