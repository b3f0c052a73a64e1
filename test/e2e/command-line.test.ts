import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { HubProcess, Program, runProgram, until, World } from '../support/e2e/index.js';

interface CommandLine {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the command line beside a running hub', () => {
  let world: World;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;

  beforeAll(async () => {
    // No token given: the hub makes one and keeps it where the command line finds it.
    world = await World.start({ env: { ROAMHUB_ADMIN_TOKEN: undefined } });
    cpo = await world.cpo('DE/CP1');
    cpo.generate(5);
    emsp = await world.emsp('NL/EM1');
  });

  afterAll(() => world.close());

  /** Runs a command with the hub's own settings, as its operator would on the same machine. */
  const roamhub = (...args: string[]): Promise<CommandLine> => runProgram('cli/main.js', args, world.hub.settings);

  const done = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await roamhub(...args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };

  const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await done(...args, '--json')) as T;

  it('invites a partner, which registers with what it printed', async () => {
    const text = await done('invite', 'create', 'Best Charge', '--role', 'DE-CP1:CPO');
    const token = /\b[\w-]{8}\.[\w-]{43}\b/.exec(text)?.[0] ?? '';
    const versions_url = /http:\S+\/ocpi\/versions/.exec(text)?.[0] ?? '';
    await cpo.register({ token, versions_url });
    const invite = await json<{ token: string; versions_url: string }>(
      'invite',
      'create',
      'Drive',
      '--role',
      'NL-EM1:EMSP',
    );
    await emsp.register(invite);
    expect(await json<unknown[]>('invite', 'list')).toEqual([
      expect.objectContaining({ state: 'CONSUMED' }),
      expect.objectContaining({ state: 'CONSUMED' }),
    ]);
  });

  it('lists partners for people and for programs', async () => {
    const text = await done('partner', 'list');
    expect(text).toMatch(/Best Charge.*CONNECTED/);
    expect(text).toMatch(/Drive.*CONNECTED/);
    const [first] = await json<{ name: string; roles: unknown[] }[]>('partner', 'list');
    expect(first).toMatchObject({ name: 'Best Charge', roles: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }] });
    expect(await done('partner', 'show', 'NL-EM1')).toContain('Drive');
  });

  it('shows pulls and lanes, and starts them again', async () => {
    await until('the pulls are complete', async () => /locations.*complete/.test(await done('pulls')), {
      everyMs: 200,
    });
    await world.converged([emsp]);
    expect(await done('lanes')).toMatch(/Drive.*closed/);
    const { put } = emsp.receiver.receipts;
    await done('partner', 'resync', 'Drive');
    await until('everything was sent once more', () => emsp.receiver.receipts.put >= put + 5);
    await done('partner', 'pull', 'Best Charge');
    expect(await done('parked', 'list')).not.toMatch(/Drive/);
  });

  it('suspends, resumes and renews', async () => {
    await done('partner', 'suspend', 'DE-CP1');
    const entry = cpo.catalogue.list('locations')[0];
    const path = ['DE', 'CP1', entry?.id ?? ''];
    const put = { method: 'PUT', module: 'locations', role: 'RECEIVER', path, body: entry?.text } as const;
    expect((await cpo.send(put)).http).toBeGreaterThanOrEqual(400);
    await done('partner', 'resume', 'DE-CP1');
    expect(await cpo.send(put)).toMatchObject({ http: 200, code: 1000 });
    const before = cpo.link.inboundToken;
    await done('partner', 'rotate', 'DE-CP1');
    expect(cpo.link.inboundToken).not.toBe(before);
    await done('partner', 'set', 'Drive', 'catch_up=pull_only');
    expect(await json('partner', 'show', 'Drive')).toMatchObject({ switches: { catch_up: 'pull_only' } });
  });

  it('registers with a partner that gave its token A in a file, never on the command line', async () => {
    const other = await world.emsp('BE/EM2');
    const { token, versions_url } = other.invite();
    const file = path.join(world.hub.dataDir, 'token-a');
    writeFileSync(file, `${token}\n`);
    expect(await done('register', 'Other', versions_url, '--partner-token-file', file)).toContain('Other');
    expect(await done('partner', 'delete', 'Other', '--yes')).toBeDefined();
    expect(other.link.peer).toBeUndefined();
  });

  it('reads the record', async () => {
    expect(await done('audit')).toMatch(/partner\.rotate|credentials/);
    expect(await done('audit')).toContain('whole');
    expect(await done('quality')).toContain('in all');
    expect(await json('openapi')).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
  });

  it.each([
    [['partner', 'show', 'nobody'], 1],
    [['invite', 'create', 'x', '--role', 'nonsense'], 2],
    [['nonsense'], 2],
    [['lanes', '--token', 'wrong-token'], 4],
    [['lanes', '--admin-url', 'http://127.0.0.1:1'], 3],
    [['invite', 'create', 'Ourselves', '--role', 'NL-HUB:CPO'], 1],
  ])('says what is wrong with %j, in plain words', async (args, code) => {
    const answer = await roamhub(...args);
    expect(answer.code).toBe(code);
    expect(answer.stderr).not.toMatch(/\n {4}at |Error:/);
    expect(answer.stderr.trim()).not.toBe('');
  });
});

describe('the command line by itself', () => {
  it('makes a key file with which a hub starts outside development, and runs it until it is stopped', async () => {
    const hub = await HubProcess.prepare({
      env: { ROAMHUB_DEVELOPMENT: undefined, ROAMHUB_PUBLIC_URL: 'https://hub.example.com' },
    });
    try {
      const file = path.join(hub.dataDir, 'keys.json');
      expect((await runProgram('cli/main.js', ['secret-key', file], {})).code).toBe(0);
      expect(statSync(file).mode & 0o077).toBe(0);
      const keys = readFileSync(file, 'utf8');
      expect((await runProgram('cli/main.js', ['secret-key', file], {})).code).toBe(2);
      expect(readFileSync(file, 'utf8')).toBe(keys);
      const program = new Program('cli/main.js', ['start'], { ...hub.settings, ROAMHUB_SECRET_KEY_FILE: file });
      await until('the hub is ready', async () => (await hub.ready()).status === 200, { deadlineMs: 20_000 });
      expect(existsSync(path.join(hub.dataDir, 'roamhub.sqlite'))).toBe(true);
      program.signal('SIGTERM');
      expect(await program.exited).toEqual({ code: 0, signal: null });
    } finally {
      await hub.remove();
    }
  });

  it('runs partner simulators as processes of their own, which do a whole job and stop cleanly', async () => {
    const hub = await HubProcess.start();
    const programs: Program[] = [];
    try {
      const simulate = async (kind: string, role: string, partyId: string, ...args: string[]): Promise<Program> => {
        const { token, versions_url } = await hub.admin.invite(partyId, [
          { country_code: 'DE', party_id: partyId, role },
        ]);
        const target = ['--versions-url', versions_url, '--token', token];
        const program = new Program(
          'cli/main.js',
          ['simulate', kind, '--parties', `DE/${partyId}`, ...target, ...args],
          {},
        );
        programs.push(program);
        await until(`${partyId} has registered`, () => program.stdout.includes('"event":"registered"'));
        return program;
      };
      const emsp = await simulate('emsp', 'EMSP', 'EM1');
      const cpo = await simulate(
        'cpo',
        'CPO',
        'CP1',
        '--locations',
        '5',
        '--push-only',
        '--put-all',
        '--rate',
        '50',
        '--count',
        '50',
      );
      await until('the stream has ended', () => cpo.stdout.includes('"event":"stream-ended"'), { deadlineMs: 20_000 });
      await until('the lane has nothing left', async () => (await hub.admin.lane('EM1')).lag_objects === 0);
      for (const program of [cpo, emsp]) program.signal('SIGTERM');
      expect(await Promise.all(programs.map(({ exited }) => exited))).toEqual([
        { code: 0, signal: null },
        { code: 0, signal: null },
      ]);
      expect((await hub.terminate()).code).toBe(0);
    } finally {
      for (const program of programs) if (!program.isGone) await program.kill();
      await hub.remove();
    }
  });
});
