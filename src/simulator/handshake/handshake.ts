import { randomUUID } from 'node:crypto';
import { accepted, answerWith, type Reply, refused, type SimulatedParty } from '../http/exchange.js';
import { type Answer, type HttpClient, TransportError } from '../http/http-client.js';
import { describeAnswer, isSuccess, readEnvelope } from '../http/ocpi-answer.js';
import { fromWire } from '../wire/wire-text.js';
import { credentialsText, isRecord, readCredentials } from './credentials.js';
import { authorizationOf, newToken, type Peer, type PeerEndpoint, type PeerLink, type Standing } from './peer-link.js';

/** Why a handshake failed, with the OCPI code that says so to the other side. */
export class HandshakeError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
    this.name = 'HandshakeError';
  }
}

/** What the handshake needs to know of its own platform. */
export interface HandshakeOptions {
  http: HttpClient;
  link: PeerLink;
  parties: readonly SimulatedParty[];
  versionsUrl: () => string;
}

/**
 * Registration with a peer in both directions: as the one that starts it, and as the one that is called.
 *
 * Spec: 2.2.1 §7.1, §7.2 (C-01 … C-31), §6.1, §6.2 (V-01 … V-12).
 */
export class Handshake {
  constructor(private readonly options: HandshakeOptions) {}

  /** Registers at a peer with its token A: versions, details, POST credentials with our token B, keep its token C. */
  async register(versionsUrl: string, tokenA: string): Promise<void> {
    await this.exchange('POST', tokenA, versionsUrl);
  }

  /** Renews both tokens by PUT credentials; the peer reads our endpoints again. */
  async rotate(): Promise<void> {
    const { peer } = this.options.link;
    if (peer === undefined) throw new HandshakeError(2000, 'not registered');
    await this.exchange('PUT', peer.outboundToken, peer.versionsUrl);
  }

  /** Ends the connection by DELETE credentials. */
  async unregister(): Promise<void> {
    const { link } = this.options;
    if (link.peer === undefined) throw new HandshakeError(2000, 'not registered');
    const url = link.endpoint('credentials', 'SENDER') ?? link.endpoint('credentials', 'RECEIVER') ?? '';
    const answer = readEnvelope(await this.call('DELETE', url, link.peer.outboundToken));
    if (!isSuccess(answer)) throw new HandshakeError(2000, `DELETE credentials: ${describeAnswer(answer)}`);
    link.drop();
  }

  /** Answers a request to our credentials endpoint. */
  async receive(method: string, standing: Standing, presented: string, body: string): Promise<Reply> {
    const { link } = this.options;
    if (method === 'GET') return answerWith(this.ownCredentials(presented));
    const registered = standing === 'peer';
    const fits = method === 'POST' ? standing === 'invited' : (method === 'PUT' || method === 'DELETE') && registered;
    if (!fits) {
      const allow = registered ? 'GET, PUT, DELETE' : 'GET, POST';
      return { ...refused(405, 2000, `${method} is not for a caller in this standing`), headers: [['Allow', allow]] };
    }
    if (method === 'DELETE') {
      link.drop();
      return accepted();
    }
    const credentials = readCredentials(body);
    if (typeof credentials === 'string') return refused(200, 2001, credentials);
    try {
      const endpoints = await this.discover(credentials.url, credentials.token);
      const inbound = newToken();
      const { token: outboundToken, url, roles } = credentials;
      link.establish({ versionsUrl: url, outboundToken, roles, endpoints }, inbound);
      if (method === 'POST') link.revoke(presented);
      return answerWith(this.ownCredentials(inbound));
    } catch (error) {
      if (error instanceof HandshakeError) return refused(200, error.code, error.message);
      throw error;
    }
  }

  /** Reads versions and details of a platform and returns its endpoints (V-12: version 2.2.1). */
  async discover(versionsUrl: string, token: string): Promise<PeerEndpoint[]> {
    const versions = await this.fetchData(versionsUrl, token);
    const entries = Array.isArray(versions) ? versions.filter(isRecord) : [];
    if (entries.length === 0) throw new HandshakeError(3001, `${versionsUrl} lists no versions`);
    const url = entries.find((entry) => entry.version === '2.2.1')?.url;
    if (typeof url !== 'string') throw new HandshakeError(3002, `${versionsUrl} does not offer 2.2.1`);
    const details = await this.fetchData(url, token);
    const listed = isRecord(details) && Array.isArray(details.endpoints) ? details.endpoints.filter(isRecord) : [];
    const endpoints: PeerEndpoint[] = [];
    for (const { identifier, role, url: endpointUrl } of listed) {
      if (typeof identifier === 'string' && typeof role === 'string' && typeof endpointUrl === 'string') {
        endpoints.push({ identifier, role, url: endpointUrl });
      }
    }
    if (!endpoints.some((e) => e.identifier === 'credentials')) {
      throw new HandshakeError(3003, `${url} lists no credentials endpoint`);
    }
    return endpoints;
  }

  private async exchange(method: 'POST' | 'PUT', presented: string, versionsUrl: string): Promise<void> {
    const { link, parties } = this.options;
    const endpoints = await this.discover(versionsUrl, presented);
    const url = endpoints.find((e) => e.identifier === 'credentials')?.url ?? '';
    const inbound = newToken();
    link.admit(inbound, 'pending');
    try {
      const body = credentialsText(inbound, this.options.versionsUrl(), parties);
      const answer = readEnvelope(await this.call(method, url, presented, body));
      if (!isSuccess(answer))
        throw new HandshakeError(answer.code ?? 3001, `${method} credentials: ${describeAnswer(answer)}`);
      const credentials = readCredentials(answer.data);
      if (typeof credentials === 'string') throw new HandshakeError(3001, `${method} credentials: ${credentials}`);
      const { token: outboundToken, roles } = credentials;
      const peer: Peer = { versionsUrl: credentials.url, outboundToken, roles, endpoints };
      link.establish(peer, inbound);
    } catch (error) {
      link.revoke(inbound);
      throw error;
    }
  }

  private ownCredentials(token: string): string {
    return credentialsText(token, this.options.versionsUrl(), this.options.parties);
  }

  private async fetchData(url: string, token: string): Promise<unknown> {
    const answer = readEnvelope(await this.call('GET', url, token));
    if (!isSuccess(answer) || answer.data === undefined) {
      throw new HandshakeError(3001, `GET ${url}: ${describeAnswer(answer)}`);
    }
    return JSON.parse(fromWire(answer.data));
  }

  private async call(method: string, url: string, token: string, body?: string): Promise<Answer> {
    const headers: Record<string, string> = {
      Authorization: authorizationOf(token),
      'X-Request-ID': randomUUID(),
      'X-Correlation-ID': randomUUID(),
    };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    try {
      return await this.options.http.send({ method, url, headers, body });
    } catch (error) {
      const reason = error instanceof TransportError ? `${error.code} ${error.message}` : String(error);
      throw new HandshakeError(3001, `${method} ${url}: ${reason}`);
    }
  }
}
