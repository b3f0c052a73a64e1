import { setTimeout as sleep } from 'node:timers/promises';
import { captured, ocpiHeaders } from '../data/requests.js';
import type { StoredHub } from '../data/stored-hub.js';
import { startFloor } from '../floors/floor.js';
import type { BenchContext } from '../harness/benchmark.js';
import { type Cost, costOf } from '../harness/cost.js';
import { type Figure, type Goal, ratioFigure } from '../harness/figure.js';
import { jsonCall } from '../harness/http-call.js';
import { pairedRounds } from '../harness/paired-rounds.js';
import { type RequestSpec, requestBytes } from '../load/load-client.js';

const connections = 64;

export interface WriteBenchmark {
  readonly name: string;
  readonly goal: Goal;
  /** Requests of one round at the hub. */
  readonly count: number;
  /** Makes a request that changes something and has this `last_updated`. */
  readonly request: (lastUpdated: string) => RequestSpec;
}

/**
 * Durable writes at the hub against node:http that only parses the same bodies: requests per second with 64 connections,
 * and for orientation CPU per request.
 */
export async function* measureWrites(
  { program, workspace, load, rounds, stored }: BenchContext,
  { name, goal, count, request }: WriteBenchmark,
): AsyncGenerator<Figure> {
  const storedHub = await stored();
  const hub = await storedHub.start(program, workspace);
  // Each write is newer than the one before it; a hub takes up to some minutes ahead of its clock.
  let stamp = Date.now();
  const next = (requests: number): RequestSpec[] =>
    Array.from({ length: requests }, () => request(new Date(stamp++).toISOString()));
  const answer = await captured(hub, next(1)[0] as RequestSpec);
  const floor = await startFloor('parse-body', [answer]);
  let current = next(count);
  const atHub = (client: 'raw' | 'node') => async (): Promise<Cost> => {
    stamp = Math.max(stamp, Date.now());
    current = next(count);
    await sleep(50);
    const run = { port: hub.port, connections, count, client, expect: '"status_code":1000', ...requestBytes(current) };
    const cost = await costOf(load, hub.process, run);
    await checkApplied(hub.port, storedHub, current.at(-1));
    return cost;
  };
  const atFloor = (client: 'raw' | 'node') => (): Promise<Cost> =>
    costOf(load, floor.process, { port: floor.port, connections, count: 2 * count, client, ...requestBytes(current) });
  for (const client of ['node', 'raw'] as const) {
    const pairs = await pairedRounds(rounds, atHub(client), atFloor(client));
    const first = pairs[0];
    const rates = pairs.map(({ measured, floor: bare }) => ({ measured: measured.perSecond, floor: bare.perSecond }));
    // The leaner the caller, the more the bare server gains from it: a ratio without its caller says little, so both are given.
    const figure = client === 'node' ? 'requests_per_second' : 'requests_per_second_raw';
    yield ratioFigure(name, figure, goal, 'requests/s', rates, {
      connections,
      generator_cpu_at_hub: first?.measured.generatorCpu,
      generator_cpu_at_floor: first?.floor.generatorCpu,
    });
    if (client === 'node') continue;
    const costs = pairs.map(({ measured, floor: bare }) => ({ measured: measured.cpuMicros, floor: bare.cpuMicros }));
    yield ratioFigure(name, 'cpu', null, 'µs CPU per request', costs);
  }
  await Promise.all([hub.kill(), floor.process.stop()]);
}

/** A write that the hub took for stale would be cheap, and no figure: the last one must be there. */
async function checkApplied(port: number, { access }: StoredHub, written: RequestSpec | undefined): Promise<void> {
  const { target = '', body = '{}' } = written ?? {};
  const [country_code = '', party_id = ''] = target.slice(access.receiverPath.length + 1).split('/');
  const headers = ocpiHeaders(access.ownerToken, { country_code, party_id });
  const url = `http://127.0.0.1:${port}${target}`;
  const held = await jsonCall<{ data: { last_updated: string } }>({ url, headers });
  const sent = JSON.parse(body) as { last_updated: string };
  if (held.data.last_updated !== sent.last_updated)
    throw new Error(`${target} has ${held.data.last_updated} although ${sent.last_updated} was acknowledged.`);
}
