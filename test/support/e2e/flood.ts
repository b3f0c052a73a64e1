import { fork } from 'node:child_process';
import path from 'node:path';
import { encodeAuthorization } from '../../../src/kernel/credentials-token.js';
import { routingHeaders } from '../../../src/simulator/http/exchange.js';
import type { CpoSimulator } from '../../../src/simulator/index.js';

/** What one partner sends. */
export interface FloodRate {
  readonly cpo: CpoSimulator;
  /** Status updates a second. */
  readonly rate: number;
  readonly connections: number;
  /** Whether connections that the hub ends are opened again; default true. */
  readonly reconnect?: boolean;
}

/** What came back to one partner. */
export interface FloodResult {
  /** Acknowledged updates. */
  readonly accepted: number;
  readonly perSecond: number;
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly sent: number;
  /** Never sent, since all connections waited for answers. */
  readonly dropped: number;
  /** Sent, and the connection ended without an answer. */
  readonly broken: number;
  readonly unanswered: number;
  /** Refusals that did not say when to come back. */
  readonly withoutRetryAfter: number;
  /** Of acknowledged updates, from the request to its answer, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** EVSE status updates of several partners for some seconds, out of a process of its own. */
export function flood(hubUrl: string, seconds: number, rates: readonly FloodRate[]): Promise<FloodResult[]> {
  const child = fork(path.resolve('test/support/e2e/flood-process.mjs'), { execArgv: [] });
  const partners = rates.map(({ cpo, rate, connections, reconnect = true }) => ({
    rate,
    connections,
    reconnect,
    backlog: connections,
    head: headOf(cpo),
    targets: targetsOf(cpo),
  }));
  child.send({ port: Number(new URL(hubUrl).port), seconds, partners });
  return new Promise((resolve, reject) => {
    child.once('message', (results) => resolve(results as FloodResult[]));
    child.once('exit', (code) => reject(new Error(`the flood ended early, code ${code}`)));
  });
}

function headOf({ link, parties }: CpoSimulator): string {
  const [own] = parties;
  if (!own) throw new Error('a platform without a party');
  const headers = new Map(routingHeaders(link.peerParty(), own));
  headers.set('Authorization', encodeAuthorization(link.peer?.outboundToken ?? ''));
  headers.set('Host', '127.0.0.1').set('Content-Type', 'application/json');
  return [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

/** The EVSEs of a platform, as paths at the hub. */
function targetsOf({ catalogue, link }: CpoSimulator): string[] {
  const base = new URL(link.endpoint('locations', 'RECEIVER') ?? '').pathname;
  return catalogue
    .list('locations')
    .flatMap(({ owner, id, text }) =>
      (JSON.parse(text) as { evses: { uid: string }[] }).evses.map(({ uid }) =>
        [base, owner.country_code, owner.party_id, id, uid]
          .map((part, n) => (n ? encodeURIComponent(part) : part))
          .join('/'),
      ),
    );
}
