import http from 'node:http';
import https from 'node:https';
import { CliError, ExitCode } from './cli-error.js';

export type Json = Record<string, unknown>;

/** Longer than any handshake that the hub may have to run before it answers. */
const timeoutMs = 120_000;
const maxAnswerBytes = 64 * 1024 * 1024;

/** Calls the admin API of one hub. Every failure is a CliError with one sentence. */
export class AdminClient {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  /** The answer's JSON; undefined if it has no body. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, text } = await this.send(method, path, body === undefined ? undefined : JSON.stringify(body));
    const json = parsed(text);
    if (status >= 200 && status < 300) return json;
    throw new CliError(status === 401 ? ExitCode.token : ExitCode.refused, refusal(this.baseUrl, status, json));
  }

  get(path: string, query: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
    return this.call('GET', text === '' ? path : `${path}?${text}`);
  }

  private send(method: string, path: string, payload: string | undefined): Promise<{ status: number; text: string }> {
    const url = new URL(path, this.baseUrl);
    const headers = {
      Authorization: `Bearer ${this.token}`,
      Accept: 'application/json',
      ...(payload === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }),
    };
    return new Promise((resolve, reject) => {
      const unreachable = (error: Error): void =>
        reject(new CliError(ExitCode.unreachable, `No hub answers at ${url.origin} (${reasonOf(error)}).`));
      const options = { method, headers, agent: false, timeout: timeoutMs };
      const request = (url.protocol === 'https:' ? https : http).request(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxAnswerBytes) request.destroy(new Error('the answer is too large'));
          else chunks.push(chunk);
        });
        response.on('error', unreachable);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', unreachable);
      request.end(payload);
    });
  }
}

/** Node joins the failures of several addresses into an error without a message. */
const reasonOf = (error: Error): string => error.message || ('code' in error ? String(error.code) : error.name);

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The sentence of a problem (RFC 9457), with everything that was wrong with the request. */
function refusal(baseUrl: string, status: number, json: unknown): string {
  if (status === 401) return 'The hub does not take this admin token.';
  const { detail, errors, reason } = (typeof json === 'object' && json !== null ? json : {}) as Json;
  if (typeof detail !== 'string') return `${baseUrl} answered ${status}; it may not be a Roamhub admin listener.`;
  if (Array.isArray(errors) && errors.length > 1)
    return errors.map((error: Json) => `${error.pointer || 'The body'} ${error.detail}.`).join(' ');
  return typeof reason === 'string' ? `${detail} (${reason})` : detail;
}
