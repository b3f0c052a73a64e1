import { sharedNow } from '../harness/shared-clock.js';
import type { Arrivals, Count, Push, Question } from './protocol.js';
import { Receiver } from './receiver.js';

// Process of its own: any number of receiving platforms, each on its port. See protocol.ts for what it can be asked.
const receivers: Receiver[] = [];

process.on('message', (question: Question) => {
  answer(question).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      process.stderr.write(`receivers: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
});

async function answer(question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'open':
      for (let index = 0; index < question.count; index++) receivers.push(new Receiver());
      return Promise.all(receivers.map((receiver) => receiver.listen()));
    case 'behave':
      for (const [index, manner] of question.manners.entries()) receivers[index]?.behave(manner);
      return true;
    case 'count':
      return count();
    case 'keep':
      for (const receiver of receivers) Object.assign(receiver, { keep: question.each, kept: [] });
      return true;
    case 'kept':
      return kept();
    case 'arrivals':
      return arrivals(question.stamps);
  }
}

function count(): Count {
  return { pushes: receivers.reduce((sum, { pushes }) => sum + pushes, 0), at: sharedNow() };
}

function kept(): Push[] {
  return receivers.flatMap((receiver, index) => receiver.kept.map(({ bytes }) => ({ receiver: index, bytes })));
}

function arrivals(stamps: readonly string[]): Arrivals {
  const places = new Map(stamps.map((stamp, place) => [stamp, place]));
  return receivers.map((receiver) => {
    const times = new Float64Array(stamps.length).fill(Number.NaN);
    for (const { at, bytes } of receiver.kept) {
      for (const [, stamp = ''] of bytes.toString('utf8').matchAll(/"last_updated": ?"([^"]+)"/g)) {
        const place = places.get(stamp);
        if (place !== undefined && Number.isNaN(times[place])) times[place] = at;
      }
    }
    return times;
  });
}
