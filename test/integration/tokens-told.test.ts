import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/kernel/clock.js';
import { TokenStore, tokenDocuments, tokenPushSource } from '../../src/modules/tokens/index.js';
import { putToken } from '../../src/modules/tokens/token-rules.js';
import { Delivery, type DeliveryEvent, SqliteLaneStore } from '../../src/platform/delivery/index.js';
import { FakePartners, lanePartner } from '../../src/platform/delivery/testing/lane-partner.js';
import { OutboundClient } from '../../src/platform/outbound/index.js';
import { EmbeddedQueue } from '../../src/platform/queue/index.js';
import { SqliteUnderTest } from '../contract/storage-under-test.js';
import { type Sample, token } from '../support/hub/index.js';
import { PartnerServer } from './delivery-world.js';

const em1 = { country_code: 'FR', party_id: 'EM1' };

/** Tokens as the lanes tell them: a real database, real sockets, and partners that write down what they get. */
describe('what partners get of a Token', () => {
  let under: SqliteUnderTest;
  let client: OutboundClient;
  let queue: EmbeddedQueue;
  let delivery: Delivery;
  let tokens: TokenStore;
  const cpo = new PartnerServer();
  const emsp = new PartnerServer();
  const events: DeliveryEvent[] = [];
  const failures: unknown[] = [];

  beforeEach(async () => {
    under = await SqliteUnderTest.open();
    client = new OutboundClient({ policy: { development: true, allowedNetworks: [] }, clock: systemClock });
    await cpo.open();
    await emsp.open();
    queue = new EmbeddedQueue({ clock: systemClock, report: (error) => failures.push(error) });
    tokens = new TokenStore(under.storage.documents(tokenDocuments));
    const receives = ['tokens', 'locations'];
    delivery = new Delivery({
      feed: under.storage.changes,
      store: new SqliteLaneStore(under.storage, systemClock, 'local'),
      partners: new FakePartners(
        lanePartner({ id: 'cpo', roles: ['DE/CP1 CPO'], receives, base: cpo.base }),
        lanePartner({ id: 'emsp', roles: ['BE/EM2 EMSP'], receives, base: emsp.base }),
      ),
      client,
      queue,
      sources: [tokenPushSource(tokens)],
      hub: { country_code: 'NL', party_id: 'HUB' },
      clock: systemClock,
      observer: { delivered: (event) => events.push(event), failed: (_, error) => failures.push(error) },
    });
    await queue.start();
    await delivery.start();
  });
  afterEach(async () => {
    await Promise.all([delivery.stop(), queue.close(5_000)]);
    await Promise.all([cpo.close(), emsp.close(), client.close()]);
    await under.release();
  });

  const put = (value: Sample): Promise<unknown> => {
    const body = JSON.stringify(value);
    const rules = { applyStale: false, oddities: () => [] };
    const key = { ...em1, uid: String(value.uid), type: String(value.type) };
    const context = { correlationId: `c-${value.uid}`, now: systemClock.now() };
    return tokens.change(key, context, putToken(body, JSON.parse(body), rules));
  };
  /** Waits until so many calls are done with and no lane owes anything. */
  const told = async (count: number): Promise<void> => {
    const end = systemClock.now() + 8_000;
    const isDone = async (): Promise<boolean> =>
      events.length >= count &&
      (await delivery.lanesNow()).every(({ lagObjects, inFlight }) => lagObjects === 0 && inFlight === 0);
    while (!(await isDone())) {
      if (systemClock.now() > end) throw new Error(`waited in vain for ${count} calls`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };

  it('is the whole Token, for CPOs alone, with its type in the URL unless it is RFID (R-22, R-26, TK-01)', async () => {
    await put(token('04/ab%'));
    await put(token('U2', { type: 'APP_USER', whitelist: 'NEVER' }));
    await told(2);
    expect([...cpo.calls].sort()).toEqual(['PUT /tokens/FR/EM1/04%2Fab%25', 'PUT /tokens/FR/EM1/U2?type=APP_USER']);
    const first = cpo.received.find(({ path }) => path.includes('04'));
    expect(first?.body).toBe(JSON.stringify(token('04/ab%')));
    expect(first?.headers).toMatchObject({
      'ocpi-to-party-id': 'CP1',
      'ocpi-from-party-id': 'HUB',
      'x-correlation-id': 'c-04/ab%',
    });
    expect([emsp.received, failures]).toEqual([[], []]);
    // What is noted of it names no uid (T20).
    expect(events).toHaveLength(2);
    expect(JSON.stringify(events.map(({ object }) => object))).not.toMatch(/04(\/|%2f)ab|U2/i);
  });
});
