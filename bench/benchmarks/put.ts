import { generator } from '../data/invented-locations.js';
import { ownerRequest } from '../data/requests.js';
import { withEvses } from '../data/with-evses.js';
import type { Benchmark } from '../harness/benchmark.js';
import { measureWrites } from './write-benchmark.js';

/** Whole Locations of three EVSEs, all over the data set. */
export const put: Benchmark = {
  name: 'put',
  about: 'durable PUTs of Locations with three EVSEs, against node:http that only parses the body',
  async *run(context) {
    const random = generator(2);
    const set = await context.locations();
    const { access, locations } = await context.stored();
    const known = new Set(locations.map(({ id, party_id }) => `${party_id}/${id}`));
    yield* measureWrites(context, {
      name: 'put',
      goal: { at_least: 0.25 },
      count: 6_000,
      request(last_updated) {
        for (;;) {
          const location = withEvses(set.text(Math.floor(random() * set.count)), 3, last_updated);
          if (location && known.has(`${location.party_id}/${location.id}`))
            return ownerRequest(access, 'PUT', { ...location, uids: [] }, undefined, JSON.stringify(location));
        }
      },
    });
  },
};
