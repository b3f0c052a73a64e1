import path from 'node:path';
import { ConfigRefusal } from './config-refusal.js';
import type { DatabaseConfig, HubConfig, LoadedConfig } from './hub-config.js';
import { urlHost } from './hub-config.js';
import { type Environment, maskUrl, type ReadFile, readSettings, type SettingValues } from './read-settings.js';
import { otherVariables, settingNames, settings } from './settings.js';

/** File names inside the data directory. */
export const databaseFileName = 'roamhub.sqlite';
export const adminTokenFileName = 'admin-token';

/**
 * Environment and config file → one checked, grouped, frozen config.
 * Relative paths, also those in the file, are taken from `cwd`.
 * @throws ConfigRefusal with every problem there is, not only the first
 */
export function loadConfig(env: Environment, readFile: ReadFile, cwd: string = process.cwd()): LoadedConfig {
  const { values, problems: found } = readSettings(env, readFile);
  // A value that could not be read has been reported; what depends on it is then not judged as well.
  if (found.length > 0) throw new ConfigRefusal(found);
  const config = group(values, cwd);
  const problems = contradictions(values, config);
  if (problems.length > 0) throw new ConfigRefusal(problems);
  return deepFreeze({
    config,
    secrets: { adminToken: values.adminToken },
    warnings: [...doubtful(values, config), ...strayVariables(env)],
  });
}

/** What the command line needs to find a hub: where its admin listener is and where its token is kept. */
export function loadAdminAddress(
  env: Environment,
  readFile: ReadFile,
  cwd: string = process.cwd(),
): { url: string; token: string | undefined; tokenFile: string } {
  const { values, problems } = readSettings(env, readFile);
  if (problems.length > 0) throw new ConfigRefusal(problems);
  const { adminListener, dataDir } = group(values, cwd);
  return {
    url: env.ROAMHUB_ADMIN_URL || `http://${urlHost(reachable(adminListener.host))}:${adminListener.port}`,
    token: values.adminToken,
    tokenFile: env.ROAMHUB_ADMIN_TOKEN_FILE || path.join(dataDir, adminTokenFileName),
  };
}

function group(values: SettingValues, cwd: string): HubConfig {
  const dataDir = path.resolve(cwd, must(values.dataDir));
  const seconds = (value: number | undefined): number => must(value) * 1000;
  return {
    party: { country_code: must(values.countryCode), party_id: must(values.partyId) },
    publicListener: { host: must(values.host), port: must(values.port), publicUrl: values.publicUrl },
    adminListener: { host: must(values.adminHost), port: must(values.adminPort) },
    adminToken:
      values.adminToken === undefined
        ? { kind: 'kept', file: path.join(dataDir, adminTokenFileName) }
        : { kind: 'given' },
    dataDir,
    database: database(values.databaseUrl, dataDir, cwd),
    redis: values.redisUrl === undefined ? undefined : { url: values.redisUrl },
    role: must(values.role),
    rateLimit:
      values.rateLimit === undefined ? undefined : { perSecond: values.rateLimit, burst: 4 * values.rateLimit },
    development: must(values.development),
    secretKeyFile: values.secretKeyFile === undefined ? undefined : path.resolve(cwd, values.secretKeyFile),
    logLevel: must(values.logLevel),
    messageLog: messageLog(must(values.messageLogDays), must(values.messageLogEntries)),
    evData: {
      enabled: must(values.evEnabled),
      derivedPower: must(values.evDerivedPower),
      exportEveryMs: must(values.evExportHours) * hourMs,
      exportsKept: must(values.evExportsKept),
      streamConsumers: must(values.evStreamConsumers),
      reliability: {
        outdatedMs: must(values.evOutdatedHours) * hourMs,
        leastSessionMs: must(values.evSessionMinutes) * 60_000,
        leastSessionWh: must(values.evSessionWh),
        longestSessionMs: must(values.evSessionHours) * hourMs,
        brokenMs: must(values.evBrokenHours) * hourMs,
        doubtShare: must(values.evDoubtPercent) / 100,
        changesPerHour: must(values.evChangesPerHour),
      },
    },
    timers: {
      sweepMs: seconds(values.sweepSeconds),
      pullIntervalMs: 60 * seconds(values.pullMinutes),
      aliveMs: 60 * seconds(values.aliveMinutes),
      keptMs: must(values.keptDays) * dayMs,
      futureSkewMs: seconds(values.futureSkewSeconds),
      forwardTimeoutMs: seconds(values.forwardTimeoutSeconds),
      stopGraceMs: seconds(values.stopGraceSeconds),
      stopDeadlineMs: seconds(values.stopDeadlineSeconds),
    },
  };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const messageLog = (days: number, entries: number): HubConfig['messageLog'] =>
  days === 0 || entries === 0 ? undefined : { keepMs: days * dayMs, entries };

/** `sqlite:PATH`, `sqlite://PATH` and `sqlite:///absolute/path` all name a file. */
function database(url: string | undefined, dataDir: string, cwd: string): DatabaseConfig {
  if (url === undefined) return { kind: 'sqlite', file: path.join(dataDir, databaseFileName) };
  if (!url.startsWith('sqlite:')) return { kind: 'postgres', url };
  return { kind: 'sqlite', file: path.resolve(cwd, url.replace(/^sqlite:(\/\/)?/, '')) };
}

function contradictions(values: SettingValues, config: HubConfig): string[] {
  const problems: string[] = [];
  const { publicListener, adminListener, timers } = config;
  if (
    config.database.kind === 'sqlite' &&
    values.databaseUrl !== undefined &&
    /^sqlite:(\/\/)?$/.test(values.databaseUrl)
  )
    problems.push(`${settings.databaseUrl.env} names no file; write sqlite:PATH.`);
  if (config.role !== 'all' && config.database.kind === 'sqlite')
    problems.push(
      `${settings.role.env}=${config.role} splits the work between processes, but a SQLite file belongs to one process; use all.`,
    );
  if (
    publicListener.port !== 0 &&
    publicListener.port === adminListener.port &&
    overlap(publicListener.host, adminListener.host)
  )
    problems.push(
      `${settings.port.env} and ${settings.adminPort.env} are both ${adminListener.port}; the admin API must not share the public listener.`,
    );
  if (timers.stopDeadlineMs <= timers.stopGraceMs)
    problems.push(`${settings.stopDeadlineSeconds.env} must be greater than ${settings.stopGraceSeconds.env}.`);
  return problems;
}

function doubtful(values: SettingValues, config: HubConfig): string[] {
  const warnings: string[] = [];
  const { host, publicUrl } = config.publicListener;
  if (publicUrl === undefined && isWildcard(host))
    warnings.push(`Partners will be told to call ${host}, which is no address; set ${settings.publicUrl.env}.`);
  else if (!config.development && !(publicUrl ?? 'http:').startsWith('https:'))
    warnings.push(`Partners will be told to call a plain http address; set ${settings.publicUrl.env} to an https one.`);
  if (config.database.kind === 'postgres' && config.secretKeyFile === undefined)
    warnings.push(
      `Every node on one PostgreSQL needs the same key file, and this one keeps its own; set ${settings.secretKeyFile.env}.`,
    );
  if (config.role !== 'all' && publicUrl === undefined)
    warnings.push(`Every node has to tell partners the same address; set ${settings.publicUrl.env}.`);
  if (values.adminToken !== undefined && values.adminToken.length < 16)
    warnings.push(`${settings.adminToken.env} has fewer than 16 characters and can be guessed.`);
  return warnings;
}

/** Misspelt variables would otherwise go unnoticed; they do not refuse, since other programs may use the prefix. */
function strayVariables(env: Environment): string[] {
  const known = new Set<string>(settingNames.map((name) => settings[name].env));
  return Object.keys(env)
    .filter((name) => name.startsWith('ROAMHUB_') && !name.startsWith('ROAMHUB_TEST_'))
    .filter((name) => !known.has(name) && !otherVariables.has(name))
    .map((name) => `${name} is set, but this hub knows no such variable.`);
}

/** The config as it may be logged at start: connection URLs without their credentials. */
export function configSummary(config: HubConfig): Record<string, unknown> {
  return JSON.parse(JSON.stringify(config), (key, value) =>
    key === 'url' && typeof value === 'string' ? maskUrl(value) : value,
  );
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';
const overlap = (a: string, b: string): boolean => a === b || isWildcard(a) || isWildcard(b);
const reachable = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host);

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a setting with a default has no value');
  return value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
