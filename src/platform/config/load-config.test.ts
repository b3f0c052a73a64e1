import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigRefusal } from './config-refusal.js';
import { publicUrl } from './hub-config.js';
import { configSummary, loadAdminAddress, loadConfig } from './load-config.js';
import { settingNames, settings } from './settings.js';

const cwd = '/srv/hub';
const noFile = (): undefined => undefined;
const load = (env: Record<string, string>, file?: unknown) =>
  loadConfig(
    env,
    (name) => (file !== undefined && name === 'config/roamhub.json' ? JSON.stringify(file) : undefined),
    cwd,
  );

function problemsOf(env: Record<string, string>, file?: unknown): readonly string[] {
  try {
    load(env, file);
  } catch (error) {
    if (error instanceof ConfigRefusal) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('needs nothing and then has the documented defaults', () => {
    expect(load({}).config).toEqual({
      party: { country_code: 'NL', party_id: 'HUB' },
      publicListener: { host: '127.0.0.1', port: 8080, publicUrl: undefined },
      adminListener: { host: '127.0.0.1', port: 8081 },
      adminToken: { kind: 'kept', file: '/srv/hub/data/admin-token' },
      dataDir: '/srv/hub/data',
      database: { kind: 'sqlite', file: '/srv/hub/data/roamhub.sqlite' },
      redis: undefined,
      role: 'all',
      rateLimit: { perSecond: 500, burst: 2000 },
      development: false,
      secretKeyFile: undefined,
      logLevel: 'info',
      messageLog: { keepMs: 604_800_000, entries: 200_000 },
      evData: {
        enabled: true,
        derivedPower: false,
        exportEveryMs: 86_400_000,
        exportsKept: 3,
        streamConsumers: 2_000,
        reliability: {
          outdatedMs: 259_200_000,
          leastSessionMs: 120_000,
          leastSessionWh: 100,
          longestSessionMs: 259_200_000,
          brokenMs: 86_400_000,
          doubtShare: 0.2,
          changesPerHour: 20,
        },
      },
      timers: {
        sweepMs: 2_000,
        pullIntervalMs: 21_600_000,
        aliveMs: 300_000,
        keptMs: 7_776_000_000,
        futureSkewMs: 300_000,
        forwardTimeoutMs: 15_000,
        stopGraceMs: 5_000,
        stopDeadlineMs: 25_000,
      },
    });
  });

  it('takes every variable of the contract', () => {
    const { config, secrets, warnings } = load({
      ROAMHUB_HOST: '0.0.0.0',
      ROAMHUB_PORT: '0',
      ROAMHUB_PUBLIC_URL: 'https://hub.example/base//',
      ROAMHUB_ADMIN_HOST: '::1',
      ROAMHUB_ADMIN_PORT: '9001',
      ROAMHUB_ADMIN_TOKEN: 'an-operator-token-of-some-length',
      ROAMHUB_DATA_DIR: 'elsewhere',
      ROAMHUB_DATABASE_URL: 'sqlite:///var/lib/hub.sqlite',
      ROAMHUB_REDIS_URL: 'redis://cache:6379/2',
      ROAMHUB_ROLE: 'all',
      ROAMHUB_COUNTRY_CODE: 'de',
      ROAMHUB_PARTY_ID: 'x1y',
      ROAMHUB_SECRET_KEY_FILE: 'secrets/key',
      ROAMHUB_RATE_LIMIT: 'off',
      ROAMHUB_DEVELOPMENT: 'false',
      ROAMHUB_LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      party: { country_code: 'DE', party_id: 'X1Y' },
      publicListener: { host: '0.0.0.0', port: 0, publicUrl: 'https://hub.example/base' },
      adminListener: { host: '::1', port: 9001 },
      adminToken: { kind: 'given' },
      dataDir: '/srv/hub/elsewhere',
      database: { kind: 'sqlite', file: '/var/lib/hub.sqlite' },
      redis: { url: 'redis://cache:6379/2' },
      rateLimit: undefined,
      development: false,
      secretKeyFile: '/srv/hub/secrets/key',
      logLevel: 'debug',
    });
    expect(secrets.adminToken).toBe('an-operator-token-of-some-length');
    expect(JSON.stringify(config)).not.toContain('an-operator-token');
    expect(warnings).toEqual([]);
  });

  it('is frozen all the way down', () => {
    const { config } = load({});
    expect(() => Object.assign(config.timers, { sweepMs: 1 })).toThrow(TypeError);
    expect(Object.isFrozen(config.publicListener)).toBe(true);
  });

  it('takes the same settings from the file, and an empty variable counts as not set', () => {
    const file = { public: { port: 9000 }, development: true, rate_limit: 'off', timers: { sweep_seconds: 7 } };
    const { config } = load({ ROAMHUB_PORT: '', ROAMHUB_RATE_LIMIT: 'off' }, file);
    expect(config.publicListener.port).toBe(9000);
    expect(config.rateLimit).toBeUndefined();
    expect(config.timers.sweepMs).toBe(7_000);
  });

  it.each<[string, Record<string, string>, unknown, RegExp]>([
    [
      'a port that is none',
      { ROAMHUB_PORT: 'http' },
      undefined,
      /^ROAMHUB_PORT must be a whole number from 0 to 65535/,
    ],
    ['a port out of range', { ROAMHUB_PORT: '65536' }, undefined, /^ROAMHUB_PORT must be/],
    [
      'a public URL with a query',
      { ROAMHUB_PUBLIC_URL: 'https://a.example/?x=1' },
      undefined,
      /^ROAMHUB_PUBLIC_URL must be/,
    ],
    ['a party id of four', { ROAMHUB_PARTY_ID: 'ABCD' }, undefined, /^ROAMHUB_PARTY_ID must be three letters/],
    ['an unknown role', { ROAMHUB_ROLE: 'boss' }, undefined, /^ROAMHUB_ROLE must be one of all, api, worker/],
    ['a split that SQLite cannot carry', { ROAMHUB_ROLE: 'worker' }, undefined, /SQLite file belongs to one process/],
    ['another database', { ROAMHUB_DATABASE_URL: 'mysql://db/x' }, undefined, /^ROAMHUB_DATABASE_URL must be/],
    ['a queue that is not Redis', { ROAMHUB_REDIS_URL: 'amqp://q' }, undefined, /^ROAMHUB_REDIS_URL must be/],
    ['a rate of nothing', { ROAMHUB_RATE_LIMIT: '0' }, undefined, /from 1 to 1000000, or off/],
    [
      'a switch that is neither',
      { ROAMHUB_DEVELOPMENT: 'maybe' },
      undefined,
      /^ROAMHUB_DEVELOPMENT must be true or false/,
    ],
    ['one port for both listeners', { ROAMHUB_ADMIN_PORT: '8080' }, undefined, /are both 8080/],
    ['one port behind a wildcard', { ROAMHUB_HOST: '::', ROAMHUB_ADMIN_PORT: '8080' }, undefined, /are both 8080/],
    [
      'a deadline within the grace',
      { ROAMHUB_STOP_GRACE_SECONDS: '30' },
      undefined,
      /^ROAMHUB_STOP_DEADLINE_SECONDS must be greater/,
    ],
    [
      'two answers to one question',
      { ROAMHUB_PORT: '9000' },
      { public: { port: 9001 } },
      /^ROAMHUB_PORT says "9000" but "public.port" in config\/roamhub.json says "9001"; keep one/,
    ],
    ['an unknown name in the file', {}, { prot: 8080 }, /"prot" is not a setting/],
    ['an unknown name in a group', {}, { public: { prot: 8080 } }, /"public.prot" is not a setting/],
    ['a group that is no object', {}, { public: 8080 }, /"public" is not a setting/],
    ['a value of the wrong type', {}, { public: { port: [] } }, /"public.port" must be a whole number/],
    ['a secret in the file', {}, { admin: { token: 'x' } }, /is a secret and does not belong in this file/],
    ['a file that is a list', {}, [], /must hold one JSON object/],
  ])('refuses %s in one sentence', (_name, env, file, sentence) => {
    const problems = problemsOf({ ...env }, file);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
    expect(problems[0]).toMatch(/^[^\n]+\.$/);
  });

  it('lets both listeners take any free port', () => {
    expect(problemsOf({ ROAMHUB_PORT: '0', ROAMHUB_ADMIN_PORT: '0' })).toEqual([]);
  });

  it('names every problem at once', () => {
    expect(problemsOf({ ROAMHUB_PORT: 'x', ROAMHUB_PARTY_ID: 'toolong' }, { nonsense: 1 })).toHaveLength(3);
  });

  it('refuses a named file that is missing, unreadable or no JSON', () => {
    const env = { ROAMHUB_CONFIG: '/etc/hub.json' };
    expect(() => loadConfig(env, noFile, cwd)).toThrow('ROAMHUB_CONFIG names /etc/hub.json, which does not exist.');
    expect(() => loadConfig(env, () => '{', cwd)).toThrow(/^\/etc\/hub.json is not valid JSON/);
    const unreadable = () => {
      throw new Error('EACCES');
    };
    expect(() => loadConfig(env, unreadable, cwd)).toThrow('/etc/hub.json cannot be read.');
  });

  it('never repeats a secret in a refusal', () => {
    const secret = 'p4ssw0rd';
    const problems = [
      ...problemsOf({ ROAMHUB_ADMIN_TOKEN: `${secret} with space` }),
      ...problemsOf({ ROAMHUB_REDIS_URL: `amqp://user:${secret}@q` }),
      ...problemsOf({ ROAMHUB_REDIS_URL: `redis://user:${secret}@q` }, { redis_url: `redis://user:${secret}2@q` }),
    ];
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain(secret);
  });

  it('warns of what is legal and probably not meant', () => {
    const { warnings } = load({
      ROAMHUB_HOST: '0.0.0.0',
      ROAMHUB_ADMIN_TOKEN: 'short',
      ROAMHUB_PROT: '1',
      ROAMHUB_TEST_REDIS_URL: 'x',
      ROAMHUB_ADMIN_URL: 'http://x',
    });
    expect(warnings).toHaveLength(3);
    expect(warnings.join('\n')).toMatch(/0\.0\.0\.0.*\n.*guessed.*\nROAMHUB_PROT/);
  });

  it('takes PostgreSQL, in any role, and says what its nodes must have in common', () => {
    const postgres = { ROAMHUB_DATABASE_URL: 'postgres://u:pw@db/x' };
    const { config, warnings } = load({ ...postgres, ROAMHUB_ROLE: 'worker', ROAMHUB_DEVELOPMENT: 'true' });
    expect(config.database).toEqual({ kind: 'postgres', url: 'postgres://u:pw@db/x' });
    expect(config.role).toBe('worker');
    expect(warnings.join('\n')).toMatch(/set ROAMHUB_SECRET_KEY_FILE\.\n.*set ROAMHUB_PUBLIC_URL\./);
    const whole = {
      ...postgres,
      ROAMHUB_ROLE: 'api',
      ROAMHUB_SECRET_KEY_FILE: 'keys.json',
      ROAMHUB_PUBLIC_URL: 'https://hub.example',
    };
    expect(load(whole).warnings).toEqual([]);
  });

  it('never crashes, whatever the variables hold: it loads or refuses', () => {
    const names = settingNames.map((name) => settings[name].env);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (env) => {
        try {
          loadConfig(env, noFile, cwd);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigRefusal);
        }
      }),
    );
  });
});

describe('publicUrl', () => {
  it('follows the bound port unless it is set', () => {
    expect(publicUrl({ host: '127.0.0.1', port: 0, publicUrl: undefined }, 40_001)).toBe('http://127.0.0.1:40001');
    expect(publicUrl({ host: '::1', port: 80, publicUrl: undefined })).toBe('http://[::1]:80');
    expect(publicUrl({ host: 'x', port: 0, publicUrl: 'https://hub.example' }, 5)).toBe('https://hub.example');
  });
});

describe('configSummary', () => {
  it('masks the credentials in URLs', () => {
    const { config } = load({ ROAMHUB_REDIS_URL: 'redis://user:p%2Fa@cache:6379' });
    expect(JSON.stringify(configSummary(config))).toContain('redis://***@cache:6379');
  });
});

describe('loadAdminAddress', () => {
  it('finds the hub of the same environment, also when that hub would refuse to start', () => {
    expect(loadAdminAddress({ ROAMHUB_ADMIN_PORT: '9001' }, noFile, cwd)).toEqual({
      url: 'http://127.0.0.1:9001',
      token: undefined,
      tokenFile: '/srv/hub/data/admin-token',
    });
    expect(loadAdminAddress({ ROAMHUB_ADMIN_URL: 'https://hub.example' }, noFile, cwd).url).toBe('https://hub.example');
    expect(loadAdminAddress({ ROAMHUB_ADMIN_HOST: '0.0.0.0' }, noFile, cwd).url).toBe('http://127.0.0.1:8081');
  });
});

describe('the documentation in config/', () => {
  const folder = path.join(process.cwd(), 'config');
  const sample: Record<string, unknown> = JSON.parse(readFileSync(path.join(folder, 'roamhub.sample.json'), 'utf8'));

  it('has a sample that holds every setting, each at its default', () => {
    const flat = new Map<string, unknown>();
    for (const [name, value] of Object.entries(sample)) {
      if (typeof value !== 'object' || value === null) flat.set(name, value);
      else for (const [inner, innerValue] of Object.entries(value)) flat.set(`${name}.${inner}`, innerValue);
    }
    const expected = settingNames.flatMap((name) => {
      const { file, fallback } = settings[name];
      return file === undefined ? [] : [[file, fallback] as const];
    });
    expect(flat).toEqual(new Map(expected));
  });

  it('loads to the same config as no file at all', () => {
    expect(load({}, sample)).toEqual(load({}));
  });

  it('has a table with a line for every setting', () => {
    const readme = readFileSync(path.join(folder, 'README.md'), 'utf8').replace(/ +/g, ' ');
    const code = (value: unknown): string => (value === undefined || value === null ? '' : `\`${value}\` `);
    for (const name of settingNames) {
      const { env, file, fallback, meaning } = settings[name];
      expect(readme).toContain(`| \`${env}\` | ${code(file)}| ${code(fallback)}| ${meaning} |`);
    }
  });
});
