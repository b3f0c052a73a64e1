import { systemClock } from '../../src/kernel/clock.js';
import { EmbeddedQueue } from '../../src/platform/queue/index.js';
import { describeWorkQueue, type QueueUnderTest } from './queue-contract.js';

describeWorkQueue('EmbeddedQueue', () => {
  const troubles: QueueUnderTest['troubles'] = [];
  const queue = new EmbeddedQueue({
    clock: systemClock,
    report: (error, work) => troubles.push({ error, ...work }),
  });
  return Promise.resolve({ queue, troubles, release: () => Promise.resolve() });
});
