import { captured } from '../data/requests.js';
import type { StoredLocation } from '../data/stored-hub.js';
import { startFloor } from '../floors/floor.js';
import type { Benchmark } from '../harness/benchmark.js';
import { type Cost, costOf } from '../harness/cost.js';
import { absoluteFigure, ratioFigure } from '../harness/figure.js';
import { httpCall } from '../harness/http-call.js';
import type { MeasuredProcess } from '../harness/measured-process.js';
import { pairedRounds } from '../harness/paired-rounds.js';
import { until } from '../harness/until.js';
import { type RequestSpec, requestBytes } from '../load/load-client.js';

const connections = 8;
const warmPlaces = 200;
const warmRequests = 24_000;
const batchSize = 100;
const batches = 40;
const allFields =
  'fields=address,evses,truckRestrictions,locationInfo,emsps,connectorGroups,predictions,reliability,tariffs,nearby&tariff=all';

const contentId = ({ country_code, party_id, id }: StoredLocation): string =>
  Buffer.from(`${country_code}/${party_id}/${id}`.toUpperCase(), 'utf8').toString('base64url');
const cpu = (pair: { measured: Cost; floor: Cost }) => ({
  measured: pair.measured.cpuMicros,
  floor: pair.floor.cpuMicros,
});

/** Look-ups of places by id, with all that there is to say about them. */
export const evLookup: Benchmark = {
  name: 'ev-lookup',
  about: 'CPU of a look-up with all fields, against raw node:http that sends the same bytes; time of 100 ids',
  async *run({ program, workspace, load, rounds, stored }) {
    const { locations } = await stored();
    const hub = await (await stored()).start(program, workspace);
    const { key } = await hub.admin<{ key: string }>('POST', '/api/ev/keys', { name: 'benchmark' });
    const get = (target: string): RequestSpec => ({
      method: 'GET',
      target: `/ev/v3${target}`,
      headers: { Authorization: `Bearer ${key}` },
    });
    await until('the live places are read', async () => {
      const { target, headers } = get('/health');
      const { status } = await httpCall({ method: 'GET', url: `http://127.0.0.1:${hub.port}${target}`, headers });
      return status === 200 || undefined;
    });
    // Those without any EVSE that is shown are not there.
    const shown = locations.filter(({ uids }) => uids.length > 0);
    const one = async (location: StoredLocation): Promise<RequestSpec | undefined> => {
      const request = get(`/locations/${contentId(location)}?${allFields}`);
      const url = `http://127.0.0.1:${hub.port}${request.target}`;
      const { status } = await httpCall({ method: 'GET', url, headers: request.headers });
      return status === 200 ? request : undefined;
    };
    const step = Math.floor(shown.length / warmPlaces);
    const asked = await Promise.all(
      Array.from({ length: warmPlaces }, (_, index) => shown[index * step]).flatMap((location) =>
        location ? [one(location)] : [],
      ),
    );
    const warm = asked.filter((request) => request !== undefined);
    if (warm.length < warmPlaces / 2) throw new Error(`Only ${warm.length} of ${warmPlaces} places are shown.`);
    const floor = await startFloor('same-bytes', await Promise.all(warm.map((request) => captured(hub, request))));
    const cost = (side: { process: MeasuredProcess; port: number }) =>
      costOf(load, side.process, { port: side.port, connections, count: warmRequests, ...requestBytes(warm) });
    const pairs = await pairedRounds(
      rounds,
      () => cost(hub),
      () => cost(floor),
    );
    yield ratioFigure('ev-lookup', 'warm', { at_most: 2 }, 'µs CPU per request', pairs.map(cpu), {
      bytes_per_answer: pairs[0]?.measured.answerBytes,
      floor_bytes_per_answer: pairs[0]?.floor.answerBytes,
    });

    // Each batch has places that nobody asked for before.
    const samples: number[] = [];
    let bytes = 0;
    for (let round = 0; round <= rounds; round++) {
      const requests = Array.from({ length: batches }, (_, batch) => {
        const from = (round * batches + batch) * batchSize;
        const ids = shown.slice(from, from + batchSize).map(contentId);
        return get(`/locations?ids=${ids.join()}&${allFields}`);
      });
      const spent = await costOf(load, hub.process, {
        port: hub.port,
        connections: 1,
        count: batches,
        ...requestBytes(requests),
      });
      // The first round warms up.
      if (round > 0) samples.push(1_000 / spent.perSecond);
      bytes = spent.answerBytes;
    }
    yield absoluteFigure('ev-lookup', 'hundred_cold', { at_most: 15 }, 'ms per request', samples, {
      bytes_per_answer: bytes,
    });
    await Promise.all([hub.kill(), floor.process.stop()]);
  },
};
