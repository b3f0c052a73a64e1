import path from 'node:path';
import type { Comparison, Leg, PullResult, Verification } from '../simulator/index.js';
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

/** A Token as an eMSP simulator shows it. */
export interface TokenInfo {
  readonly uid: string;
  readonly type: string;
  readonly text: string;
}

/** What a platform knows of a party, from the hub. */
export interface ClientInfo extends Party {
  readonly status: string;
  readonly by: 'push' | 'pull';
}

/** How a question whether a Token may charge was answered. */
export interface AuthorizeInfo {
  readonly http: number;
  readonly code?: number;
  readonly ms: number;
  readonly correlation_id: string;
  readonly by?: string;
  readonly info?: { readonly allowed: string; readonly token: unknown; readonly authorization_reference?: string };
}

/** A command with what came of it. */
export interface CommandInfo {
  readonly http: number;
  readonly code?: number;
  readonly message: string;
  readonly ms: number;
  readonly correlation_id: string;
  readonly by?: string;
  readonly response?: { readonly result: string; readonly timeout: number };
  readonly results: readonly {
    readonly at: number;
    readonly from?: string;
    readonly correlation_id: string;
    readonly body: { readonly result: string };
  }[];
}

/** A charge as the CPO simulator shows it. */
export interface ChargeInfo {
  readonly session_id: string;
  readonly state: 'charging' | 'completed' | 'failed';
  readonly steps: readonly {
    readonly what: string;
    readonly at: number;
    readonly ms: number;
    readonly ok: boolean;
    readonly answer: string;
    readonly correlation_id: string;
    readonly problem?: string;
  }[];
  readonly cdr_url?: string;
  readonly session: unknown;
  readonly cdr?: unknown;
}

/** A Session or CDR as the eMSP simulator holds it. */
export interface HeldText {
  readonly key: string;
  readonly party: string;
  readonly text: string;
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

  /** What it sent and received with a correlation id; see the simulator's `GET /legs`. */
  legs(correlationId: string): Promise<Leg[]> {
    return this.lines(`/legs?correlation_id=${encodeURIComponent(correlationId)}`);
  }

  /** Who else is at the hub, as far as it was told. */
  clientInfos(): Promise<ClientInfo[]> {
    return this.lines('/client-infos');
  }

  /** Reads the hub's list of who is there. */
  pullClientInfos(): Promise<{ objects: number; problem?: string }> {
    return this.post('/pull-client-infos');
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

  /** Gives an EVSE a status and tells the hub; resolves with the hub's answer. False: not taken. */
  async setStatus(key: string, evseUid: string, status: string): Promise<boolean> {
    return (await this.post<{ accepted: boolean }>('/status', { key, evse_uid: evseUid, status })).accepted;
  }

  acknowledged(): Promise<AcknowledgedStatus[]> {
    return this.lines('/acknowledged');
  }

  /** Others' Tokens as the copy of a party holds them. */
  tokens(party: string): Promise<{ key: string; text: string }[]> {
    return this.lines(`/tokens?party=${party}`);
  }

  /** Asks in real time whether a Token may charge. */
  authorize(question: {
    uid: string;
    type: string;
    from: string;
    to?: string;
    open?: boolean;
  }): Promise<AuthorizeInfo> {
    return this.post('/authorize', question);
  }

  /** Says how the next charges go. */
  async planCharges(plan: { updates: number; intervalMs: number }): Promise<void> {
    await this.post('/script', { plan });
  }

  charges(): Promise<ChargeInfo[]> {
    return this.call('/charges');
  }

  /** A connector of each party at which somebody can charge. */
  places(): Promise<{ party: string; location_id?: string; evse_uid?: string; connector_id?: string }[]> {
    return this.call('/places');
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

  /** Gives out Tokens. */
  makeTokens(count: number): Promise<TokenInfo[]> {
    return this.post('/tokens', { count });
  }

  /** PUTs Tokens at the hub. */
  pushTokens(uids: readonly string[]): Promise<{ pushed: number; refusals: Readonly<Record<string, number>> }> {
    return this.post('/push-tokens', { uids });
  }

  /** Sends a START_SESSION and waits for its result. */
  startSession(order: { from: string; to: string; uid: string; members: object }): Promise<CommandInfo> {
    return this.post('/command', { command: 'START_SESSION', wait: true, timeoutMs: 5_000, ...order });
  }

  sessions(): Promise<HeldText[]> {
    return this.lines('/sessions');
  }

  cdrs(): Promise<HeldText[]> {
    return this.lines('/cdrs');
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
