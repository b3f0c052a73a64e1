import { generator } from '../data/invented-locations.js';
import { statusUpdates } from '../data/status-updates.js';
import type { Benchmark } from '../harness/benchmark.js';
import { measureWrites } from './write-benchmark.js';

/** EVSE status updates, all over the data set. */
export const patch: Benchmark = {
  name: 'patch',
  about: 'durable EVSE status PATCHes, against node:http that only parses the body',
  async *run(context) {
    const request = statusUpdates(await context.stored(), generator(1));
    yield* measureWrites(context, { name: 'patch', goal: { at_least: 0.45 }, count: 10_000, request });
  },
};
