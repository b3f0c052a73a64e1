import { DeliveryHub } from '../data/delivery-hub.js';
import type { Benchmark } from '../harness/benchmark.js';
import { ratioFigure } from '../harness/figure.js';
import { type Latencies, PacedUpdates, quantile } from '../harness/paced-updates.js';
import { pairedRounds } from '../harness/paired-rounds.js';
import type { Manner } from '../receivers/protocol.js';
import { Receivers } from '../receivers/receivers.js';

const healthyCount = 20;
const broken: readonly Manner[] = [
  ...Array.from({ length: 10 }, () => 'refusing' as const),
  ...Array.from({ length: 10 }, () => 'silent' as const),
  ...Array.from({ length: 5 }, () => 'late' as const),
];
const perSecond = 20;
/** The broken ones begin or end to be in the way; not counted. */
const leadSeconds = 3;

/** What 20 healthy partners feel of 25 broken ones beside them. */
export const isolation: Benchmark = {
  name: 'isolation',
  about: 'latency at 20 healthy partners with 25 broken ones beside them, against without',
  stacks: ['sqlite', 'postgres'],
  async *run(context) {
    const healthy = await Receivers.open('Healthy', healthyCount);
    const others = await Receivers.open('Broken', broken.length);
    const world = await DeliveryHub.start(context, healthy, others);
    const paced = new PacedUpdates(world, healthy, perSecond);
    try {
      const brokenPartners = world.receivers.slice(healthyCount);
      await world.allow(false, brokenPartners);
      await others.behave(broken);
      await others.keep(Number.POSITIVE_INFINITY);
      await paced.prepare();
      const measure = async (isBeside: boolean): Promise<Latencies> => {
        await world.allow(isBeside, brokenPartners);
        return paced.measure(leadSeconds, context.window);
      };
      const pairs = await pairedRounds(
        context.rounds,
        () => measure(true),
        () => measure(false),
      );
      const tried = (await others.kept()).length;
      if (tried === 0) throw new Error('The hub did not try to push to the broken partners.');
      const details = { stack: context.stack.name, samples_per_round: pairs[0]?.measured.accepted.length, tried };
      const of = (list: keyof Latencies, share: number) =>
        pairs.map(({ measured, floor }) => ({
          measured: quantile(measured[list], share),
          floor: quantile(floor[list], share),
        }));
      const since = { accepted: 'ms since accepted', sent: 'ms since sent by the owner' };
      yield ratioFigure('isolation', 'p99', { at_most: 1.25 }, since.accepted, of('accepted', 0.99), details);
      yield ratioFigure('isolation', 'p99_since_sent', null, since.sent, of('sent', 0.99), details);
      yield ratioFigure('isolation', 'p50', null, since.accepted, of('accepted', 0.5), details);
    } finally {
      paced.close();
      await Promise.all([world.close(), healthy.close(), others.close()]);
    }
  },
};
