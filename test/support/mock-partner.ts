import nock from 'nock';

/** One request as the partner got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  /** Decoded from Base64; as sent if it was raw. */
  readonly token: string;
  readonly raw: boolean;
  readonly body: unknown;
}

export type Reply = readonly [status: number, body: unknown];
type Handler = (received: Received) => Reply | Promise<Reply>;

export interface PartnerEntry {
  identifier: string;
  role: string;
  url: string;
}

export const ok = (data?: unknown): Reply => [
  200,
  { status_code: 1000, timestamp: '2026-01-01T00:00:00Z', ...(data === undefined ? {} : { data }) },
];

/**
 * A partner platform behind nock: it offers versions, details and credentials, remembers who asked what, and every
 * answer can be replaced.
 */
export class MockPartner {
  readonly received: Received[] = [];
  readonly versionsUrl: string;
  endpoints: PartnerEntry[];
  versions: Handler = () => ok([{ version: '2.2.1', url: `${this.origin}/ocpi/2.2.1` }]);
  details: Handler = () => ok({ version: '2.2.1', endpoints: this.endpoints });
  credentials: Handler = () => [405, { status_code: 2000, timestamp: '2026-01-01T00:00:00Z' }];

  constructor(readonly origin: string) {
    this.versionsUrl = `${origin}/ocpi/versions`;
    this.endpoints = [
      { identifier: 'credentials', role: 'RECEIVER', url: `${origin}/ocpi/2.2.1/credentials` },
      { identifier: 'locations', role: 'SENDER', url: `${origin}/ocpi/2.2.1/locations` },
    ];
    this.serve('get', '/ocpi/versions', (received) => this.versions(received));
    this.serve('get', '/ocpi/2.2.1', (received) => this.details(received));
    for (const method of ['post', 'put', 'delete'] as const)
      this.serve(method, '/ocpi/2.2.1/credentials', (received) => this.credentials(received));
  }

  /** Credentials as this partner would send them. */
  object(token: string, parties: readonly string[] = ['DE/CP1/CPO'], url = this.versionsUrl) {
    return {
      token,
      url,
      roles: parties.map((party) => {
        const [country_code, party_id, role] = party.split('/');
        return { role, country_code, party_id, business_details: { name: 'Charging Ltd' } };
      }),
    };
  }

  private serve(method: 'get' | 'post' | 'put' | 'delete', path: string, handler: Handler): void {
    const note = (received: Received): void => {
      this.received.push(received);
    };
    nock(this.origin)
      .persist()
      [method](path)
      .reply(async function (_uri, body) {
        const header = String(this.req.headers.authorization).replace(/^Token /, '');
        const raw = header.includes('.') || header.includes('-');
        const token = raw ? header : Buffer.from(header, 'base64').toString();
        const received = { method: method.toUpperCase(), path, token, raw, body };
        note(received);
        return (await handler(received)) as never;
      });
  }
}
