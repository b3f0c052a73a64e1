import http from 'node:http';
import { testKey } from '../../http/testing/ev-test-server.js';

export interface StreamedMessage {
  readonly offset: number;
  readonly type: string;
  readonly locationId: string;
  readonly evseUid: string;
  readonly status?: string;
}

/** One part of a stream: what stands between two empty lines. */
export interface StreamPart {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: string | undefined;
}

/** Reads server-sent events as a browser does: the last id stays, whatever carried it. */
export class StreamClient {
  readonly parts: StreamPart[] = [];
  readonly messages: StreamedMessage[] = [];
  lastId: string | undefined;
  status = 0;
  ended = false;
  private rest = '';
  private response: http.IncomingMessage | undefined;

  private constructor(private readonly request: http.ClientRequest) {}

  static open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<StreamClient> {
    return new Promise((resolve, reject) => {
      const request = http.get(url, { headers: { Authorization: `Bearer ${testKey}`, ...headers }, agent: false });
      const client = new StreamClient(request);
      request.on('error', (error) => (client.status === 0 ? reject(error) : undefined));
      request.on('response', (response) => {
        client.status = response.statusCode ?? 0;
        client.response = response;
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => client.take(chunk));
        response.on('error', () => undefined);
        response.on('close', () => {
          client.ended = true;
        });
        resolve(client);
      });
    });
  }

  pause(): void {
    this.response?.pause();
  }

  resume(): void {
    this.response?.resume();
  }

  close(): void {
    this.request.destroy();
  }

  private take(chunk: string): void {
    const texts = (this.rest + chunk).split('\n\n');
    this.rest = texts.pop() ?? '';
    for (const text of texts) {
      const lines = text.split('\n');
      const field = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const part = { event: field('event'), id: field('id'), data: field('data') };
      this.parts.push(part);
      if (part.id !== undefined) this.lastId = part.id;
      if (part.event === undefined && part.data !== undefined)
        this.messages.push(JSON.parse(part.data) as StreamedMessage);
    }
  }
}
