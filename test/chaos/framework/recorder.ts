import { createWriteStream, type WriteStream } from 'node:fs';
import type http from 'node:http';
import { membersAt, stringMember } from '../../../src/simulator/wire/json-scan.js';
import type { Receipt } from './run-folder.js';

const pushPath = /\/in\/(locations|tariffs)\/([^/?]+)\/([^/?]+)\/([^/?]+)(?:\/([^?]+))?/;

/** When a change reached a partner. */
export interface Arrival {
  readonly u: string;
  readonly w: number;
}

/**
 * Writes down every push that a partner gets, as it comes off the wire: before any fault strikes and apart from what the
 * partner makes of it.
 */
export class Recorder {
  pushes = 0;
  /** Pushes under way. */
  open = 0;
  /** Wall clock of the last arrival, ms. */
  lastAt = 0;
  private readonly output: WriteStream;
  private arrivals: Arrival[] | undefined;
  /** Told of each push when it arrives. */
  onPush: ((receipt: Omit<Receipt, 'end' | 'h'>) => void) | undefined;

  constructor(file: string) {
    this.output = createWriteStream(file, { flags: 'a' });
  }

  /** The `observe` of a simulator. */
  readonly observe = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    const { method = '' } = request;
    if (method !== 'PUT' && method !== 'PATCH' && method !== 'DELETE') return;
    const match = pushPath.exec(request.url ?? '');
    if (!match) return;
    const [, module = '', ...names] = match;
    const [country = '', party = '', id = '', part = ''] = names.map((name) => decodeURIComponent(name ?? ''));
    const head = {
      i: this.pushes++,
      at: performance.now(),
      w: Date.now(),
      m: method,
      k: `${module}/${[country, party, id].join('/').toUpperCase()}`,
      p: part.toUpperCase(),
      port: request.socket.remotePort ?? 0,
    };
    this.lastAt = head.w;
    this.open += 1;
    const chunks: Buffer[] = [];
    let u = '';
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1');
      u = stringMember(body, membersAt(body, 0) ?? [], 'last_updated') ?? '';
      this.arrivals?.push({ u, w: head.w });
      this.onPush?.({ ...head, u });
    });
    response.on('close', () => {
      this.open -= 1;
      const h = response.writableFinished ? response.statusCode : 0;
      const receipt: Receipt = { ...head, u, h, end: performance.now() };
      this.output.write(`${JSON.stringify(receipt)}\n`);
    });
  };

  /** Begins to remember when which change arrived. */
  measure(): void {
    this.arrivals = [];
  }

  /** What arrived since `measure`: `last_updated` and wall clock, ms. */
  takeArrivals(): Arrival[] {
    const { arrivals = [] } = this;
    this.arrivals = undefined;
    return arrivals;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.output.end(() => resolve()));
  }
}
