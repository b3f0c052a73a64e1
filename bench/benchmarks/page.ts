import { gunzipSync } from 'node:zlib';
import { captured, pageRequest } from '../data/requests.js';
import { startFloor } from '../floors/floor.js';
import type { Benchmark } from '../harness/benchmark.js';
import { type Cost, costOf } from '../harness/cost.js';
import { ratioFigure } from '../harness/figure.js';
import type { MeasuredProcess } from '../harness/measured-process.js';
import { pairedRounds } from '../harness/paired-rounds.js';
import { type RequestSpec, requestBytes } from '../load/load-client.js';

const pageSize = 50;
const connections = 8;
const warmPages = 20;
const warmRequests = 8_000;
/** Pages asked for to tell the first from the last, each a new one. */
const edgeRequests = 600;

const cpu = (pair: { measured: Cost; floor: Cost }) => ({
  measured: pair.measured.cpuMicros,
  floor: pair.floor.cpuMicros,
});
const bytesOf = (pairs: readonly { measured: Cost; floor: Cost }[]) => ({
  bytes_per_answer: pairs[0]?.measured.answerBytes,
  floor_bytes_per_answer: pairs[0]?.floor.answerBytes,
});

/** A page of 50 real-sized Locations out of the whole data set, for an authenticated partner. */
export const page: Benchmark = {
  name: 'page',
  about: 'CPU of a page of 50 Locations, against raw node:http that sends the same bytes',
  async *run({ program, workspace, load, rounds, stored }) {
    const { access, locations } = await stored();
    const hub = await (await stored()).start(program, workspace);
    const total = locations.length;
    const spread = (count: number, shift: number): number[] =>
      Array.from({ length: count }, (_, index) => Math.floor((index * (total - 2 * pageSize)) / count) + shift);
    const get = (offsets: readonly number[], headers?: Record<string, string>): RequestSpec[] =>
      offsets.map((offset) => pageRequest(access, offset, headers));
    const cost = (side: { process: MeasuredProcess; port: number }, requests: readonly RequestSpec[], count: number) =>
      costOf(load, side.process, { port: side.port, connections, count, ...requestBytes(requests) });

    const warm = get(spread(warmPages, 0));
    const answers = await Promise.all(warm.map((request) => captured(hub, request)));
    const floor = await startFloor('same-bytes', answers);
    const warmPairs = await pairedRounds(
      rounds,
      () => cost(hub, warm, warmRequests),
      () => cost(floor, warm, warmRequests),
    );
    yield ratioFigure('page', 'warm', { at_most: 1.5 }, 'µs CPU per request', warmPairs.map(cpu), bytesOf(warmPairs));

    const zipped = get(spread(warmPages, 0), { 'Accept-Encoding': 'gzip' });
    await cost(hub, zipped, 10 * warmPages);
    for (const request of zipped) checkGzip(await captured(hub, request));
    const gzipPairs = await pairedRounds(
      rounds,
      () => cost(hub, zipped, warmRequests),
      () => cost(hub, warm, warmRequests),
    );
    yield ratioFigure(
      'page',
      'gzip_warm',
      { at_most: 1 },
      'µs CPU per request',
      gzipPairs.map(cpu),
      bytesOf(gzipPairs),
    );

    // Each round has pages that nobody asked for before: all of the data set, shifted by one more Location.
    const allPages = Math.floor(total / pageSize);
    const coldPairs = await pairedRounds(
      rounds,
      (round) => cost(hub, get(spread(allPages, 1 + round)), allPages),
      () => cost(floor, warm, warmRequests),
    );
    yield ratioFigure('page', 'cold', { at_most: 4 }, 'µs CPU per request', coldPairs.map(cpu), bytesOf(coldPairs));

    const edge = (from: number, round: number): number[] =>
      Array.from({ length: edgeRequests }, (_, index) => from + round * edgeRequests + index);
    const edgePairs = await pairedRounds(
      Math.min(rounds, 3),
      (round) => cost(hub, get(edge(total - pageSize - 4 * edgeRequests, round)), edgeRequests),
      (round) => cost(hub, get(edge(0, round)), edgeRequests),
    );
    yield ratioFigure(
      'page',
      'last_to_first',
      { at_most: 1.5 },
      'µs CPU per request',
      edgePairs.map(cpu),
      bytesOf(edgePairs),
    );
    await Promise.all([hub.kill(), floor.process.stop()]);
  },
};

function checkGzip({ target, headers, body }: { target: string; headers: readonly string[]; body: Uint8Array }): void {
  if (!headers.includes('gzip')) throw new Error(`${target} was not compressed although asked for often.`);
  const { data } = JSON.parse(gunzipSync(body).toString('utf8')) as { data: readonly unknown[] };
  if (data.length !== pageSize) throw new Error(`${target} holds ${data.length} Locations.`);
}
