import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { cdr, cdrTaken, sessionList } from '../data/forward-messages.js';
import { floorProgram } from '../floors/floor.js';
import type { BenchContext, Benchmark } from '../harness/benchmark.js';
import { type Cost, costOf } from '../harness/cost.js';
import { type Figure, ratioFigure } from '../harness/figure.js';
import { authorization, type Party, type Registered, register } from '../harness/handshake.js';
import { Hub } from '../harness/hub.js';
import { MeasuredProcess } from '../harness/measured-process.js';
import { pairedRounds } from '../harness/paired-rounds.js';
import { type RequestSpec, requestBytes } from '../load/load-client.js';
import type { ReadyParty } from '../receivers/ready-party.js';

const connections = 64;
const count = 10_000;
/** Different message ids for so many; then they are used again. */
const variety = 1_000;

const cpo = { country_code: 'DE', party_id: 'BEC' };
const eMsp = { country_code: 'FR', party_id: 'BEN' };

const cpoPlatform: ReadyParty = {
  endpoints: [{ identifier: 'sessions', role: 'SENDER', path: '/ocpi/cpo/2.2.1/sessions' }],
  answers: [
    {
      method: 'GET',
      path: '/ocpi/cpo/2.2.1/sessions',
      status: '200 OK',
      headers: ['X-Total-Count: 10', 'X-Limit: 50'],
      body: sessionList,
    },
  ],
};

const eMspPlatform: ReadyParty = {
  endpoints: [{ identifier: 'cdrs', role: 'RECEIVER', path: '/ocpi/emsp/2.2.1/cdrs' }],
  answers: [
    {
      method: 'POST',
      path: '/ocpi/emsp/2.2.1/cdrs',
      status: '201 Created',
      headers: ['Location: /ocpi/emsp/2.2.1/cdrs/CDR-0001'],
      body: cdrTaken,
    },
  ],
};

/** One kind of message, and who it goes to. */
interface Kind {
  readonly figure: 'get' | 'post';
  readonly to: Platform;
  readonly request: (target: string, token: string) => RequestSpec;
  /** Path at the hub, and at the receiver. */
  readonly atHub: string;
  readonly atReceiver: string;
  readonly token: string;
}

interface Platform {
  readonly process: MeasuredProcess;
  readonly port: number;
}

/** Messages from one party to another, passed on at once. */
export const forward: Benchmark = {
  name: 'forward',
  about: 'party-to-party GET and POST through the hub, against a bare node:http → client proxy',
  async *run(context) {
    const platforms = [await start(cpoPlatform), await start(eMspPlatform)] as const;
    const [cpoAt, eMspAt] = platforms;
    const hub = await Hub.start({ program: context.program, dataDir: context.workspace.folder() });
    const cpoAccess = await registered(hub, 'CPO', cpo, cpoAt);
    const eMspAccess = await registered(hub, 'EMSP', eMsp, eMspAt);
    const kinds: readonly Kind[] = [
      {
        figure: 'get',
        to: cpoAt,
        atHub: eMspAccess.pathOf('sessions', 'SENDER'),
        atReceiver: '/ocpi/cpo/2.2.1/sessions',
        token: eMspAccess.token,
        request: (target, token) => ({
          method: 'GET',
          target: `${target}?date_from=2025-06-01T00:00:00Z&limit=50`,
          headers: headersOf(token, eMsp, cpo),
        }),
      },
      {
        figure: 'post',
        to: eMspAt,
        atHub: cpoAccess.pathOf('cdrs', 'RECEIVER'),
        atReceiver: '/ocpi/emsp/2.2.1/cdrs',
        token: cpoAccess.token,
        request: (target, token) => ({ method: 'POST', target, headers: headersOf(token, cpo, eMsp), body: cdr }),
      },
    ];
    for (const kind of kinds) yield* measure(context, hub, kind);
    await Promise.all([hub.kill(), ...platforms.map((platform) => platform.process.stop())]);
  },
};

async function* measure({ load, rounds }: BenchContext, hub: Hub, kind: Kind): AsyncGenerator<Figure> {
  const floor = await startProxy(kind.to.port);
  const runs = (port: number, path: string, client: 'raw' | 'node') => {
    const specs = Array.from({ length: variety }, () => kind.request(path, kind.token));
    return { port, connections, count, client, expect: '"status_code":1000', ...requestBytes(specs) };
  };
  for (const client of ['node', 'raw'] as const) {
    const atHub = runs(hub.port, kind.atHub, client);
    const atFloor = runs(floor.port, kind.atReceiver, client);
    const pairs = await pairedRounds<Cost, Cost>(
      rounds,
      () => costOf(load, hub.process, atHub),
      () => costOf(load, floor.process, atFloor),
    );
    const [first] = pairs;
    const rates = pairs.map(({ measured, floor: bare }) => ({ measured: measured.perSecond, floor: bare.perSecond }));
    const figure = `${kind.figure}_requests_per_second${client === 'node' ? '' : '_raw'}`;
    yield ratioFigure('forward', figure, { at_least: 0.5 }, 'requests/s', rates, {
      connections,
      bytes_per_answer: first?.measured.answerBytes,
      generator_cpu_at_hub: first?.measured.generatorCpu,
      generator_cpu_at_floor: first?.floor.generatorCpu,
    });
    if (client === 'node') continue;
    const costs = pairs.map(({ measured, floor: bare }) => ({ measured: measured.cpuMicros, floor: bare.cpuMicros }));
    yield ratioFigure('forward', `${kind.figure}_cpu`, null, 'µs CPU per request', costs);
  }
  await floor.process.stop();
}

async function start(platform: ReadyParty): Promise<Platform> {
  const process = MeasuredProcess.start(fileURLToPath(new URL('../receivers/ready-party.js', import.meta.url)));
  return { process, port: await process.ask<number>(platform) };
}

async function startProxy(port: number): Promise<Platform> {
  const process = MeasuredProcess.start(floorProgram('forward-proxy'));
  return { process, port: await process.ask<number>({ port }) };
}

function registered(hub: Hub, role: 'CPO' | 'EMSP', party: Party, { port }: Platform): Promise<Registered> {
  const origin = `http://127.0.0.1:${port}`;
  const tokenB = `token-of-the-${role}-to-be-presented-by-the-hub`;
  return register(hub, { name: role, role, parties: [party], origin, tokenB });
}

function headersOf(token: string, from: Party, to: Party): Record<string, string> {
  return {
    Authorization: authorization(token),
    'X-Request-ID': randomUUID(),
    'X-Correlation-ID': randomUUID(),
    'OCPI-from-country-code': from.country_code,
    'OCPI-from-party-id': from.party_id,
    'OCPI-to-country-code': to.country_code,
    'OCPI-to-party-id': to.party_id,
  };
}
