import http from 'node:http';
import { DeliveryHub } from '../data/delivery-hub.js';
import { generator } from '../data/invented-locations.js';
import { statusUpdates } from '../data/status-updates.js';
import type { Benchmark } from '../harness/benchmark.js';
import { costOf } from '../harness/cost.js';
import { ratioFigure } from '../harness/figure.js';
import { pairedRounds } from '../harness/paired-rounds.js';
import { Receivers } from '../receivers/receivers.js';

const consumers = 1_000;
const updates = 10_000;

/** What consumers want who are not concerned by any of the updates: something of each kind of filter. */
const filters = ['ids=nothing', 'parties=ZZ-ZZZ', 'countryCodes=FRA', 'bbox=10,40,12,42', 'bbox=-180,-90,-30,90'];

/** The same updates at a hub whose status stream a thousand consumers listen to who want something else, and at one without. */
export const evStream: Benchmark = {
  name: 'ev-stream',
  about: 'CPU of accepting a status PATCH with 1,000 idle consumers of the status stream, against none',
  async *run(context) {
    const { rounds, load, stack } = context;
    const receivers = [await Receivers.open('One', 1), await Receivers.open('Other', 1)];
    const worlds: DeliveryHub[] = [];
    const streams: http.ClientRequest[] = [];
    try {
      let stamp = Date.now();
      const open = async (platform: Receivers, listeners: number): Promise<() => Promise<number>> => {
        const world = await DeliveryHub.start(context, platform);
        worlds.push(world);
        await world.allow(false, world.receivers);
        const { key } = await world.hub.admin<{ key: string }>('POST', '/api/ev/keys', { name: 'benchmark' });
        for (let at = 0; at < listeners; at++)
          streams.push(await listen(world.hub.port, key, filters[at % filters.length] ?? ''));
        const update = statusUpdates(world, generator(4));
        return async () => {
          stamp = Math.max(stamp, Date.now());
          const requests = Array.from({ length: updates }, () => update(new Date(stamp++).toISOString()));
          return (await costOf(load, world.hub.process, world.loadOf(requests))).cpuMicros;
        };
      };
      const [one, other] = receivers as [Receivers, Receivers];
      const [withMany, withNone] = [await open(one, consumers), await open(other, 0)];
      const pairs = await pairedRounds(rounds, withMany, withNone);
      const details = { stack: stack.name, consumers, updates };
      yield ratioFigure('ev-stream', 'cpu', { at_most: 1.1 }, 'µs CPU per request', pairs, details);
    } finally {
      for (const stream of streams) stream.destroy();
      await Promise.all([...worlds.map((world) => world.close()), ...receivers.map((one) => one.close())]);
    }
  },
};

/** Resolves once the stream has begun; what comes of it is dropped. */
function listen(port: number, key: string, filter: string): Promise<http.ClientRequest> {
  return new Promise((resolve, reject) => {
    const path = `/ev/v3/stream?${filter}`;
    const options = { port, path, agent: false, headers: { Authorization: `Bearer ${key}` } };
    const request = http.get(options, (response) => {
      response.on('error', () => undefined).resume();
      if (response.statusCode === 200) resolve(request);
      else reject(new Error(`The stream answered ${response.statusCode}.`));
    });
    request.on('error', reject);
  });
}
