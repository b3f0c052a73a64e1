import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { Random } from '../../src/simulator/random.js';
import { crawl } from '../../src/simulator/receiver/crawl.js';
import { HubInProcess } from '../support/e2e/index.js';
import { location } from '../support/hub/index.js';

const places = 150;
const hubParty = { country_code: 'NL', party_id: 'HUB' };

describe('a crawl while owners write (P20)', () => {
  const random = new Random('paging');
  let hub: HubInProcess;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;
  let writing = false;

  beforeAll(async () => {
    hub = await HubInProcess.start();
    cpo = new CpoSimulator({ parties: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }], pushOnly: true });
    emsp = new EmspSimulator({
      parties: [{ country_code: 'NL', party_id: 'EM1', role: 'EMSP' }],
      modules: ['tariffs'],
    });
    await hub.join(cpo, emsp);
    for (let n = 0; n < places; n++) await put(`OLD${n}`);
  });

  afterAll(() => hub.close());

  const put = async (id: string): Promise<void> => {
    const body = JSON.stringify(location(id, { city: 'Ulm', last_updated: new Date().toISOString() }));
    const path = ['DE', 'CP1', id];
    const answer = await cpo.send({ method: 'PUT', module: 'locations', role: 'RECEIVER', path, body });
    if (answer.code !== 1000) throw new Error(answer.message);
  };

  /** Old objects change, new ones come, in no order. */
  const write = async (): Promise<number> => {
    let writes = 0;
    for (writing = true; writing; writes++)
      await put(random.chance(0.7) ? `OLD${random.int(0, places - 1)}` : `NEW${random.int(0, 1e9)}`);
    return writes;
  };

  it.each([1, 7, 10, 100])('with pages of %d sees everything that was there all the while, once', async (limit) => {
    const writer = write();
    const seen: string[] = [];
    const endpoint = emsp.link.endpoint('locations', 'SENDER') ?? '';
    const from = { country_code: 'NL', party_id: 'EM1' };
    const result = await crawl(emsp.client, endpoint, { module: 'locations', from, to: hubParty, limit }, ({ key }) =>
      seen.push(key),
    );
    writing = false;
    expect(await writer).toBeGreaterThan(0);
    expect(result.problem).toBeUndefined();
    const keys = new Set(seen);
    expect(keys.size).toBe(seen.length);
    expect(Array.from({ length: places }, (_, n) => `DE/CP1/OLD${n}`).filter((key) => !keys.has(key))).toEqual([]);
  });
});
