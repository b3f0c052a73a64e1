import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { encodeAuthorization } from '../../../src/kernel/credentials-token.js';

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** Decompressed if need be. */
  readonly text: string;
  /** The parsed body; throws if it is no JSON. */
  readonly body: WireEnvelope;
  /** `data` as an object. */
  readonly data: Record<string, unknown>;
  /** `data` as a list. */
  readonly list: readonly Record<string, unknown>[];
}

export interface WireEnvelope {
  readonly status_code: number;
  readonly status_message?: string;
  readonly timestamp: string;
  readonly data?: unknown;
}

export interface CallOptions {
  /** Credentials token; left out = no Authorization header. */
  readonly token?: string;
  /** Sent as JSON with its media type; a string or Buffer goes out as it is. */
  readonly body?: unknown;
  /** Added last; a value of undefined takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly agent?: http.Agent;
}

/** One HTTP request; resolves with whatever is answered. */
export function callHttp(method: string, url: string, options: CallOptions = {}): Promise<Answer> {
  const { token, body, agent } = options;
  const headers: Record<string, string> = {};
  if (token !== undefined) headers.Authorization = encodeAuthorization(token);
  const payload = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  if (payload !== undefined) {
    headers['Content-Type'] = 'application/json';
    headers['Content-Length'] = String(Buffer.byteLength(payload));
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === undefined) delete headers[name];
    else headers[name] = value;
  }
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: agent ?? false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(answerOf(response, Buffer.concat(chunks))));
    });
    request.on('error', reject);
    request.end(payload);
  });
}

function answerOf(response: http.IncomingMessage, bytes: Buffer): Answer {
  const text = (response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    bytes,
    text,
    get body() {
      return JSON.parse(text) as WireEnvelope;
    },
    get data() {
      return (JSON.parse(text) as { data: Record<string, unknown> }).data;
    },
    get list() {
      return (JSON.parse(text) as { data: Record<string, unknown>[] }).data;
    },
  };
}

/** The URL of the next page, or undefined on the last one. */
export function nextOf(answer: Answer): string | undefined {
  const link = answer.headers.link;
  return typeof link === 'string' ? /^<([^>]+)>; rel="next"$/.exec(link)?.[1] : undefined;
}
