import { generator } from '../data/invented-locations.js';
import type { Benchmark } from '../harness/benchmark.js';
import { costOf } from '../harness/cost.js';
import { absoluteFigure } from '../harness/figure.js';
import { httpCall } from '../harness/http-call.js';
import { until } from '../harness/until.js';
import { type RequestSpec, requestBytes } from '../load/load-client.js';

const questions = 400;
const requests = 2_000;
/** Inside the Netherlands, where the real data are. */
const area = { south: 51.4, north: 53.2, west: 4.3, east: 6.6 };

const filters: Readonly<Record<string, string>> = {
  all: '',
  ccs_150_kw: '&connectorTypes=IEC_62196_T2_COMBO&minPower=150',
  available: '&available=true&current=DC',
};

/** Search for the nearest places among the whole data set. */
export const evBrowse: Benchmark = {
  name: 'ev-browse',
  about: 'the 50 nearest places out of the whole data set',
  async *run({ program, workspace, load, rounds, stored }) {
    const storedHub = await stored();
    const hub = await storedHub.start(program, workspace);
    const { key } = await hub.admin<{ key: string }>('POST', '/api/ev/keys', { name: 'benchmark' });
    const random = generator(11);
    const spread = (low: number, high: number): string => (low + random() * (high - low)).toFixed(5);
    const get = (filter: string): RequestSpec => ({
      method: 'GET',
      target: `/ev/v3/browse?at=${spread(area.south, area.north)},${spread(area.west, area.east)}&radius=100000&limit=50${filter}`,
      headers: { Authorization: `Bearer ${key}` },
    });
    const first = get('');
    await until('places are found', async () => {
      const url = `http://127.0.0.1:${hub.port}${first.target}`;
      const { status, body } = await httpCall({ method: 'GET', url, headers: first.headers });
      // 403 and the like will not go away by waiting.
      if (status >= 400 && status < 500) throw new Error(`${status} ${body.toString('utf8')}`);
      const isFull = status === 200 && (JSON.parse(body.toString('utf8')) as { items: unknown[] }).items.length === 50;
      return isFull || undefined;
    });
    for (const [name, filter] of Object.entries(filters)) {
      const bytes = requestBytes(Array.from({ length: questions }, () => get(filter)));
      const one = () => costOf(load, hub.process, { port: hub.port, connections: 1, count: requests, ...bytes });
      await one();
      const samples: number[] = [];
      const cpu: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const cost = await one();
        samples.push(1_000 / cost.perSecond);
        cpu.push(cost.cpuMicros);
      }
      yield absoluteFigure('ev-browse', name, { at_most: 5 }, 'ms per request', samples, {
        cpu_micros: cpu.map(Math.round),
      });
    }
    await hub.kill();
  },
};
