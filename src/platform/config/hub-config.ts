import type { PartyRef } from '../../kernel/party-ref.js';

/** Where one HTTP server listens. */
export interface ListenerConfig {
  readonly host: string;
  /** 0 lets the operating system choose a free one. */
  readonly port: number;
}

export interface PublicListenerConfig extends ListenerConfig {
  /** What partners see, without a slash at the end; undefined: `http://HOST:PORT` with the port really bound. */
  readonly publicUrl: string | undefined;
}

export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgres'; readonly url: string };

/** Where the bearer token of the admin API is: given by the operator, or kept in a file (made if it is missing). */
export type AdminTokenSource = { readonly kind: 'given' } | { readonly kind: 'kept'; readonly file: string };

export type HubRole = 'all' | 'api' | 'worker';
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Durations in milliseconds. */
export interface TimerConfig {
  /** How often the database is searched for lanes that are behind; bounds what a lost wake-up costs. */
  readonly sweepMs: number;
  /** How often a partner that offers a SENDER interface is pulled. */
  readonly pullIntervalMs: number;
  /** How long a partner may be silent before the hub checks whether it is there (H-08). */
  readonly aliveMs: number;
  /** How long Sessions and CDRs are kept, where the operator wants them kept (T-40). */
  readonly keptMs: number;
  /** How far `last_updated` may lie ahead of the hub's clock (T25). */
  readonly futureSkewMs: number;
  /** How long a message that is passed on may take, its answer included. */
  readonly forwardTimeoutMs: number;
  /** How long the hub still serves after `/ready` says that it is stopping. */
  readonly stopGraceMs: number;
  /** By when a stop is complete, the grace included. */
  readonly stopDeadlineMs: number;
}

/** From when on EVSEs and what is said of them are doubted. */
export interface EvReliabilityConfig {
  /** After how long without news from its owner a status counts as outdated, ms. */
  readonly outdatedMs: number;
  /** A successful session lasts at least and at most so long, ms, and takes at least so much energy. */
  readonly leastSessionMs: number;
  readonly longestSessionMs: number;
  /** Wh */
  readonly leastSessionWh: number;
  /** After how long out of order an EVSE is shown as red, ms. */
  readonly brokenMs: number;
  /** From which share of failed sessions an EVSE is shown as yellow, 0…1. */
  readonly doubtShare: number;
  /** Changes of one status an hour that are still believed. */
  readonly changesPerHour: number;
}

/** The EV data API and what it is made from. */
export interface EvDataConfig {
  /** Whether they are served at all. */
  readonly enabled: boolean;
  /** Whether connectors without a stated power are grouped by volts, amperes and phases. */
  readonly derivedPower: boolean;
  /** How often the static data product is made, ms; 0 = on demand only. */
  readonly exportEveryMs: number;
  /** How many of its versions are kept. */
  readonly exportsKept: number;
  /** How many consumers of the status stream may be connected at once. */
  readonly streamConsumers: number;
  readonly reliability: EvReliabilityConfig;
}

/** Everything the operator can decide, checked and frozen. It holds no secret but what a connection URL carries. */
export interface HubConfig {
  /** The hub's own party. */
  readonly party: PartyRef;
  readonly publicListener: PublicListenerConfig;
  readonly adminListener: ListenerConfig;
  readonly adminToken: AdminTokenSource;
  readonly dataDir: string;
  readonly database: DatabaseConfig;
  /** Undefined: the embedded scheduler. */
  readonly redis: { readonly url: string } | undefined;
  readonly role: HubRole;
  /** Per partner; undefined: no limit. */
  readonly rateLimit: { readonly perSecond: number; readonly burst: number } | undefined;
  /** Plain http and private or loopback partner URLs are allowed. */
  readonly development: boolean;
  /** The keys that seal partners' tokens; undefined: `secret-keys.json` in the data directory, made there in development. */
  readonly secretKeyFile: string | undefined;
  readonly logLevel: LogLevel;
  /** How much of what partners asked is kept to be looked at; undefined: nothing. */
  readonly messageLog: { readonly keepMs: number; readonly entries: number } | undefined;
  readonly evData: EvDataConfig;
  readonly timers: TimerConfig;
}

/** What must never be printed, apart from the config that is. */
export interface HubSecrets {
  /** Set when {@link HubConfig.adminToken} is `given`. */
  readonly adminToken: string | undefined;
}

export interface LoadedConfig {
  readonly config: HubConfig;
  readonly secrets: HubSecrets;
  /** Sentences for the operator about what is legal and probably not meant. */
  readonly warnings: readonly string[];
}

/** A host as it stands in a URL: IPv6 in brackets. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The base of all public URLs, without a slash at the end. `boundPort` matters when port 0 was asked for. */
export function publicUrl(listener: PublicListenerConfig, boundPort: number = listener.port): string {
  return listener.publicUrl ?? `http://${urlHost(listener.host)}:${boundPort}`;
}
