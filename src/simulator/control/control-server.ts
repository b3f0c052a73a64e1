import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { isRecord } from '../handshake/credentials.js';
import { HandshakeError } from '../handshake/handshake.js';

/** The parameters of a control call: its query and its JSON body together. */
export type ControlInput = Record<string, unknown>;

/** A control call's work: an object is answered as JSON, lines as NDJSON, a string as it is. */
export type ControlHandler = (input: ControlInput) => Promise<unknown> | unknown;

/** `GET /state` and so on → handler. */
export type ControlRoutes = Record<string, ControlHandler>;

/** An answer of many lines, written as NDJSON. */
export class Lines {
  constructor(readonly lines: Iterable<unknown>) {}
}

/** A mistake of the caller's; becomes a 400. */
export class ControlInputError extends Error {
  override readonly name = 'ControlInputError';
}

/** The control port of a simulator: small JSON calls on loopback, for tests and demonstrations. No authentication. */
export class ControlServer {
  private readonly server: http.Server;

  constructor(private readonly routes: ControlRoutes) {
    this.server = http.createServer((request, response) => {
      this.take(request, response).catch(() => response.destroy());
    });
  }

  /** Opens the port on loopback (0 = a free one) and returns it. */
  async start(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => resolve());
    });
    return (this.server.address() as AddressInfo).port;
  }

  /** Closes the port and its connections. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://control');
    const handler = this.routes[`${request.method} ${url.pathname}`];
    if (handler === undefined) {
      return json(response, 404, { error: 'no such call', calls: Object.keys(this.routes) });
    }
    try {
      const input = { ...Object.fromEntries(url.searchParams), ...readBody(Buffer.concat(chunks).toString('utf8')) };
      const result = await handler(input);
      if (result instanceof Lines) return await lines(response, result.lines);
      json(response, 200, result ?? { ok: true });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof HandshakeError) return json(response, 502, { error: message, code: error.code });
      const mistake = error instanceof ControlInputError || error instanceof RangeError;
      json(response, mistake ? 400 : 500, { error: message });
    }
  }
}

function readBody(text: string): ControlInput {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ControlInputError('body is not JSON');
  }
  if (!isRecord(value)) throw new ControlInputError('body is no JSON object');
  return value;
}

function json(response: http.ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

async function lines(response: http.ServerResponse, items: Iterable<unknown>): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  let block = '';
  for (const item of items) {
    block += `${JSON.stringify(item)}\n`;
    if (block.length < 65_536) continue;
    if (!response.write(block)) await new Promise((resolve) => response.once('drain', resolve));
    block = '';
  }
  response.end(block);
}
