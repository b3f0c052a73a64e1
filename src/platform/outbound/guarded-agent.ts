import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Target, UrlGuard } from './url-guard.js';

/** Resolves a name to all its addresses; injected by tests. */
export type Resolve = (
  hostname: string,
  callback: (error: Error | null, addresses: readonly dns.LookupAddress[]) => void,
) => void;

/** The system's resolver. */
export const systemResolve: Resolve = (hostname, callback) => {
  dns.lookup(hostname, { all: true }, (error, addresses) => callback(error, addresses ?? []));
};

/** Every address of the name is closed to us (T8). */
export class BlockedAddressError extends Error {
  readonly code = 'BLOCKED_ADDRESS';
}

/** Connecting took longer than it may. */
export class ConnectTimeoutError extends Error {
  readonly code = 'CONNECT_TIMEOUT';
}

/** How far a socket is; only at `ready` can bytes of a request have left. */
export type SocketStage = 'dns' | 'connect' | 'tls' | 'ready';

/** What we remember about a socket of ours. */
export interface SocketRecord {
  stage: SocketStage;
  /** How long it may lie idle before we close it, ms. */
  idleMs: number;
  /** Bytes it had received before the present request was written to it. */
  readBefore: number;
}

const records = new WeakMap<Duplex, SocketRecord>();

/** The record of a socket that one of our agents opened. */
export function recordOf(socket: Duplex): SocketRecord | undefined {
  return records.get(socket);
}

/**
 * Idle time when the partner does not announce its own. Short, because a socket that the partner closes while our request
 * is on its way turns a request that may not be repeated into an ambiguous one.
 */
const defaultIdleMs = 4_000;
const longestIdleMs = 30_000;
const idleMarginMs = 1_000;

/** Takes note of the partner's `Keep-Alive: timeout=5`. */
export function noteKeepAlive(socket: Duplex, header: string): void {
  const record = records.get(socket);
  const seconds = /timeout=(\d{1,6})/i.exec(header)?.[1];
  if (!record || seconds === undefined) return;
  record.idleMs = Math.min(Number(seconds) * 1_000 - idleMarginMs, longestIdleMs);
}

export interface AgentOptions {
  readonly guard: Pick<UrlGuard, 'allowsAddress'>;
  readonly resolve: Resolve;
  readonly connectMs: number;
  /** Sockets that may be open at a time. */
  readonly maxSockets: number;
  /** False: every request gets a socket of its own. */
  readonly keepAlive: boolean;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: readonly string[];
}

/** The agent for one origin. It is used for that origin only: its sockets are not told apart by host. */
export function createAgent(target: Target, options: AgentOptions): http.Agent {
  return target.secure ? new GuardedHttpsAgent(options) : new GuardedHttpAgent(options);
}

class GuardedHttpAgent extends http.Agent {
  constructor(private readonly guarded: AgentOptions) {
    super({ keepAlive: guarded.keepAlive, maxSockets: guarded.maxSockets });
  }

  override createConnection(options: http.ClientRequestArgs): Duplex | null | undefined {
    return adopt(super.createConnection({ ...options, lookup: lookupFor(this.guarded) }), options, this.guarded, false);
  }

  override getName(): string {
    return 'origin';
  }

  override keepSocketAlive(socket: Duplex): boolean {
    return keep(socket);
  }

  override reuseSocket(socket: Duplex, request: http.ClientRequest): void {
    super.reuseSocket(socket, request);
    noteReuse(socket);
  }
}

class GuardedHttpsAgent extends https.Agent {
  constructor(private readonly guarded: AgentOptions) {
    super({
      keepAlive: guarded.keepAlive,
      maxSockets: guarded.maxSockets,
      minVersion: 'TLSv1.2',
      // Said aloud, so that no environment variable switches it off.
      rejectUnauthorized: true,
      ...(guarded.ca ? { ca: [...guarded.ca] } : {}),
    });
  }

  override createConnection(options: https.RequestOptions): Duplex | null | undefined {
    return adopt(super.createConnection({ ...options, lookup: lookupFor(this.guarded) }), options, this.guarded, true);
  }

  override getName(): string {
    return 'origin';
  }

  override keepSocketAlive(socket: Duplex): boolean {
    return keep(socket);
  }

  override reuseSocket(socket: Duplex, request: http.ClientRequest): void {
    super.reuseSocket(socket, request);
    noteReuse(socket);
  }
}

/** Runs at every connect, so that a name whose address changes after registration gains nothing (DNS rebinding). */
function lookupFor({ guard, resolve }: AgentOptions): net.LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => guard.allowsAddress(address));
      const first = allowed[0];
      if (!first) return callback(new BlockedAddressError(`no open address for ${hostname}`), '', 0);
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function adopt(
  socket: Duplex | null | undefined,
  options: http.ClientRequestArgs,
  { guard, connectMs }: AgentOptions,
  secure: boolean,
): Duplex | null | undefined {
  if (!(socket instanceof net.Socket)) return socket;
  const record: SocketRecord = {
    stage: net.isIP(options.host ?? '') === 0 ? 'dns' : 'connect',
    idleMs: defaultIdleMs,
    readBefore: 0,
  };
  records.set(socket, record);
  const timer = setTimeout(() => {
    socket.destroy(new ConnectTimeoutError(`no connection within ${connectMs} ms (${record.stage})`));
  }, connectMs);
  socket.once('lookup', (error: Error | null) => {
    if (!error) record.stage = 'connect';
  });
  socket.once('connect', () => {
    const address = socket.remoteAddress;
    if (address === undefined || !guard.allowsAddress(address)) {
      socket.destroy(new BlockedAddressError(`connected to ${address ?? 'nowhere'}`));
      return;
    }
    if (secure) record.stage = 'tls';
    else ready();
  });
  if (secure) socket.once('secureConnect', ready);
  socket.once('close', () => clearTimeout(timer));
  return socket;

  function ready(): void {
    record.stage = 'ready';
    clearTimeout(timer);
  }
}

function keep(socket: Duplex): boolean {
  const record = records.get(socket);
  if (!record || !(socket instanceof net.Socket) || record.idleMs <= 0) return false;
  socket.unref();
  // The agent closes an idle socket when its timeout fires; on a busy one the timeout does nothing.
  if (socket.timeout !== record.idleMs) socket.setTimeout(record.idleMs);
  return true;
}

function noteReuse(socket: Duplex): void {
  const record = records.get(socket);
  if (record && socket instanceof net.Socket) record.readBefore = socket.bytesRead;
}
