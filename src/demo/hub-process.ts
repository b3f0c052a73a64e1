import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Call, callJson, callText } from './call-json.js';
import { Child, programPath } from './child.js';
import { until } from './until.js';

export interface PartnerInfo {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly objects: Readonly<Record<string, number>>;
}

export interface LaneInfo {
  readonly partner_id: string;
  readonly lag_objects: number;
  readonly lag_seconds: number;
  readonly breaker: string;
  readonly in_flight: number;
  readonly parked: number;
}

export interface PullInfo {
  readonly partner_id: string;
  readonly module: string;
  readonly state: string;
  readonly objects: number;
  readonly refused: number;
  readonly stored: number;
  readonly detail: string | null;
}

interface Invite {
  readonly token: string;
  readonly versions_url: string;
}

export interface HubOptions {
  /** Holds the hub's data directory and its log. */
  readonly folder: string;
  readonly redisUrl: string | undefined;
  /** What the hub inherits, without settings of another hub. */
  readonly env: NodeJS.ProcessEnv;
}

/** The hub as a separate process, and its operator: everything goes through the admin API. */
export class HubProcess {
  readonly child: Child;
  readonly dataDir: string;
  publicUrl = '';
  adminUrl = '';
  private token = '';

  constructor(options: HubOptions) {
    this.dataDir = path.join(options.folder, 'hub-data');
    const env = {
      ...options.env,
      ROAMHUB_PORT: '0',
      ROAMHUB_ADMIN_PORT: '0',
      ROAMHUB_DATA_DIR: this.dataDir,
      ROAMHUB_DEVELOPMENT: 'true',
      ROAMHUB_STOP_GRACE_SECONDS: '0',
      ...(options.redisUrl === undefined ? {} : { ROAMHUB_REDIS_URL: options.redisUrl }),
    };
    const args = ['--enable-source-maps', programPath('main.js')];
    this.child = new Child('The hub', path.join(options.folder, 'hub.log'), args, env);
  }

  /** Where the admin token is kept. */
  get tokenFile(): string {
    return path.join(this.dataDir, 'admin-token');
  }

  /** Waits until it listens. */
  async started(): Promise<void> {
    const found = await Promise.race([this.child.died, until('the hub listens', 30_000, () => this.addresses())]);
    this.publicUrl = found.public_url;
    this.adminUrl = found.admin_url;
    await until('the hub has made its admin token', 5_000, () => existsSync(this.tokenFile) || undefined);
    this.token = readFileSync(this.tokenFile, 'utf8').trim();
  }

  invite(name: string, roles: readonly object[]): Promise<Invite> {
    return this.api('/api/invites', { method: 'POST', body: { name, roles } });
  }

  register(name: string, versionsUrl: string, token: string): Promise<PartnerInfo> {
    return this.api('/api/registrations', { method: 'POST', body: { name, versions_url: versionsUrl, token } });
  }

  partners(): Promise<PartnerInfo[]> {
    return this.api('/api/partners');
  }

  lanes(): Promise<LaneInfo[]> {
    return this.api('/api/lanes');
  }

  pulls(): Promise<PullInfo[]> {
    return this.api('/api/pulls');
  }

  /** A key of the EV data API, with every right. */
  async dataKey(name: string): Promise<string> {
    return (await this.api<{ key: string }>('/api/ev/keys', { method: 'POST', body: { name } })).key;
  }

  /** Takes in how busy Locations were. */
  async importHistory(items: readonly object[]): Promise<void> {
    await this.api('/api/ev/history', { method: 'POST', body: { items } });
  }

  /** Sums of all counters and values of the gauges in `/metrics`, by name. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const sums = new Map<string, number>();
    const text = await callText(`${this.adminUrl}/metrics`, { bearer: this.token });
    for (const line of text.split('\n')) {
      const match = /^(\w+)(?:\{.*\})? ([-+.\deE]+)$/.exec(line);
      if (match?.[1] !== undefined) sums.set(match[1], (sums.get(match[1]) ?? 0) + Number(match[2]));
    }
    return sums;
  }

  private api<T>(route: string, call: Call = {}): Promise<T> {
    return callJson<T>(`${this.adminUrl}${route}`, { ...call, bearer: this.token });
  }

  private addresses(): { public_url: string; admin_url: string } | undefined {
    for (const line of readFileSync(this.child.logFile, 'utf8').split('\n')) {
      if (!line.includes('"hub.started"')) continue;
      return JSON.parse(line) as { public_url: string; admin_url: string };
    }
    return undefined;
  }
}
