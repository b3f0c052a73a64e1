import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PartyRef } from '../../src/kernel/party-ref.js';
import { CpoSimulator } from '../../src/simulator/index.js';
import { toWire } from '../../src/simulator/wire/wire-text.js';
import { HubInProcess, until } from '../support/e2e/index.js';
import { callHttp, location } from '../support/hub/index.js';

const cp1 = { country_code: 'DE', party_id: 'CP1' };
const cp2 = { country_code: 'DE', party_id: 'CP2' };
const contentId = (key: string): string => Buffer.from(key).toString('base64url');

interface Key {
  readonly id: string;
  readonly key: string;
}

const evse = (uid: string, status = 'AVAILABLE') => ({
  uid,
  status,
  last_updated: '2026-10-01T08:00:00Z',
  connectors: [
    {
      id: '1',
      standard: 'IEC_62196_T2_COMBO',
      format: 'CABLE',
      power_type: 'DC',
      max_voltage: 920,
      max_amperage: 400,
      max_electric_power: 150_000,
      last_updated: '2026-10-01T08:00:00Z',
    },
  ],
});

/** What drivers' apps read of a whole hub, and that it is what CPOs push and agreements allow. */
describe('the EV data API of the composed hub', () => {
  let hub: HubInProcess;
  let cpo: CpoSimulator;
  let key: Key;

  beforeAll(async () => {
    hub = await HubInProcess.start();
    cpo = new CpoSimulator({
      parties: [
        { ...cp1, role: 'CPO' },
        { ...cp2, role: 'CPO' },
      ],
      pushOnly: true,
    });
    await hub.join(cpo);
    key = await hub.admin.done<Key>('POST', '/api/ev/keys', { name: 'app' });
    for (const owner of [cp1, cp2]) await put(owner, 'LOC1', { evses: [evse('E1'), evse('E2', 'CHARGING')] });
    await until('both are there', async () => (await shown('DE/CP1/LOC1')) && (await shown('DE/CP2/LOC1')));
  });
  afterAll(() => hub.close());

  const read = (path: string, text = key.key) =>
    callHttp('GET', `${hub.publicUrl}/ev/v3${path}`, { headers: { Authorization: `Bearer ${text}` } });
  const find = (name: string, query = '?fields=evses,connectorGroups', text?: string) =>
    read(`/locations/${contentId(name)}${query}`, text);
  const shown = async (name: string): Promise<boolean> => (await find(name)).status === 200;

  async function send(
    owner: PartyRef,
    method: 'PUT' | 'PATCH',
    path: readonly string[],
    fields: object,
  ): Promise<void> {
    const body = toWire(JSON.stringify({ ...fields, last_updated: new Date().toISOString() }));
    const call = { method, module: 'locations', role: 'RECEIVER', path, body, from: owner } as const;
    const answer = await cpo.send({ ...call, path: [owner.country_code, owner.party_id, ...path] });
    if (answer.code !== 1000) throw new Error(answer.message);
  }
  const put = (owner: PartyRef, id: string, fields: object) =>
    send(owner, 'PUT', [id], { ...location(id), ...owner, ...fields });

  it('shows a status as soon as its PATCH is acknowledged, in EVSE and group, here and in the search', async () => {
    const groupOf = async () => {
      const body: unknown = (await find('DE/CP1/LOC1')).body;
      return (body as { connectorGroups: { availableConnectorCount: number }[] }).connectorGroups[0];
    };
    expect(await groupOf()).toMatchObject({ connectorCount: 2, availableConnectorCount: 1 });
    await send(cp1, 'PATCH', ['LOC1', 'E2'], { status: 'AVAILABLE' });
    await until('the group follows', async () => (await groupOf())?.availableConnectorCount === 2);
    const { coordinates } = location('LOC1') as { coordinates: { latitude: string; longitude: string } };
    const { body } = await read(`/browse?at=${coordinates.latitude},${coordinates.longitude}&radius=100`);
    expect(body).toMatchObject({
      items: [
        { connectorGroups: [{ availableConnectorCount: expect.any(Number) }] },
        { connectorGroups: [{ availableConnectorCount: expect.any(Number) }] },
      ],
    });
  });

  it('knows nothing of what is not published, nor of what was removed', async () => {
    await put(cp1, 'PRIVATE', { publish: false, evses: [evse('P1')] });
    await put(cp1, 'GONE', { evses: [evse('G1')] });
    await until('it is there', () => shown('DE/CP1/GONE'));
    await send(cp1, 'PATCH', ['GONE', 'G1'], { status: 'REMOVED' });
    await until('it is gone', async () => !(await shown('DE/CP1/GONE')));
    expect((await find('DE/CP1/PRIVATE')).status).toBe(404);
    const { body } = await read(`/locations?ids=${contentId('DE/CP1/PRIVATE')},${contentId('DE/CP1/LOC1')},nothing`);
    expect(body).toMatchObject({
      items: [{ id: `here:evcp:charginglocation:${contentId('DE/CP1/LOC1')}` }],
      missingItems: [contentId('DE/CP1/PRIVATE'), 'nothing'],
    });
  });

  it('obeys agreements: a closed party is hidden, but for who has one with it', async () => {
    const em1 = await hub.admin.done<Key>('POST', '/api/ev/keys', {
      name: 'EM1',
      party: { country_code: 'FR', party_id: 'EM1' },
    });
    await hub.admin.done('PATCH', '/api/parties/DE/CP2', { sharing: 'closed' });
    await hub.admin.done('POST', '/api/agreements', { giver: 'DE/CP2', taker: 'FR/EM1', effect: 'allow' });
    expect((await find('DE/CP2/LOC1')).status).toBe(404);
    expect((await find('DE/CP2/LOC1', '', em1.key)).status).toBe(200);
    expect((await find('DE/CP1/LOC1')).status).toBe(200);
    await hub.admin.done('PATCH', '/api/parties/DE/CP2', { sharing: 'open' });
    expect((await find('DE/CP2/LOC1')).status).toBe(200);
  });

  it('ends a key at once, and says who made and ended it', async () => {
    const short = await hub.admin.done<Key>('POST', '/api/ev/keys', { name: 'short', scopes: ['locations'] });
    expect((await find('DE/CP1/LOC1', '', short.key)).status).toBe(200);
    expect((await find('DE/CP1/LOC1', '?fields=predictions', short.key)).status).toBe(403);
    expect((await read('/browse?at=52,5', short.key)).status).toBe(403);
    await hub.admin.done('DELETE', `/api/ev/keys/${short.id}`);
    expect((await find('DE/CP1/LOC1', '', short.key)).status).toBe(401);
    const { entries } = await hub.admin.done<{ entries: { action: string; subject: string }[] }>('GET', '/api/audit');
    const actions = entries.filter(({ subject }) => subject === `ev-key:${short.id}`).map(({ action }) => action);
    expect(actions).toEqual(['ev-key.revoked', 'ev-key.created']);
    expect(JSON.stringify(entries)).not.toContain(short.key);
  });
});
