import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import type { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { HubProcess, report, runProgram, until, World } from '../support/e2e/index.js';
import { Journal } from '../support/e2e/journal.js';
import { Writers } from '../support/e2e/writers.js';

const evsesPer = 11;

describe('a hub that is stopped under load (P11)', () => {
  const journal = new Journal();
  let world: World;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;

  beforeAll(async () => {
    world = await World.start({ env: { ROAMHUB_STOP_GRACE_SECONDS: '1' } });
    cpo = await world.cpo('DE/CP1', { pushOnly: true });
    cpo.generate(40);
    emsp = await world.emsp('NL/EM1');
    await world.join(cpo, emsp);
    await cpo.putAll();
    for (const entry of cpo.catalogue.list('locations'))
      journal.known(cpo.catalogue.keyOf(entry).replace('locations/', ''), entry.text);
  });

  afterAll(() => world.close());

  it.each(['until it says that it stops', 'without end'])(
    'breaks no request of writers that go on %s',
    async (load) => {
      const writers = new Writers(cpo, journal, `stop/${load}`);
      const before = journal.count('ok');
      writers.start();
      await until('there is load', () => journal.count('ok') > before + 200);
      const stopping = world.hub.terminate();
      await until('the hub says so', async () => (await world.hub.ready()).status === 503, { everyMs: 5 });
      if (load !== 'without end') await writers.stop();
      const { code, signal, ms } = await stopping;
      await writers.stop();
      report(`stopped in ${Math.round(ms)} ms, ${journal.count('ok')} acks, ${JSON.stringify(writers.refusals)}`);
      expect({ code, signal }).toEqual({ code: 0, signal: null });
      if (load !== 'without end') expect(writers.broken).toEqual({});
      // A connection that was not accepted any more is reset by the system; its request was never seen by the hub.
      expect(Object.keys(writers.broken)).toEqual(writers.broken.ECONNRESET === undefined ? [] : ['ECONNRESET']);
      for (const entry of journal.entries) if (entry.outcome === 'unknown') journal.settle(entry, 'fail');
      expect(ms).toBeLessThan(5_000);
      await world.hub.start();
      expect(journal.judge((await world.list(emsp)).texts)).toEqual([]);
      await world.converged([emsp]);
    },
  );

  it('sends nothing twice for it', () => {
    expect(emsp.receiver.receipts.duplicates).toBe(0);
    expect(emsp.receiver.receipts.firstRegressions).toEqual([]);
  });

  it('stops in order also when it is told so while it starts', async () => {
    await world.hub.terminate();
    world.hub.launch();
    await until('it has begun', () => world.hub.output.split('hub.stopped').at(-1)?.includes('hub.configured'));
    const { code, signal } = await world.hub.terminate();
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    await world.hub.start();
  });

  it('ends at once at a second signal', async () => {
    const stopping = world.hub.terminate();
    await until('the stop has begun', async () => (await world.hub.ready()).status === 503, { everyMs: 5 });
    world.hub.signal('SIGTERM');
    const { code, ms } = await stopping;
    expect(code).toBe(1);
    expect(ms).toBeLessThan(1_000);
    await world.hub.start();
    expect(journal.judge((await world.list(emsp)).texts)).toEqual([]);
  });
});

describe('a start that is refused', () => {
  let hub: HubProcess;

  beforeAll(async () => {
    hub = await HubProcess.prepare();
  });

  afterAll(() => hub.remove());

  /** Starts a hub that must not start; what it says to the operator. */
  const refused = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const { code, signal, stdout, stderr } = await runProgram('main.js', [], { ...hub.settings, ...env });
    expect({ code, signal }).toEqual({ code: 2, signal: null });
    // Plain sentences for a person: no stack, no JSON, nothing of Node.js.
    expect(stderr).toMatch(/^(roamhub: [A-Z/].*[.]\n)+$/);
    expect(stderr).not.toMatch(/\n {4}at |Error:|\{"/);
    expect(stdout).not.toMatch(/hub\.started/);
    return stderr;
  };

  it('names every setting that is wrong', async () => {
    const said = await refused({
      ROAMHUB_PORT: 'http',
      ROAMHUB_COUNTRY_CODE: 'Holland',
      ROAMHUB_REDIS_URL: 'localhost',
    });
    for (const name of ['ROAMHUB_PORT', 'ROAMHUB_COUNTRY_CODE', 'ROAMHUB_REDIS_URL']) expect(said).toContain(name);
    expect(said.trim().split('\n')).toHaveLength(3);
  });

  it.each([
    ['a config file that is not there', { ROAMHUB_CONFIG: '/nonexistent/roamhub.json' }],
    ['a database that this release does not know', { ROAMHUB_DATABASE_URL: 'mysql://localhost/roamhub' }],
    ['contradictions', { ROAMHUB_ADMIN_PORT: '20001', ROAMHUB_PORT: '20001' }],
    ['a hub split in two over one file', { ROAMHUB_ROLE: 'api' }],
    ['no key outside development', { ROAMHUB_DEVELOPMENT: 'false', ROAMHUB_PUBLIC_URL: 'https://hub.example.com' }],
    ['a key file that is not there', { ROAMHUB_SECRET_KEY_FILE: '/nonexistent/keys.json' }],
    ['a data directory that cannot be', { ROAMHUB_DATA_DIR: '/dev/null/data' }],
    ['a config file that is no JSON', { ROAMHUB_CONFIG: path.resolve('README.md') }],
    // The last one: a development hub makes its key file before it looks for the database.
    ['a PostgreSQL that is not there', { ROAMHUB_DATABASE_URL: 'postgres://user:secret@127.0.0.1:9/roamhub' }],
  ])('says one sentence about %s', async (_what, env) => {
    const said = await refused(env);
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(said).not.toContain('secret@');
  });

  it('does not touch a file that is no database', async () => {
    const folder = path.join(hub.dataDir, 'other');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'roamhub.sqlite'), 'This is a shopping list, not a database.'.repeat(500));
    await refused({ ROAMHUB_DATA_DIR: folder });
  });

  it('leaves a database of a newer release alone', async () => {
    await hub.start();
    await hub.terminate();
    const db = new Database(path.join(hub.dataDir, 'roamhub.sqlite'));
    db.exec("INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Future9999999999999')");
    db.close();
    expect(await refused({})).toMatch(/newer release/);
    const again = new Database(path.join(hub.dataDir, 'roamhub.sqlite'));
    again.exec("DELETE FROM migrations WHERE name = 'Future9999999999999'");
    again.close();
  });

  it('leaves the data of a running hub to that one', async () => {
    await hub.start();
    const said = await refused({ ROAMHUB_PORT: '0', ROAMHUB_ADMIN_PORT: '0' });
    expect(said).toMatch(/in use by another hub process/);
    expect((await hub.ready()).status).toBe(200);
  });

  it('says whose port is taken', async () => {
    const said = await refused({ ROAMHUB_DATA_DIR: path.join(hub.dataDir, 'second') });
    expect(said).toMatch(/Port \d+ .* in use/);
    const admin = await refused({ ROAMHUB_DATA_DIR: path.join(hub.dataDir, 'third'), ROAMHUB_PORT: '0' });
    expect(admin).toMatch(/Port \d+ .* in use/);
    await hub.terminate();
  });
});

describe('a hub with many EVSEs (P12)', () => {
  const places = 2_000;
  let world: World;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;

  beforeAll(async () => {
    world = await World.start();
    cpo = await world.cpo('DE/CP1', { pushOnly: true });
    for (let n = 0; n < places; n++) cpo.catalogue.add('locations', big(n));
    emsp = await world.emsp('NL/EM1');
    await world.join(cpo);
    const { accepted, refusals } = await cpo.putAll({ concurrency: 32 });
    expect({ accepted, refusals }).toEqual({ accepted: places, refusals: {} });
    await world.join(emsp);
  });

  afterAll(() => world.close());

  it('listens within 3 s of a crash, and pushes within 5 s', async () => {
    expect(cpo.countEvses()).toBeGreaterThan(20_000);
    await world.hub.kill();
    const ms = await world.hub.start();
    const { patch, put } = emsp.receiver.receipts;
    await cpo.runStream({ rate: 50, count: 10 });
    await until('a push has come', () => emsp.receiver.receipts.patch + emsp.receiver.receipts.put > patch + put, {
      deadlineMs: 5_000,
    });
    report(`${places * evsesPer} EVSEs stored: ready ${Math.round(ms)} ms after the start`);
    expect(ms).toBeLessThan(3_000);
  });
});

function big(n: number): string {
  const last_updated = '2026-01-01T00:00:00Z';
  const connectors = [
    {
      id: '1',
      standard: 'IEC_62196_T2',
      format: 'SOCKET',
      power_type: 'AC_3_PHASE',
      max_voltage: 230,
      max_amperage: 16,
      last_updated,
    },
  ];
  const evses = Array.from({ length: evsesPer }, (_, index) => ({
    uid: `E${n}-${index}`,
    status: 'AVAILABLE',
    connectors,
    last_updated,
  }));
  const coordinates = { latitude: '50.93753', longitude: '6.96028' };
  const place = {
    publish: true,
    address: 'Weg 1',
    city: 'Ulm',
    country: 'DEU',
    coordinates,
    time_zone: 'Europe/Berlin',
  };
  return JSON.stringify({ country_code: 'DE', party_id: 'CP1', id: `BIG${n}`, ...place, evses, last_updated });
}
