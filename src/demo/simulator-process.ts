import path from 'node:path';
import type { Comparison, PullResult, Verification } from '../simulator/index.js';
import { callJson, callLines } from './call-json.js';
import { Child, programPath } from './child.js';
import { until } from './until.js';

export interface Party {
  readonly country_code: string;
  readonly party_id: string;
  readonly role: string;
}

/** What both kinds of simulators show. */
interface CommonState {
  readonly alive: boolean;
  readonly registered: boolean;
  readonly requests: number;
  readonly violations: {
    readonly total: number;
    readonly by_kind: Readonly<Record<string, number>>;
    readonly first: readonly { kind: string; method: string; url: string; detail: string }[];
  };
  readonly last_error?: string;
  readonly memory_rss: number;
}

export interface PutAllState {
  readonly running: boolean;
  readonly total: number;
  readonly done: number;
  readonly accepted: number;
  readonly refused: number;
  readonly failed: number;
  readonly elapsed_ms: number;
  readonly refusals: Readonly<Record<string, { readonly count: number; readonly examples: readonly string[] }>>;
  readonly failures: Readonly<Record<string, number>>;
}

export interface StreamState {
  readonly running: boolean;
  readonly evses: number;
  readonly produced: number;
  readonly accepted: number;
  readonly refused: number;
  readonly failed: number;
  readonly reasons: Readonly<Record<string, number>>;
}

export interface CpoState extends CommonState {
  readonly catalogue: { readonly locations: number; readonly tariffs: number };
  readonly put_all?: PutAllState;
  readonly stream?: StreamState;
}

export interface EmspState extends CommonState {
  readonly received: {
    readonly put: number;
    readonly patch: number;
    readonly delete: number;
    readonly duplicates: number;
    readonly regressions: number;
    readonly not_found: number;
    readonly rejected: number;
    readonly bad_bodies: Readonly<Record<string, number>>;
    readonly first_regressions: readonly { key: string }[];
    readonly push_lag_ms: {
      readonly count: number;
      readonly p50?: number;
      readonly p99?: number;
      readonly max?: number;
    };
    readonly copies: Readonly<Record<string, { readonly locations: number; readonly tariffs: number }>>;
  };
  readonly pull: { readonly running: boolean; readonly lists: readonly PullResult[] };
}

/** The last state of an EVSE that the hub acknowledged. */
export interface AcknowledgedStatus {
  readonly key: string;
  readonly uid: string;
  readonly status: string;
  readonly last_updated: string;
}

/** A partner platform as a separate process, driven through its control server. */
class SimulatorProcess<State extends CommonState> {
  readonly child: Child;
  parties: readonly Party[] = [];
  private control = '';

  constructor(
    readonly name: string,
    kind: 'cpo' | 'emsp',
    folder: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
  ) {
    const log = path.join(folder, `${name.toLowerCase().replaceAll(' ', '-')}.log`);
    const program = [programPath('simulator/main.js'), kind, '--name', name, ...args];
    this.child = new Child(name, log, program, env, (line) => this.take(line));
  }

  /** Waits until it listens; data files are read before. */
  async started(): Promise<void> {
    const control = until(`${this.name} listens`, 120_000, () => this.control || undefined);
    await Promise.race([this.child.died, control]);
  }

  state(): Promise<State> {
    return this.call('/state');
  }

  /** Makes a token A for the hub. */
  invite(): Promise<{ versions_url: string; token: string }> {
    return this.post('/invite');
  }

  /** Registers at the hub with its token A. */
  async register(invitation: { versions_url: string; token: string }): Promise<void> {
    await this.post('/register', { versions_url: invitation.versions_url, token: invitation.token });
  }

  /** Key (`locations/DE/CP1/LOC1`) → hash of the canonical form of each object. */
  async snapshot(party?: string): Promise<Map<string, string>> {
    const query = party === undefined ? '' : `?party=${party}`;
    const lines = await callLines<{ key: string; hash: string }>(`${this.control}/snapshot${query}`);
    return new Map(lines.map(({ key, hash }) => [key, hash]));
  }

  /** One object as it is held, as text. */
  async object(key: string): Promise<string> {
    return (await this.call<{ text: string }>(`/object?key=${encodeURIComponent(key)}`)).text;
  }

  async stop(): Promise<void> {
    await this.child.stop();
  }

  protected call<T>(route: string): Promise<T> {
    return callJson<T>(`${this.control}${route}`);
  }

  protected post<T>(route: string, body: object = {}): Promise<T> {
    return callJson<T>(`${this.control}${route}`, { method: 'POST', body });
  }

  protected lines<T>(route: string): Promise<T[]> {
    return callLines<T>(`${this.control}${route}`);
  }

  private take(line: string): void {
    const event = JSON.parse(line) as { event: string; control_port: number; parties: Party[] };
    if (event.event !== 'started') return;
    this.parties = event.parties;
    this.control = `http://127.0.0.1:${event.control_port}`;
  }
}

export class CpoProcess extends SimulatorProcess<CpoState> {
  constructor(name: string, folder: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    super(name, 'cpo', folder, args, env);
  }

  async startPutAll(): Promise<void> {
    await this.post('/put-all');
  }

  async startStream(rate: number, durationSeconds?: number): Promise<void> {
    await this.post('/stream', { rate, ...(durationSeconds === undefined ? {} : { durationSeconds }) });
  }

  acknowledged(): Promise<AcknowledgedStatus[]> {
    return this.lines('/acknowledged');
  }

  /** GETs each of its objects at the hub and compares. */
  verify(): Promise<Verification> {
    return this.post('/verify');
  }

  /** Why the hub refuses an object: PUTs it and returns the answer; undefined if it was taken. */
  async refusalOf(key: string): Promise<string | undefined> {
    const [module = '', country_code = '', party_id = ''] = key.split('/');
    const text = await this.object(key);
    const { id } = JSON.parse(text) as { id: string };
    const answer = await this.post<{ http: number; code?: number; message: string }>('/send', {
      method: 'PUT',
      module,
      role: 'RECEIVER',
      path: [country_code, party_id, id],
      from: `${country_code}/${party_id}`,
      body: text,
    });
    return answer.code === 1000 ? undefined : `${answer.http}/${answer.code ?? 'no envelope'} ${answer.message}`;
  }
}

export class EmspProcess extends SimulatorProcess<EmspState> {
  constructor(name: string, folder: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    super(name, 'emsp', folder, args, env);
  }

  async startPull(): Promise<void> {
    await this.post('/pull');
  }

  /** Reads the hub's lists as `party` and compares them with that party's copy. */
  compare(party: string): Promise<Comparison> {
    return this.post('/compare', { party });
  }

  async setFaults(faults: readonly string[]): Promise<void> {
    await this.post('/faults', { faults });
  }

  async die(): Promise<void> {
    await this.post('/die');
  }

  async revive(): Promise<void> {
    await this.post('/revive');
  }

  async resetLags(): Promise<void> {
    await this.post('/reset-lags');
  }
}
