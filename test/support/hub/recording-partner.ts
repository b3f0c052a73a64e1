import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { decodeAuthorization } from '../../../src/kernel/credentials-token.js';
import type { PartnerEndpoint } from '../../../src/platform/partners/index.js';

/** A request as a partner got it. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query, as sent. */
  readonly target: string;
  readonly headers: http.IncomingHttpHeaders;
  /** The token that the hub presented, decoded. */
  readonly token: string | undefined;
  readonly bytes: Buffer;
}

export interface PartnerReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Text goes out as it is; anything else as JSON. */
  readonly body?: unknown;
}

type Behaviour = (request: ReceivedRequest) => PartnerReply | Promise<PartnerReply> | 'reset';

/** An OCPI answer in the envelope. */
export const envelope = (data?: unknown, statusCode = 1000): Record<string, unknown> => ({
  ...(data === undefined ? {} : { data }),
  status_code: statusCode,
  timestamp: '2026-05-01T12:00:00Z',
});

/** A partner that writes down what it gets and answers what a test says; 200/1000 otherwise. */
export class RecordingPartner {
  readonly received: ReceivedRequest[] = [];
  behaviour: Behaviour = () => ({});
  private readonly sockets = new Set<Socket>();
  private constructor(
    private readonly server: http.Server,
    readonly origin: string,
  ) {}

  static async open(): Promise<RecordingPartner> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const partner = new RecordingPartner(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (socket) => {
      partner.sockets.add(socket);
      socket.once('close', () => partner.sockets.delete(socket));
    });
    server.on('request', (request, response) => void partner.take(request, response));
    return partner;
  }

  /** Where it is reached for these interfaces, such as `commands RECEIVER`. */
  endpoints(...interfaces: readonly string[]): PartnerEndpoint[] {
    return interfaces.map((text) => {
      const [identifier = '', role] = text.split(' ');
      const side = role === 'SENDER' ? 'SENDER' : 'RECEIVER';
      return { identifier, role: side, url: `${this.origin}/api/${side.toLowerCase()}/${identifier}` };
    });
  }

  get last(): ReceivedRequest {
    const request = this.received.at(-1);
    if (!request) throw new Error('this partner got nothing');
    return request;
  }

  forget(): void {
    this.received.length = 0;
    this.behaviour = () => ({});
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const received: ReceivedRequest = {
      method: request.method ?? '',
      target: request.url ?? '',
      headers: request.headers,
      token: decodeAuthorization(request.headers.authorization)?.decoded,
      bytes: Buffer.concat(chunks),
    };
    this.received.push(received);
    const reply = await this.behaviour(received);
    if (reply === 'reset') {
      request.socket.destroy();
      return;
    }
    const { status = 200, headers = {}, body = envelope() } = reply;
    response.writeHead(status, { 'Content-Type': 'application/json', ...(headers as http.OutgoingHttpHeaders) });
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  }
}
