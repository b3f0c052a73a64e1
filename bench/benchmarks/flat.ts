import { DeliveryHub } from '../data/delivery-hub.js';
import { generator } from '../data/invented-locations.js';
import { statusUpdates } from '../data/status-updates.js';
import type { Benchmark } from '../harness/benchmark.js';
import { costOf } from '../harness/cost.js';
import { ratioFigure } from '../harness/figure.js';
import { pairedRounds } from '../harness/paired-rounds.js';
import { Receivers } from '../receivers/receivers.js';

const many = 200;
const updates = 10_000;

/** The same updates at a hub with many partners and at one with a single partner; none of them is pushed to. */
export const flat: Benchmark = {
  name: 'flat',
  about: 'CPU of accepting a status PATCH with 200 partners whose lanes stand still, against 1',
  stacks: ['sqlite', 'postgres'],
  async *run(context) {
    const { rounds, load, stack } = context;
    const crowd = await Receivers.open('Crowd', many);
    const single = await Receivers.open('Single', 1);
    const worlds: DeliveryHub[] = [];
    try {
      let stamp = Date.now();
      const open = async (receivers: Receivers): Promise<() => Promise<number>> => {
        const world = await DeliveryHub.start(context, receivers);
        worlds.push(world);
        await world.allow(false, world.receivers);
        const update = statusUpdates(world, generator(4));
        return async () => {
          stamp = Math.max(stamp, Date.now());
          const requests = Array.from({ length: updates }, () => update(new Date(stamp++).toISOString()));
          return (await costOf(load, world.hub.process, world.loadOf(requests))).cpuMicros;
        };
      };
      const [withMany, withOne] = [await open(crowd), await open(single)];
      const pairs = await pairedRounds(rounds, withMany, withOne);
      const pushes = (await crowd.count()).pushes + (await single.count()).pushes;
      if (pushes > 0) throw new Error(`The hub pushed ${pushes} times although its lanes stand still.`);
      const details = { stack: stack.name, partners: many, updates };
      yield ratioFigure('flat', 'cpu', { at_most: 1.1 }, 'µs CPU per request', pairs, details);
    } finally {
      await Promise.all([...worlds.map((world) => world.close()), crowd.close(), single.close()]);
    }
  },
};
