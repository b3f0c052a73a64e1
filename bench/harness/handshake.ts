import { randomUUID } from 'node:crypto';
import { jsonCall } from './http-call.js';
import type { Hub } from './hub.js';

export interface Party {
  readonly country_code: string;
  readonly party_id: string;
}

/** A platform that is to register. */
export interface Applicant {
  readonly name: string;
  readonly role: 'CPO' | 'EMSP';
  readonly parties: readonly Party[];
  /** Scheme, host and port; its versions are at `/versions`. */
  readonly origin: string;
  /** What the hub is to present to it. */
  readonly tokenB: string;
}

export interface Endpoint {
  readonly identifier: string;
  readonly role: string;
  readonly url: string;
}

/** What a platform has learnt by registering. */
export class Registered {
  constructor(
    /** What the hub knows it by. */
    readonly token: string,
    private readonly endpoints: readonly Endpoint[],
  ) {}

  urlOf(identifier: string, role?: string): string {
    return endpointOf(this.endpoints, identifier, role);
  }

  /** The hub's endpoint of a module, without the hub's address. */
  pathOf(identifier: string, role: string): string {
    return new URL(this.urlOf(identifier, role)).pathname;
  }
}

/** The `Authorization` value that presents a credentials token. */
export const authorization = (token: string): string => `Token ${Buffer.from(token).toString('base64')}`;

/** Invitation, versions, details, POST credentials: the real handshake, from the side of the platform. */
export async function register(hub: Hub, { name, role, parties, origin, tokenB }: Applicant): Promise<Registered> {
  const invite = await hub.admin<{ token: string }>('POST', '/api/invites', {
    name,
    roles: parties.map((party) => ({ ...party, role })),
    origins: [origin],
  });
  const versions = await ocpiCall<readonly { version: string; url: string }[]>('GET', hub.versionsUrl, invite.token);
  const url = versions.find(({ version }) => version === '2.2.1')?.url ?? '';
  const { endpoints } = await ocpiCall<{ endpoints: readonly Endpoint[] }>('GET', url, invite.token);
  const credentials = await ocpiCall<{ token: string }>('POST', endpointOf(endpoints, 'credentials'), invite.token, {
    token: tokenB,
    url: `${origin}/versions`,
    roles: parties.map((party) => ({ ...party, role, business_details: { name } })),
  });
  return new Registered(credentials.token, endpoints);
}

function endpointOf(endpoints: readonly Endpoint[], identifier: string, role?: string): string {
  const found = endpoints.find((one) => one.identifier === identifier && (role === undefined || one.role === role));
  if (!found) throw new Error(`The hub offers no ${identifier} ${role ?? ''}.`);
  return found.url;
}

async function ocpiCall<T>(method: string, url: string, token: string, json?: unknown): Promise<T> {
  const headers = {
    Authorization: authorization(token),
    'X-Request-ID': randomUUID(),
    'X-Correlation-ID': randomUUID(),
  };
  const envelope = await jsonCall<{ data: T; status_code: number; status_message?: string }>({
    method,
    url,
    headers,
    json,
  });
  if (envelope.status_code !== 1000) throw new Error(`${method} ${url}: ${JSON.stringify(envelope).slice(0, 500)}`);
  return envelope.data;
}
