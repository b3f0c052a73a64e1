import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AdminServer, AdminTokenCheck, createAdminApp, listenAdmin } from '../../src/admin/index.js';
import { FakeDesks, samplePartner } from '../../src/admin/testing/fake-desks.js';
import { runCli } from '../../src/cli/run-cli.js';
import { readTextFile } from '../../src/platform/config/index.js';
import { createEvents, createMetrics, silentLogger } from '../../src/platform/observability/index.js';
import { loadSecretKeys } from '../../src/platform/partners/index.js';

const token = 'operator-token-operator-token';
let desks = new FakeDesks();
let server: AdminServer;
let folder: string;

beforeAll(async () => {
  const metrics = createMetrics({ withProcess: false });
  const app = createAdminApp({
    ports: new Proxy(desks, { get: (_first, name) => Reflect.get(desks, name) }),
    token: new AdminTokenCheck(token),
    readiness: () => ({ ready: true, reasons: [], degraded: [] }),
    metrics,
    events: createEvents({ logger: silentLogger, metrics, clock: { now: () => 0 } }),
    pages: [],
    version: '1.2.3',
  });
  server = await listenAdmin(app, { host: '127.0.0.1', port: 0 });
  folder = mkdtempSync(path.join(tmpdir(), 'cli-'));
  writeFileSync(path.join(folder, 'admin-token'), `${token}\n`);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  desks = new FakeDesks();
});

/** Runs one command line as the shell would, in the environment of the hub. */
async function run(line: string, env: Record<string, string> = {}) {
  const out: string[] = [];
  const complaints: string[] = [];
  const code = await runCli(line.split(' '), {
    env: { ROAMHUB_ADMIN_URL: server.url, ROAMHUB_DATA_DIR: folder, ...env },
    readFile: readTextFile,
    cwd: folder,
    print: (text) => out.push(text),
    complain: (text) => complaints.push(text),
    version: '1.2.3',
  });
  return { code, out: out.join('\n'), complaints: complaints.join('\n') };
}

const asked = () => desks.calls.map(({ what, with: given }) => [what, given]);

describe('roamhub', () => {
  it('makes, lists and deletes invites', async () => {
    const made = await run(
      'invite create One --role de-cp1:cpo --role DE-CP2:CPO --origin https://a.example --expires-days 3',
    );
    expect(made).toMatchObject({ code: 0, complaints: '' });
    expect(made.out).toMatch(/Token A +token-a\n/);
    expect(asked()).toEqual([
      [
        'invites.create',
        {
          name: 'One',
          roles: [
            { country_code: 'DE', party_id: 'CP1', role: 'CPO' },
            { country_code: 'DE', party_id: 'CP2', role: 'CPO' },
          ],
          origins: ['https://a.example'],
          expiresInDays: 3,
        },
      ],
    ]);
    expect((await run('invite list')).out).toMatch(/^ID +NAME.*\ni1 +One +OPEN +DE-CP1:CPO, DE-CP2:CPO/);
    expect(await run('invite delete i1')).toMatchObject({ code: 0, out: 'Invite i1 is withdrawn.' });
    expect(await run('invite delete i9')).toEqual({ code: 1, out: '', complaints: 'There is no such invite.' });
  });

  it('registers with a partner, taking its token from a file', async () => {
    const file = path.join(folder, 'token-a');
    writeFileSync(file, 'their-token\n');
    const answer = await run(`register Them https://them.example/versions --partner-token-file ${file}`);
    expect([answer.code, answer.out]).toEqual([0, expect.stringContaining('CONNECTED')]);
    expect(asked()).toMatchObject([
      ['registrations.register', { token: 'their-token', versionsUrl: 'https://them.example/versions' }],
    ]);
    expect(await run('register Them https://them.example/versions')).toMatchObject({ code: 2 });
  });

  it('finds partners by id, name or party', async () => {
    for (const name of ['p1', 'de-cp1', 'DE-CP1'])
      expect((await run(`partner show ${name}`)).out).toContain('Partner p1');
    expect(await run('partner show nobody')).toMatchObject({
      code: 1,
      complaints: expect.stringContaining('no partner nobody'),
    });
    desks.stored.set('p2', samplePartner('p2'));
    expect(await run('partner show DE-CP1')).toMatchObject({ code: 1, complaints: expect.stringContaining('p1, p2') });
  });

  it('does to partners what it is told, and deletes only when that is said twice', async () => {
    expect((await run('partner list')).out).toMatch(/p1 +Partner p1 +CONNECTED +DE-CP1:CPO +12 locations, 3 tariffs/);
    for (const verb of ['suspend', 'resume', 'resync'])
      expect(await run(`partner ${verb} p1`)).toMatchObject({ code: 0 });
    expect((await run('partner pull p1 --changes-only')).out).toContain('100 of 1000');
    expect(await run('partner set p1 push=false auto_rotate_days=30 --name New')).toMatchObject({ code: 0 });
    expect(await run('partner set p1 push')).toMatchObject({ code: 2 });
    expect(await run('partner delete p1')).toMatchObject({ code: 2, complaints: expect.stringContaining('--yes') });
    expect(await run('partner delete p1 --yes')).toMatchObject({ code: 0 });
    expect(asked()).toEqual([
      ['partners.suspend', 'p1'],
      ['partners.resume', 'p1'],
      ['lanes.resync', 'p1'],
      ['pulls.start', { id: 'p1', request: { full: false } }],
      ['partners.change', 'p1'],
      ['partners.unregister', 'p1'],
    ]);
  });

  it('tells in one line why the hub could not do it', async () => {
    expect(await run('partner rotate p1')).toEqual({
      code: 1,
      out: '',
      complaints: 'The partner could not be reached. (unreachable)',
    });
    const wrong = await run('invite create One --role DE-CP1:BOSS --origin https://a.example/x');
    expect(wrong.complaints).toMatch(/^\/roles\/0\/role must be one of .*\. \/origins\/0 must be an origin.*\.$/);
  });

  it('shows lanes, pulls and parked objects, and replays them', async () => {
    expect((await run('lanes')).out).toMatch(/PARTNER .*\nPartner p1 +7 +9 +2 +0\.5 +closed +1 +1$/);
    expect((await run('pulls')).out).toContain('running');
    expect((await run('parked list --partner p1 --limit 3')).out).toContain('DE/CP1/LOC1');
    expect(await run('parked replay')).toMatchObject({ code: 2, complaints: 'Say which objects, or --all.' });
    expect(await run('parked replay --all')).toMatchObject({ code: 0, out: '1 objects are on their way.' });
    expect(await run('parked replay --partner de-cp1')).toMatchObject({ code: 0 });
    expect(asked()).toEqual([
      ['lanes.parked', { filter: { partnerId: 'p1' }, limit: 3 }],
      ['lanes.replay', {}],
      ['lanes.replay', { partnerId: 'p1' }],
    ]);
  });

  it('checks the audit record, and ends with 1 if it was tampered with (T26)', async () => {
    expect(await run('audit --limit 2')).toMatchObject({
      code: 0,
      out: expect.stringContaining('The record is whole'),
    });
    desks.brokenAt = 3;
    expect(await run('audit')).toMatchObject({ code: 1, complaints: expect.stringContaining('entry 3 does not fit') });
  });

  it('prints JSON as the hub gave it, for every kind of command', async () => {
    expect(JSON.parse((await run('lanes --json')).out)).toMatchObject([{ cursor: 7 }]);
    expect(JSON.parse((await run('quality --party DE-CP1 --json')).out)).toEqual({ total: 0, counts: [], samples: [] });
    expect(JSON.parse((await run('openapi')).out)).toMatchObject({ openapi: '3.1.0' });
  });

  it('says what is wrong when it cannot get at the hub', async () => {
    const closed = http.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const nobody = await run(`lanes --admin-url http://127.0.0.1:${port}`);
    expect([nobody.code, nobody.complaints]).toEqual([
      3,
      expect.stringMatching(/^No hub answers at http:.*ECONNREFUSED/),
    ]);
    expect(await run('lanes --token wrong')).toMatchObject({
      code: 4,
      complaints: 'The hub does not take this admin token.',
    });
    expect(await run('lanes', { ROAMHUB_DATA_DIR: `${folder}/none` })).toMatchObject({
      code: 4,
      complaints: expect.stringContaining('none/admin-token'),
    });
    expect(await run('lanes --admin-url ftp://x')).toMatchObject({ code: 2 });
    expect(await run('lanes', { ROAMHUB_ADMIN_PORT: 'x' })).toMatchObject({ code: 2 });
  });

  it('takes its token from the environment or a named file', async () => {
    const none = { ROAMHUB_DATA_DIR: `${folder}/none` };
    expect(await run('lanes', { ...none, ROAMHUB_ADMIN_TOKEN: token })).toMatchObject({ code: 0 });
    expect(await run(`lanes --token-file ${folder}/admin-token`, none)).toMatchObject({ code: 0 });
    expect(await run('lanes', { ...none, ROAMHUB_ADMIN_TOKEN_FILE: `${folder}/admin-token` })).toMatchObject({
      code: 0,
    });
  });

  it('explains itself, and ends with 2 when it is used wrongly', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, out: '1.2.3' });
    const help = await run('--help');
    expect(help.code).toBe(0);
    for (const name of ['start', 'invite', 'register', 'partner', 'lanes', 'parked', 'audit', 'quality', 'openapi'])
      expect(help.out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    for (const line of [
      'nonsense',
      'invite',
      'invite create One',
      'invite create One --role CP1',
      'parked list --limit x',
    ])
      expect([line, (await run(line)).code]).toEqual([line, 2]);
  });

  it('makes a secret key file that the hub takes, and overwrites none', async () => {
    const file = path.join(folder, 'etc', 'roamhub', 'keys.json');
    expect(await run(`secret-key ${file}`)).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(loadSecretKeys({ dataDirectory: folder, keyFile: file, development: false }).pepper).toHaveLength(32);
    const before = readFileSync(file, 'utf8');
    expect(await run(`secret-key ${file}`)).toMatchObject({
      code: 2,
      complaints: expect.stringContaining('exists already'),
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});
