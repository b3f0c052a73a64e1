import net from 'node:net';
import { sharedNow } from '../harness/shared-clock.js';
import type { Manner } from './protocol.js';

const headEnd = Buffer.from('\r\n\r\n');
const lengthName = 'Content-Length: ';
const lateMs = 9_000;

const answerOf = (data: string): Buffer => {
  const body = `{"data":${data},"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}`;
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  return Buffer.from(`${head}\r\nKeep-Alive: timeout=60\r\n\r\n${body}`);
};

export interface Kept {
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * A platform that takes whatever is pushed to it, at next to no cost: raw sockets, one ready answer, and of HTTP no more than the
 * hub's client speaks. It counts, and where asked to keeps what came and when.
 */
export class Receiver {
  pushes = 0;
  /** How many more pushes are kept. */
  keep = 0;
  kept: Kept[] = [];
  private readonly server: net.Server;
  private readonly sockets = new Set<net.Socket>();
  private readonly taken = answerOf('null');

  private manner: Manner = 'healthy';

  constructor() {
    this.server = net.createServer({ noDelay: true }, (socket) => this.serve(socket));
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', () => resolve(this.port));
    });
  }

  behave(manner: Manner): void {
    this.manner = manner;
    if (manner !== 'refusing') return;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  private serve(socket: net.Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let waiting: Buffer | undefined;
    socket.on('data', (chunk) => {
      let data = waiting ? Buffer.concat([waiting, chunk]) : chunk;
      for (let end = requestEnd(data); end !== undefined; end = requestEnd(data)) {
        this.take(socket, data.subarray(0, end));
        data = data.subarray(end);
      }
      waiting = data.length > 0 ? data : undefined;
    });
  }

  private take(socket: net.Socket, request: Buffer): void {
    const isPush = request[0] !== 0x47; // Not a GET.
    if (isPush && this.keep > 0) {
      this.keep--;
      this.kept.push({ at: sharedNow(), bytes: Buffer.from(request) });
    }
    if (this.manner === 'silent') return;
    const answer = (): void => {
      if (isPush) this.pushes++;
      if (!socket.destroyed) socket.write(isPush ? this.taken : this.answerTo(request));
    };
    if (this.manner === 'late') setTimeout(answer, lateMs);
    else answer();
  }

  /** The lists that the handshake reads. */
  private answerTo(request: Buffer): Buffer {
    const origin = `http://127.0.0.1:${this.port}`;
    const target = request.toString('latin1', 4, request.indexOf(' ', 4));
    if (target === '/versions') return answerOf(JSON.stringify([{ version: '2.2.1', url: `${origin}/2.2.1` }]));
    const endpoints = [
      { identifier: 'credentials', role: 'SENDER', url: `${origin}/credentials` },
      { identifier: 'locations', role: 'RECEIVER', url: `${origin}/locations` },
    ];
    return answerOf(target === '/2.2.1' ? JSON.stringify({ version: '2.2.1', endpoints }) : '[]');
  }
}

/** Where the first request ends, once all of it is there. */
export function requestEnd(data: Buffer): number | undefined {
  const end = data.indexOf(headEnd);
  if (end === -1) return undefined;
  const length = data.indexOf(lengthName);
  let bytes = 0;
  if (length !== -1 && length < end) {
    for (let at = length + lengthName.length; ; at++) {
      const digit = (data[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      bytes = bytes * 10 + digit;
    }
  }
  const whole = end + headEnd.length + bytes;
  return data.length >= whole ? whole : undefined;
}
