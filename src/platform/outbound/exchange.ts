import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { BlockedAddressError, noteKeepAlive, recordOf } from './guarded-agent.js';
import type { AmbiguousReason, CallLimits, Method, UnreachableReason } from './outbound-types.js';
import { maxHeaderBytes } from './outbound-types.js';
import type { Target } from './url-guard.js';

/** One HTTP call, checked and ready to leave. */
export interface Call {
  readonly target: Target;
  readonly method: Method;
  /** Name, value, name, value…; all that is sent. */
  readonly headers: string[];
  readonly body: string | Buffer | undefined;
  readonly limits: CallLimits;
  readonly signal: AbortSignal | undefined;
  /** Asked right before the first byte leaves. */
  readonly mayLeave: (() => boolean) | undefined;
  readonly agent: http.Agent;
  /** Gives an agent without idle sockets, for the one repetition; `undefined` where the call may go out only once. */
  readonly freshAgent: (() => http.Agent) | undefined;
}

/** How a call without an answer went on the wire. */
export type Unanswered =
  | { readonly kind: 'refused'; readonly reason: 'blocked-address' | 'bad-header' | 'withdrawn' }
  | { readonly kind: 'unreachable'; readonly reason: UnreachableReason; readonly detail: string }
  | { readonly kind: 'ambiguous'; readonly reason: AmbiguousReason; readonly detail: string };

/** Errors of a socket that never connected; needed only where the socket is not one of ours (tests that intercept). */
const connectErrors: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EHOSTDOWN',
]);
const resolveErrors: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA']);

/** Sends one request; what becomes of the answer's body is said by the class that extends this one. `run` never rejects. */
export abstract class Exchange<Answer> {
  private request: http.ClientRequest | undefined;
  protected response: http.IncomingMessage | undefined;
  private readonly chunks: Buffer[] = [];
  protected size = 0;
  private repeated = false;
  protected settled = false;
  private deadline: NodeJS.Timeout | undefined;
  private firstByteDeadline: NodeJS.Timeout | undefined;
  protected resolve: (result: Answer | Unanswered) => void = () => undefined;

  constructor(private readonly call: Call) {}

  run(): Promise<Answer | Unanswered> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      const { limits, signal, agent } = this.call;
      if (signal?.aborted) return this.abort();
      if (signal) watch(signal, this.abort);
      this.deadline = setTimeout(this.onDeadline, limits.totalMs);
      if (limits.firstByteMs < limits.totalMs) {
        this.firstByteDeadline = setTimeout(this.onDeadline, limits.firstByteMs);
      }
      this.start(agent);
    });
  }

  /** Ends the call now. */
  readonly abort = (): void => {
    this.cut('aborted', 'aborted by the caller');
  };

  private start(agent: http.Agent): void {
    const { target, method, headers, body, mayLeave } = this.call;
    let request: http.ClientRequest;
    try {
      request = (target.secure ? https : http).request({
        agent,
        hostname: target.hostname,
        port: target.port,
        path: target.path,
        method,
        headers,
        maxHeaderSize: maxHeaderBytes,
        insecureHTTPParser: false,
      });
    } catch {
      // Header values with control characters in them are refused here, before a socket is asked for.
      this.settle({ kind: 'refused', reason: 'bad-header' });
      return;
    }
    this.request = request;
    request.on('response', this.onResponse);
    // Unheard, a 101 would leave the call to its deadline.
    request.on('upgrade', this.onUpgrade);
    request.on('error', (error) => this.onError(request, error));
    if (mayLeave) this.endWhenConnected(request, mayLeave);
    else request.end(body);
  }

  /** Until the request is ended here not even its headers leave: a new connection may take seconds, and a process may be frozen. */
  private endWhenConnected(request: http.ClientRequest, mayLeave: () => boolean): void {
    const leave = (): void => {
      if (this.settled || request.destroyed || request.socket?.destroyed) return;
      if (mayLeave()) {
        request.end(this.call.body);
        return;
      }
      // What went before it on a socket that was closed unread is told as what it is.
      this.settle(
        this.repeated
          ? { kind: 'ambiguous', reason: 'aborted', detail: 'not repeated: withdrawn' }
          : { kind: 'refused', reason: 'withdrawn' },
      );
      request.destroy();
    };
    request.once('socket', (socket) => {
      const stage = recordOf(socket)?.stage ?? 'ready';
      if (stage === 'ready') leave();
      else socket.once(this.call.target.secure ? 'secureConnect' : 'connect', leave);
    });
  }

  private readonly onResponse = (response: http.IncomingMessage): void => {
    if (this.settled) return;
    this.response = response;
    clearTimeout(this.firstByteDeadline);
    // A listener is needed even when the answer is thrown away: a destroyed one may still report an error.
    response.on('error', this.onResponseError);
    const { headers } = response;
    const keepAlive = headers['keep-alive'];
    if (typeof keepAlive === 'string') noteKeepAlive(response.socket, keepAlive);
    const encoding = headers['content-encoding'];
    const { answerBytes } = this.call.limits;
    if (encoding !== undefined && !isIdentity(encoding)) {
      this.cut('encoded', `Content-Encoding: ${encoding.slice(0, 80)}`);
    } else if (Number(headers['content-length'] ?? 0) > answerBytes) {
      this.cut('too-large', `more than ${answerBytes} bytes announced`);
    } else {
      response.on('data', this.onData);
      response.on('end', this.onEnd);
      this.begin(response);
    }
  };

  private readonly onUpgrade = (_response: http.IncomingMessage, socket: Duplex): void => {
    this.cut('bad-body', 'the answer changes the protocol');
    socket.destroy();
  };

  private readonly onData = (chunk: Buffer): void => {
    this.size += chunk.length;
    if (this.size <= this.call.limits.answerBytes) this.take(chunk);
    else this.cut('too-large', `more than ${this.call.limits.answerBytes} bytes`);
  };

  private readonly onEnd = (): void => {
    if (!this.settled && this.response) this.complete(this.response);
  };

  /** Told when the answer's headers are there. */
  protected begin(_response: http.IncomingMessage): void {}

  /** Told of each piece of the body. */
  protected take(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  /** Told once all of the body was there. */
  protected abstract complete(response: http.IncomingMessage): void;

  /** What was taken so far, in one piece. */
  protected collected(): Buffer {
    const [first] = this.chunks;
    return first && this.chunks.length === 1 ? first : Buffer.concat(this.chunks, this.size);
  }

  private readonly onResponseError = (error: Error): void => {
    if (!this.settled) this.settle({ kind: 'ambiguous', reason: reasonOf(error), detail: error.message });
  };

  private readonly onDeadline = (): void => {
    this.cut('timeout', this.response ? 'the answer did not end in time' : 'no answer in time');
  };

  private onError(request: http.ClientRequest, error: NodeJS.ErrnoException): void {
    if (this.settled || request !== this.request) return;
    const fresh = this.call.freshAgent;
    if (error instanceof BlockedAddressError) this.settle({ kind: 'refused', reason: 'blocked-address' });
    else if (!wasSent(request, error)) {
      this.settle({ kind: 'unreachable', reason: stageReason(request, error), detail: error.message });
    } else if (fresh && !this.repeated && !this.response && wasStale(request)) {
      this.repeated = true;
      this.start(fresh());
    } else this.settle({ kind: 'ambiguous', reason: reasonOf(error), detail: error.message });
  }

  /** Ends the call from our side. */
  protected cut(reason: AmbiguousReason, detail: string): void {
    const { request } = this;
    if (this.settled) return;
    if (!request || !wasSent(request, undefined)) {
      const unreachable = reason === 'aborted' ? reason : request ? stageReason(request, undefined) : 'busy';
      this.settle({ kind: 'unreachable', reason: unreachable, detail });
    } else this.settle({ kind: 'ambiguous', reason, detail });
    request?.destroy();
  }

  protected settle(result: Answer | Unanswered): void {
    this.settled = true;
    clearTimeout(this.deadline);
    clearTimeout(this.firstByteDeadline);
    this.call.signal?.removeEventListener('abort', this.abort);
    this.resolve(result);
  }
}

/**
 * One signal may end any number of calls (a lane's, a stopping process's); Node would warn of a leak at the eleventh. Said each time: a
 * table of those for which it was said would cost more than all else here, for signals that live as long as one call.
 */
function watch(signal: AbortSignal, listener: () => void): void {
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener);
}

/** Whether any byte of the request can have left this process. */
function wasSent(request: http.ClientRequest, error: NodeJS.ErrnoException | undefined): boolean {
  const socket = request.socket as http.ClientRequest['socket'] | null;
  if (!socket) return false;
  const record = recordOf(socket);
  if (record) return record.stage === 'ready';
  const code = error?.code ?? '';
  return !connectErrors.has(code) && !resolveErrors.has(code);
}

function stageReason(request: http.ClientRequest, error: NodeJS.ErrnoException | undefined): UnreachableReason {
  const socket = request.socket as http.ClientRequest['socket'] | null;
  if (!socket) return 'busy';
  const stage = recordOf(socket)?.stage;
  if (stage !== undefined && stage !== 'ready') return stage;
  return resolveErrors.has(error?.code ?? '') ? 'dns' : 'connect';
}

/** Whether the partner closed a kept socket without a word: it had given it up before our request came. */
function wasStale(request: http.ClientRequest): boolean {
  const { socket } = request;
  return request.reusedSocket && socket !== null && socket.bytesRead === recordOf(socket)?.readBefore;
}

function reasonOf(error: NodeJS.ErrnoException): AmbiguousReason {
  const code = error.code ?? '';
  if (code === 'HPE_HEADER_OVERFLOW') return 'too-large';
  return code.startsWith('HPE_') ? 'bad-body' : 'reset';
}

function isIdentity(encoding: string): boolean {
  const value = encoding.trim().toLowerCase();
  return value === '' || value === 'identity';
}
