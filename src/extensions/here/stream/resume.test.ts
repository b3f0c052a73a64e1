import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { until } from '../../../../test/support/e2e/until.js';
import type { StreamedMessage } from './testing/stream-client.js';
import { StreamWorld, streamedLocation } from './testing/stream-world.js';

const keys = ['NL/ONE/L1', 'NL/ONE/L2', 'DE/TWO/L1'];
const statuses = ['AVAILABLE', 'CHARGING', 'BLOCKED', 'OUTOFORDER', 'UNKNOWN', 'REMOVED'];

type Step =
  | { readonly do: 'set'; readonly key: string; readonly uid: string; readonly status: string }
  | { readonly do: 'put'; readonly key: string; readonly evses: number }
  | { readonly do: 'remove'; readonly key: string }
  | { readonly do: 'poll'; readonly limit: number }
  /** Listens until so many messages have come, or nothing more does. */
  | { readonly do: 'stream'; readonly messages: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      key: fc.constantFrom(...keys),
      uid: fc.constantFrom('A', 'B', 'C'),
      status: fc.constantFrom(...statuses),
    }),
  },
  fc.record({ do: fc.constant('put' as const), key: fc.constantFrom(...keys), evses: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('remove' as const), key: fc.constantFrom(...keys) }),
  fc.record({ do: fc.constant('poll' as const), limit: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('stream' as const), messages: fc.integer({ min: 0, max: 4 }) }),
);

/** A consumer that begins with the snapshot and then comes back in any way, as often as it likes. */
class Consumer {
  readonly states = new Map<string, string>();
  private readonly offsets = new Map<string, number>();
  offset = 0;

  constructor(
    private readonly world: StreamWorld,
    private readonly filter: string,
  ) {}

  async begin(): Promise<void> {
    const { bytes } = await this.world.server.get(`/status/snapshot?${this.filter}`);
    const [first, ...lines] = bytes.toString('utf8').trim().split('\n');
    this.offset = (JSON.parse(first ?? '') as { offset: number }).offset;
    for (const line of lines) {
      const { locationId, evseUid, status } = JSON.parse(line) as StreamedMessage;
      this.states.set(`${locationId} ${evseUid}`, status ?? '');
    }
  }

  async poll(limit: number): Promise<boolean> {
    const { body } = await this.world.server.get(`/status/changes?after=${this.offset}&limit=${limit}&${this.filter}`);
    const { items, offset, more } = body as { items: StreamedMessage[]; offset: number; more: boolean };
    for (const item of items) this.take(item);
    this.offset = offset;
    return more;
  }

  /** Breaks off at any place, and goes on behind the last id that it was given. */
  async stream(messages: number): Promise<void> {
    const client = await this.world.stream(`?${this.filter}`, { 'Last-Event-ID': String(this.offset) });
    await until(
      'messages',
      () => {
        this.world.product.beat();
        return client.messages.length >= messages || client.lastId === String(this.world.live.offset);
      },
      { everyMs: 1 },
    );
    client.close();
    for (const message of client.messages) this.take(message);
    this.offset = Number(client.lastId ?? this.offset);
  }

  private take({ locationId, evseUid, status, type, offset }: StreamedMessage): void {
    const name = `${locationId} ${evseUid}`;
    // At least once: what was told before may come again after coming back, but nothing older follows something newer.
    if (offset < (this.offsets.get(name) ?? 0)) return;
    this.offsets.set(name, offset);
    if (type === 'evseRemoved') this.states.delete(name);
    else this.states.set(name, status ?? '');
  }
}

let world: StreamWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

describe('coming back', () => {
  it.each(['', 'parties=NL-ONE', 'countryCodes=DEU'])(
    'ends with the present states however and whenever it is done (%s)',
    async (filter) => {
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { maxLength: 40 }), async (walk) => {
          const here = await StreamWorld.open();
          world = here;
          for (const key of keys) here.live.put(streamedLocation(key, {}, 3));
          const consumer = new Consumer(here, filter);
          await consumer.begin();
          for (const step of walk) await play(here, consumer, step);
          while (await consumer.poll(2));
          const fresh = new Consumer(here, filter);
          await fresh.begin();
          expect(consumer.states).toEqual(fresh.states);
          expect(here.server.failures).toEqual([]);
          await here.close();
        }),
        { numRuns: 40, seed: 11 },
      );
    },
  );
});

async function play(here: StreamWorld, consumer: Consumer, step: Step): Promise<void> {
  if (step.do === 'poll') await consumer.poll(step.limit);
  else if (step.do === 'stream') await consumer.stream(step.messages);
  else if (step.do === 'remove') here.live.remove(step.key);
  else if (step.do === 'put') here.live.put(streamedLocation(step.key, {}, step.evses));
  else if (here.live.find(step.key)?.evses.some(({ uid }) => uid === step.uid))
    here.set(step.key, step.uid, step.status);
}
