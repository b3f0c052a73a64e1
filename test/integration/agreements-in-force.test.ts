import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { crawl } from '../../src/simulator/receiver/crawl.js';
import { HubInProcess } from '../support/e2e/index.js';
import { location } from '../support/hub/index.js';

const hubParty = { country_code: 'NL', party_id: 'HUB' };
const taker = { country_code: 'FR', party_id: 'EM1' };

describe('agreements in the composed hub', () => {
  let hub: HubInProcess;
  let emsp: EmspSimulator;

  beforeAll(async () => {
    hub = await HubInProcess.start();
    const cpo = new CpoSimulator({
      parties: [
        { country_code: 'DE', party_id: 'CP1', role: 'CPO' },
        { country_code: 'DE', party_id: 'CP2', role: 'CPO' },
      ],
      pushOnly: true,
    });
    emsp = new EmspSimulator({ parties: [{ ...taker, role: 'EMSP' }], modules: ['tariffs'] });
    await hub.join(cpo, emsp);
    for (const party_id of ['CP1', 'CP2']) {
      const body = JSON.stringify({
        ...location('LOC1', { city: 'Ulm', last_updated: new Date().toISOString() }),
        party_id,
      });
      const from = { country_code: 'DE', party_id };
      const path = ['DE', party_id, 'LOC1'];
      const answer = await cpo.send({ method: 'PUT', module: 'locations', role: 'RECEIVER', path, body, from });
      if (answer.code !== 1000) throw new Error(answer.message);
    }
  });
  afterAll(() => hub.close());

  /** Whose locations the eMSP gets from the hub. */
  const owners = async (): Promise<readonly string[]> => {
    const seen: string[] = [];
    const endpoint = emsp.link.endpoint('locations', 'SENDER') ?? '';
    const wish = { module: 'locations', from: taker, to: hubParty, limit: 10 } as const;
    const { problem } = await crawl(emsp.client, endpoint, wish, ({ key }) => seen.push(key));
    expect(problem).toBeUndefined();
    return seen.sort();
  };
  const both = ['DE/CP1/LOC1', 'DE/CP2/LOC1'];

  it('what the operator agrees, withdraws, closes and opens decides what a list shows, from the answer on', async () => {
    expect(await owners()).toEqual(both);
    const denial = { giver: 'DE/CP1', taker: 'FR/EM1', module: 'locations', effect: 'deny' };
    const made = JSON.parse((await hub.admin.call('POST', '/api/agreements', denial)).text) as { id: string }[];
    expect(await owners()).toEqual(['DE/CP2/LOC1']);
    expect((await hub.admin.call('DELETE', `/api/agreements/${made[0]?.id}`)).status).toBe(204);
    expect(await owners()).toEqual(both);
    expect((await hub.admin.call('PATCH', '/api/parties/DE/CP2', { sharing: 'closed' })).status).toBe(200);
    expect(await owners()).toEqual(['DE/CP1/LOC1']);
    await hub.admin.call('POST', '/api/agreements', { giver: 'DE/CP2', taker: '*', effect: 'allow' });
    expect(await owners()).toEqual(both);
    expect((await hub.admin.audit()).chain).toMatchObject({ intact: true });
  });
});
