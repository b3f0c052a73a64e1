import http from 'node:http';
import https from 'node:https';

/** What came back from a partner. The body is wire text. */
export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** A request to a partner. The body is wire text. */
export interface OutgoingRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

/** No usable answer: refused, reset, timed out, too large. */
export class TransportError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'TransportError';
  }
}

export interface HttpClientOptions {
  /** Total time for one request in milliseconds. */
  timeoutMs?: number;
  /** Connections to one origin. */
  maxSockets?: number;
  /** Largest answer that is read, in bytes. */
  maxBodyBytes?: number;
}

/** Keep-alive HTTP client. Follows no redirects and asks for identity coding. */
export class HttpClient {
  private readonly plain: http.Agent;
  private readonly secure: https.Agent;
  private readonly timeoutMs: number;
  private readonly maxBodyBytes: number;

  constructor(options: HttpClientOptions = {}) {
    const agentOptions = { keepAlive: true, maxSockets: options.maxSockets ?? 64, scheduling: 'lifo' as const };
    this.plain = new http.Agent(agentOptions);
    this.secure = new https.Agent(agentOptions);
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.maxBodyBytes = options.maxBodyBytes ?? 64 * 1024 * 1024;
  }

  /** Sends a request; rejects with {@link TransportError} if there is no answer. A connection that the partner had closed is replaced once. */
  async send(request: OutgoingRequest): Promise<Answer> {
    try {
      return await this.once(request);
    } catch (error) {
      const stale = error instanceof TransportError && error.code === 'STALE_SOCKET' && request.method !== 'POST';
      if (!stale) throw error;
      return this.once(request);
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  private once(request: OutgoingRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const url = new URL(request.url);
      const headers: Record<string, string | number> = { 'Accept-Encoding': 'identity', ...request.headers };
      if (request.body !== undefined) headers['Content-Length'] = request.body.length;
      const secure = url.protocol === 'https:';
      const outgoing = (secure ? https : http).request({
        agent: secure ? this.secure : this.plain,
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: url.pathname + url.search,
        method: request.method,
        headers,
      });
      const timer = setTimeout(
        () => outgoing.destroy(new TransportError('TIMEOUT', 'no answer in time')),
        this.timeoutMs,
      );
      const fail = (error: NodeJS.ErrnoException): void => {
        clearTimeout(timer);
        if (error instanceof TransportError) {
          reject(error);
          return;
        }
        const stale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        reject(new TransportError(stale ? 'STALE_SOCKET' : (error.code ?? 'ERROR'), error.message));
      };
      outgoing.on('error', fail);
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > this.maxBodyBytes) outgoing.destroy(new TransportError('TOO_LARGE', 'answer too large'));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: body?.toString('latin1') ?? '',
          });
        });
      });
      if (request.body === undefined) outgoing.end();
      else outgoing.end(request.body, 'latin1');
    });
  }
}
