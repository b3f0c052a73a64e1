import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { Random } from '../../src/simulator/random.js';
import { toWire } from '../../src/simulator/wire/wire-text.js';
import { HubInProcess } from '../support/e2e/index.js';
import { callHttp, location, nextOf, tariff } from '../support/hub/index.js';

const lasting = 50;
const routing = {
  'OCPI-from-country-code': 'NL',
  'OCPI-from-party-id': 'EM1',
  'OCPI-to-country-code': 'NL',
  'OCPI-to-party-id': 'HUB',
};

/** What owners may do between any two pages: tariffs are removed for good, Locations only come and change. */
const modules = [
  { module: 'tariffs', sample: tariff, removes: true },
  { module: 'locations', sample: location, removes: false },
] as const;

describe('a list that is changed between any two of its pages (P20)', () => {
  let hub: HubInProcess;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;

  beforeAll(async () => {
    hub = await HubInProcess.start();
    cpo = new CpoSimulator({ parties: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }], pushOnly: true });
    emsp = new EmspSimulator({
      parties: [{ country_code: 'NL', party_id: 'EM1', role: 'EMSP' }],
      modules: ['tariffs'],
    });
    await hub.join(cpo, emsp);
  });

  afterAll(() => hub.close());

  const own = async (method: 'PUT' | 'DELETE', module: 'locations' | 'tariffs', id: string, body?: object) => {
    const answer = await cpo.send({
      method,
      module,
      role: 'RECEIVER',
      path: ['DE', 'CP1', id],
      ...(body ? { body: toWire(JSON.stringify(body)) } : {}),
    });
    if (answer.code !== 1000) throw new Error(`${method} ${module} ${id}: ${answer.message}`);
  };

  describe.each(modules)('of $module', ({ module, sample, removes }) => {
    const random = new Random(`removals/${module}`);
    let stamp = Date.now();
    const put = (id: string) => own('PUT', module, id, sample(id, { last_updated: new Date(++stamp).toISOString() }));
    let made = 0;

    it.each([1, 10, 100])('shows everything that was there all the while, once, with pages of %d', async (limit) => {
      /** Those that come and go. */
      const passing = new Set<string>();
      const come = async (): Promise<void> => {
        const id = `PASSING${++made}`;
        await put(id);
        passing.add(id);
      };
      const go = async (): Promise<void> => {
        const id = random.pick([...passing]);
        await own('DELETE', module, id);
        passing.delete(id);
      };
      const stays = (n: number): string => `LASTING${limit}-${n}`;
      for (let n = 0; n < lasting; n++) {
        await put(stays(n));
        if (n % 2 === 0) await come();
      }
      /** Some changes, some that come, and where that can be as many that go, anywhere in the list. */
      const write = async (): Promise<void> => {
        const many = Math.max(2, limit / 10);
        for (let n = 0; n < many; n++) await put(stays(random.int(0, lasting - 1)));
        for (let n = 0; n < many; n++) await come();
        for (let n = 0; removes && n < many; n++) await go();
      };
      const seen: string[] = [];
      // In pages of one, what comes at the end between two pages would never let the crawl end.
      const writes = limit === 1 ? lasting : Number.POSITIVE_INFINITY;
      let pages = 0;
      let url: string | undefined = `${emsp.link.endpoint(module, 'SENDER')}?limit=${limit}`;
      while (url !== undefined) {
        const answer = await callHttp('GET', url, { token: emsp.link.peer?.outboundToken ?? '', headers: routing });
        expect(answer.body.status_code).toBe(1000);
        expect(answer.list.length).toBeLessThanOrEqual(limit);
        for (const object of answer.list) seen.push(String(object.id));
        if (pages++ < writes) await write();
        url = nextOf(answer);
        if (pages > 2_000) throw new Error('the crawl does not end');
      }
      expect(new Set(seen).size).toBe(seen.length);
      const missing = Array.from({ length: lasting }, (_, n) => stays(n)).filter((id) => !seen.includes(id));
      expect(missing).toEqual([]);
    });
  });
});
