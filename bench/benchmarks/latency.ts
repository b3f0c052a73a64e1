import { DeliveryHub } from '../data/delivery-hub.js';
import type { Benchmark } from '../harness/benchmark.js';
import { absoluteFigure, median, rounded } from '../harness/figure.js';
import { type Latencies, PacedUpdates, quantile } from '../harness/paced-updates.js';
import { Receivers } from '../receivers/receivers.js';

const receiverCount = 20;
const perSecond = 20;
const leadSeconds = 1;

/** From the hub's answer to the owner until each of 20 partners has been told. */
export const latency: Benchmark = {
  name: 'latency',
  about: 'from accepted to received by 20 partners, at 20 updates a second',
  stacks: ['sqlite', 'postgres'],
  async *run(context) {
    const receivers = await Receivers.open('Receiver', receiverCount);
    const world = await DeliveryHub.start(context, receivers);
    const paced = new PacedUpdates(world, receivers, perSecond);
    try {
      await paced.prepare();
      const rounds: Latencies[] = [];
      for (let round = 0; round < context.rounds; round++) {
        rounds.push(await paced.measure(leadSeconds, context.window));
      }
      const of = (list: keyof Latencies, share: number): number[] => rounds.map((one) => quantile(one[list], share));
      const details = (share: number) => ({
        stack: context.stack.name,
        samples_per_round: rounds[0]?.accepted.length,
        since_sent_by_the_owner: rounded(median(of('sent', share))),
        worst: rounded(Math.max(...of('accepted', 1))),
      });
      yield absoluteFigure('latency', 'p50', { at_most: 15 }, 'ms', of('accepted', 0.5), details(0.5));
      yield absoluteFigure('latency', 'p99', { at_most: 75 }, 'ms', of('accepted', 0.99), details(0.99));
    } finally {
      paced.close();
      await Promise.all([world.close(), receivers.close()]);
    }
  },
};
