import { baseUrl, flag, numberOrOff, oneOf, type Parser, text, url, wholeNumber } from './parsers.js';

/** One thing that the operator can set, by environment variable or in the config file. */
export interface Setting<T> {
  readonly env: string;
  /** Where it stands in the config file, `group.name`; undefined for secrets, which do not belong there. */
  readonly file: string | undefined;
  /** What holds when nobody sets it, written as in the file; null: nothing. */
  readonly fallback: string | number | boolean | null;
  readonly meaning: string;
  readonly parse: Parser<T>;
}

const hostName = text(/^[A-Za-z0-9.:_-]+$/, 'a host name or an IP address without brackets');
const port = wholeNumber(0, 65_535);
const anyPath = text(/^[^\0]+$/, 'a path');
const upper = (value: string): string => value.toUpperCase();

const setting = <T>(
  env: string,
  file: string | undefined,
  fallback: Setting<T>['fallback'],
  parse: Parser<T>,
  meaning: string,
): Setting<T> => ({ env, file, fallback, parse, meaning });

/** Every setting, in the order of the documentation. */
export const settings = {
  host: setting('ROAMHUB_HOST', 'public.host', '127.0.0.1', hostName, 'address of the public listener (OCPI)'),
  port: setting('ROAMHUB_PORT', 'public.port', 8080, port, 'its port; 0 for any free one'),
  publicUrl: setting(
    'ROAMHUB_PUBLIC_URL',
    'public.url',
    null,
    baseUrl,
    'what partners see in versions, Link and response_url; `http://HOST:PORT` if not set',
  ),
  adminHost: setting(
    'ROAMHUB_ADMIN_HOST',
    'admin.host',
    '127.0.0.1',
    hostName,
    'address of the admin API, the console and `/metrics`',
  ),
  adminPort: setting('ROAMHUB_ADMIN_PORT', 'admin.port', 8081, port, 'its port; 0 for any free one'),
  adminToken: setting(
    'ROAMHUB_ADMIN_TOKEN',
    undefined,
    null,
    text(/^[\x21-\x7e]{1,512}$/, 'printable characters without spaces, at most 512'),
    'bearer token of the admin API; if not set, made on first start and kept in `DATA_DIR/admin-token`',
  ),
  dataDir: setting('ROAMHUB_DATA_DIR', 'data_dir', './data', anyPath, 'directory of the SQLite file, keys and exports'),
  databaseUrl: setting(
    'ROAMHUB_DATABASE_URL',
    'database_url',
    null,
    url(['postgres:', 'postgresql:', 'sqlite:'], 'a sqlite: or postgres: URL'),
    '`sqlite:PATH` or `postgres://…`; if not set, `roamhub.sqlite` in the data directory',
  ),
  redisUrl: setting(
    'ROAMHUB_REDIS_URL',
    'redis_url',
    null,
    url(['redis:', 'rediss:'], 'a redis: or rediss: URL'),
    'Redis for the queue; if not set, the embedded scheduler',
  ),
  role: setting(
    'ROAMHUB_ROLE',
    'role',
    'all',
    oneOf('all', 'api', 'worker'),
    'what this process does: `api` takes requests, `worker` pushes and pulls, `all` both',
  ),
  countryCode: setting(
    'ROAMHUB_COUNTRY_CODE',
    'party.country_code',
    'NL',
    text(/^[A-Za-z]{2}$/, 'two letters', upper),
    "the hub's own country code",
  ),
  partyId: setting(
    'ROAMHUB_PARTY_ID',
    'party.party_id',
    'HUB',
    text(/^[A-Za-z0-9]{3}$/, 'three letters or digits', upper),
    "the hub's own party id",
  ),
  secretKeyFile: setting(
    'ROAMHUB_SECRET_KEY_FILE',
    'secret_key_file',
    null,
    anyPath,
    "file of the keys that seal partners' tokens; if not set, `secret-keys.json` in the data directory, which only development makes",
  ),
  rateLimit: setting(
    'ROAMHUB_RATE_LIMIT',
    'rate_limit',
    500,
    numberOrOff(1, 1_000_000),
    'requests per second and partner, bursts of four times that; `off` for no limit',
  ),
  development: setting(
    'ROAMHUB_DEVELOPMENT',
    'development',
    false,
    flag,
    'true allows plain http and private or loopback partner URLs',
  ),
  logLevel: setting(
    'ROAMHUB_LOG_LEVEL',
    'log_level',
    'info',
    oneOf('debug', 'info', 'warn', 'error', 'fatal'),
    'the least severe log line that is written',
  ),
  messageLogDays: setting(
    'ROAMHUB_MESSAGE_LOG_DAYS',
    'message_log.days',
    7,
    wholeNumber(0, 3_650),
    'how long the message log keeps what partners asked and how it was routed; 0 for no message log',
  ),
  messageLogEntries: setting(
    'ROAMHUB_MESSAGE_LOG_ENTRIES',
    'message_log.entries',
    200_000,
    wholeNumber(0, 10_000_000),
    'how many messages it keeps at most, about 1 kB each; 0 for no message log',
  ),
  sweepSeconds: setting(
    'ROAMHUB_SWEEP_SECONDS',
    'timers.sweep_seconds',
    2,
    wholeNumber(1, 60),
    'how often lanes that are behind are searched for',
  ),
  pullMinutes: setting(
    'ROAMHUB_PULL_MINUTES',
    'timers.pull_minutes',
    360,
    wholeNumber(1, 10_080),
    'how often partners that offer a SENDER interface are pulled',
  ),
  aliveMinutes: setting(
    'ROAMHUB_ALIVE_MINUTES',
    'timers.alive_minutes',
    5,
    wholeNumber(1, 1_440),
    'how long a partner may be silent before the hub checks whether it is there',
  ),
  keptDays: setting(
    'ROAMHUB_KEPT_DAYS',
    'timers.kept_days',
    90,
    wholeNumber(1, 3_650),
    'how long Sessions and CDRs are kept of partners with `keep_sessions`',
  ),
  futureSkewSeconds: setting(
    'ROAMHUB_FUTURE_SKEW_SECONDS',
    'timers.future_skew_seconds',
    300,
    wholeNumber(0, 86_400),
    "how far `last_updated` may lie ahead of the hub's clock",
  ),
  forwardTimeoutSeconds: setting(
    'ROAMHUB_FORWARD_TIMEOUT_SECONDS',
    'timers.forward_timeout_seconds',
    15,
    wholeNumber(1, 60),
    'how long a message that is passed on to another party may take, its answer included',
  ),
  evEnabled: setting(
    'ROAMHUB_EV_ENABLED',
    'ev.enabled',
    true,
    flag,
    'whether EV data are served at `/ev/v3`; without it the memory that they need is saved',
  ),
  evDerivedPower: setting(
    'ROAMHUB_EV_DERIVED_POWER',
    'ev.derived_power',
    false,
    flag,
    'whether connectors without a stated power are grouped by the product of volts, amperes and phases',
  ),
  evExportHours: setting(
    'ROAMHUB_EV_EXPORT_HOURS',
    'ev.export_hours',
    24,
    wholeNumber(0, 720),
    'how often the static data product is made; 0 for on demand only',
  ),
  evExportsKept: setting(
    'ROAMHUB_EV_EXPORTS_KEPT',
    'ev.exports_kept',
    3,
    wholeNumber(2, 100),
    'how many versions of the static data product are kept',
  ),
  evStreamConsumers: setting(
    'ROAMHUB_EV_STREAM_CONSUMERS',
    'ev.stream_consumers',
    2000,
    wholeNumber(1, 4_000),
    'how many consumers of the status stream may be connected at once',
  ),
  evOutdatedHours: setting(
    'ROAMHUB_EV_OUTDATED_HOURS',
    'ev.outdated_hours',
    72,
    wholeNumber(1, 8_760),
    'after how long without news from its owner the status of an EVSE counts as outdated',
  ),
  evSessionMinutes: setting(
    'ROAMHUB_EV_SESSION_MINUTES',
    'ev.session_minutes',
    2,
    wholeNumber(0, 60),
    'how long a charging session lasts at least that counts as successful',
  ),
  evSessionWh: setting(
    'ROAMHUB_EV_SESSION_WH',
    'ev.session_wh',
    100,
    wholeNumber(0, 10_000),
    'how much energy it takes at least, in Wh',
  ),
  evSessionHours: setting(
    'ROAMHUB_EV_SESSION_HOURS',
    'ev.session_hours',
    72,
    wholeNumber(1, 720),
    'how long it lasts at most; an EVSE that says CHARGING for longer is not believed',
  ),
  evBrokenHours: setting(
    'ROAMHUB_EV_BROKEN_HOURS',
    'ev.broken_hours',
    24,
    wholeNumber(0, 8_760),
    'after how long out of order an EVSE is shown as red',
  ),
  evDoubtPercent: setting(
    'ROAMHUB_EV_DOUBT_PERCENT',
    'ev.doubt_percent',
    20,
    wholeNumber(1, 100),
    'from which share of failed sessions an EVSE is shown as yellow; from two and a half times as many as red',
  ),
  evChangesPerHour: setting(
    'ROAMHUB_EV_CHANGES_PER_HOUR',
    'ev.changes_per_hour',
    20,
    wholeNumber(2, 250),
    'an EVSE whose status changes more often than that is not believed',
  ),
  stopGraceSeconds: setting(
    'ROAMHUB_STOP_GRACE_SECONDS',
    'timers.stop_grace_seconds',
    5,
    wholeNumber(0, 600),
    'how long requests are still taken after `/ready` says that the hub is stopping',
  ),
  stopDeadlineSeconds: setting(
    'ROAMHUB_STOP_DEADLINE_SECONDS',
    'timers.stop_deadline_seconds',
    25,
    wholeNumber(1, 3_600),
    'by when a stop is complete',
  ),
} as const;

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as readonly SettingName[];

/** Names beginning with ROAMHUB_ that others read: the location of the file itself, and the command line's. */
export const otherVariables: ReadonlySet<string> = new Set([
  'ROAMHUB_CONFIG',
  'ROAMHUB_ADMIN_URL',
  'ROAMHUB_ADMIN_TOKEN_FILE',
]);
