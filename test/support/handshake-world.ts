import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { encodeAuthorization, type TokenForm } from '../../src/kernel/credentials-token.js';
import { type CredentialsModule, credentialsModule } from '../../src/modules/credentials/index.js';
import { versionsModule } from '../../src/modules/versions/index.js';
import {
  createPublicListener,
  mountedEndpoints,
  type OcpiModule,
  RequestPipeline,
} from '../../src/platform/http/index.js';
import { OutboundClient } from '../../src/platform/outbound/outbound-client.js';
import {
  type InviteRequest,
  type IssuedInvite,
  loadSecretKeys,
  openPartners,
  type Partners,
  partnerEntities,
  partnerMigrations,
  postgresPartnerMigrations,
} from '../../src/platform/partners/index.js';
import { SchemaRegistry } from '../../src/platform/schema/index.js';
import { PostgresStorage, SqliteStorage } from '../../src/platform/storage/index.js';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: { readonly status_code: number; readonly status_message?: string; readonly data?: never };
}

export interface CallOptions {
  readonly token?: string;
  readonly form?: TokenForm;
  /** Instead of what `token` makes. */
  readonly authorization?: string;
  readonly body?: unknown;
}

export const operator = { name: 'operator' };
const hub = { country_code: 'NL', party_id: 'HUB' };
const schemas = SchemaRegistry.load();

/**
 * A hub of versions and credentials only: real storage in a directory of its own, or in a PostgreSQL that it shares with other
 * nodes; real HTTP, partners behind nock.
 */
export class HandshakeWorld {
  /** Partner ids that the hook was told of. */
  readonly registered: string[] = [];
  /** Makes the next transactions fail: after so many successful ones; undefined = none. */
  failAfter: number | undefined;
  now = Date.UTC(2026, 0, 1);
  private store!: SqliteStorage | PostgresStorage;
  partners!: Partners;
  credentials!: CredentialsModule;
  publicUrl = '';
  private client!: OutboundClient;
  private server!: http.Server;

  private constructor(
    readonly directory: string,
    private readonly postgresUrl?: string,
  ) {}

  static async open(directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-credentials-'))): Promise<HandshakeWorld> {
    const world = new HandshakeWorld(directory);
    await world.start();
    return world;
  }

  /** One node of several on a PostgreSQL database, with the keys of the directory. */
  static async node(postgresUrl: string, directory: string): Promise<HandshakeWorld> {
    const world = new HandshakeWorld(directory, postgresUrl);
    await world.start();
    return world;
  }

  /** Where it has a file of its own. */
  get storage(): SqliteStorage {
    if (this.store.kind !== 'sqlite') throw new Error('this hub stores in PostgreSQL');
    return this.store;
  }

  /** What a kill -9 at this very moment would leave, as a hub that has started again. */
  crashCopy(): () => Promise<HandshakeWorld> {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-crashed-'));
    cpSync(this.directory, directory, { recursive: true, filter: (file) => !file.includes('.lock') });
    return () => HandshakeWorld.open(directory);
  }

  async close(): Promise<void> {
    this.failAfter = undefined;
    await new Promise((resolve) => this.server.close(resolve));
    await this.client.close();
    await this.partners.activity.flush();
    await this.partners.stop();
    await this.store.close();
    if (this.postgresUrl === undefined) rmSync(this.directory, { recursive: true });
  }

  invite(request: Partial<InviteRequest> = {}): Promise<IssuedInvite> {
    const roles = [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' as const }];
    return this.partners.invites.create({ name: 'Charging Ltd', roles, ...request }, operator);
  }

  call(method: string, url: string, options: CallOptions = {}): Promise<Answer> {
    const text = options.body === undefined ? undefined : JSON.stringify(options.body);
    const authorization =
      options.authorization ?? (options.token && encodeAuthorization(options.token, options.form ?? 'base64'));
    return new Promise((resolve, reject) => {
      const request = http.request(`${this.publicUrl}/ocpi${url}`, { method, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body = JSON.parse(Buffer.concat(chunks).toString()) as Answer['body'];
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
      request.on('error', reject);
      if (authorization !== undefined) request.setHeader('Authorization', authorization);
      if (text !== undefined) request.setHeader('Content-Type', 'application/json');
      request.end(text);
    });
  }

  post(token: string, body: unknown, form: TokenForm = 'base64'): Promise<Answer> {
    return this.call('POST', '/2.2.1/credentials', { token, body, form });
  }

  put(token: string, body: unknown): Promise<Answer> {
    return this.call('PUT', '/2.2.1/credentials', { token, body });
  }

  /** All rows but the audit's, to see that nothing was stored. */
  rows(): Record<string, unknown[]> {
    const tables = [
      'partner',
      'partner_role',
      'partner_endpoint',
      'credential',
      'sealed_token',
      'invite',
      'registration',
    ];
    return Object.fromEntries(
      tables.map((table) => [table, this.storage.reader.prepare(`SELECT * FROM ${table}`).all()]),
    );
  }

  /** Every byte of the database and its log. */
  databaseBytes(): Buffer {
    const files = readdirSync(this.directory).filter((name) => name.startsWith('hub.sqlite'));
    return Buffer.concat(files.map((name) => readFileSync(path.join(this.directory, name))));
  }

  private async start(): Promise<void> {
    const clock = { now: () => this.now };
    this.store = await this.openStore();
    const keys = loadSecretKeys({ dataDirectory: this.directory, development: true });
    const shared = this.store.kind === 'postgres' ? { shared: this.store } : {};
    this.partners = await openPartners({ storage: this.failing(), keys, clock, hub, ...shared });
    this.client = new OutboundClient({ policy: { development: false, allowedNetworks: [] }, clock });
    this.credentials = credentialsModule({
      partners: this.partners,
      calls: this.client,
      validate: (name, value) => schemas.validate(name, value),
      hub: { ...hub, name: 'Test hub', versionsUrl: () => `${this.publicUrl}/ocpi/versions` },
      clock,
      onRegistered: (partnerId) => this.registered.push(partnerId),
    });
    const modules: OcpiModule[] = [
      versionsModule({ mounted: (caller) => mountedEndpoints(this.publicUrl, modules, caller) }),
      this.credentials.module,
    ];
    const pipeline = new RequestPipeline({
      clock,
      authenticator: this.partners.directory,
      hub,
      rateLimit: undefined,
      observe: () => undefined,
    });
    const isReady = () => ({ ready: true, details: {} });
    this.server = createPublicListener({ publicUrl: () => this.publicUrl, modules, pipeline, isReady });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.publicUrl = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private openStore(): Promise<SqliteStorage | PostgresStorage> {
    const entities = partnerEntities;
    if (this.postgresUrl === undefined)
      return SqliteStorage.open({
        file: path.join(this.directory, 'hub.sqlite'),
        entities,
        migrations: partnerMigrations,
      });
    const migrations = postgresPartnerMigrations;
    return PostgresStorage.open({ url: this.postgresUrl, entities, migrations, requireDurable: false });
  }

  private failing() {
    return {
      transaction: <T>(work: Parameters<SqliteStorage['transaction']>[0]): Promise<T> => {
        if (this.failAfter === 0) return Promise.reject(new Error('the database failed'));
        if (this.failAfter !== undefined) this.failAfter--;
        return this.store.transaction(work) as Promise<T>;
      },
    };
  }
}
