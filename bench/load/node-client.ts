import http from 'node:http';
import type { LoadSource } from './load-connection.js';

/**
 * One caller that uses Node's own HTTP client with a kept connection, as an ordinary partner's program does. It takes several
 * times the CPU of the raw connection, so that a quick server waits for it: ratios are then what a partner sees.
 */
export class NodeClient {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  private ended = false;

  constructor(
    private readonly port: number,
    private readonly source: LoadSource,
  ) {
    this.send();
  }

  end(): void {
    this.ended = true;
    this.agent.destroy();
  }

  private send(): void {
    const bytes = this.source.next();
    if (!bytes || this.ended) return;
    const { body, ...options } = parsed(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
    const request = http.request({ host: '127.0.0.1', port: this.port, agent: this.agent, ...options }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => {
        const whole = Buffer.concat(pieces);
        this.source.done(answer.statusCode ?? 0, whole.length, whole);
        this.send();
      });
    });
    request.on('error', (error) => {
      if (!this.ended) this.source.failed(error);
    });
    request.end(body);
  }
}

/** A request as `requestBytes` wrote it, in the client's terms. */
function parsed(text: string): { method: string; path: string; headers: Record<string, string>; body: string } {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  return { method, path, headers, body: text.slice(end + 4) };
}
