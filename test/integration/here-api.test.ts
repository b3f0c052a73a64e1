import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StreamClient } from '../../src/extensions/here/stream/testing/stream-client.js';
import type { PartyRef } from '../../src/kernel/party-ref.js';
import { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
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

  it('streams a change within one place of the sequence to all who listen, and to who comes back', async () => {
    const headers = { Authorization: `Bearer ${key.key}` };
    const client = await StreamClient.open(`${hub.publicUrl}/ev/v3/stream?parties=DE-CP1`, headers);
    await until('hello', () => client.lastId !== undefined);
    const began = client.lastId;
    await send(cp2, 'PATCH', ['LOC1', 'E1'], { status: 'BLOCKED' });
    await send(cp1, 'PATCH', ['LOC1', 'E1'], { status: 'CHARGING' });
    await until('the message', () => client.messages.length > 0);
    client.close();
    const { body } = await read(`/status/changes?after=${began}&parties=DE-CP1&wait=10`);
    expect((body as unknown as { items: unknown[] }).items).toEqual(client.messages);
    expect(client.messages).toMatchObject([
      { type: 'evseStatus', locationId: contentId('DE/CP1/LOC1'), evseUid: 'E1', status: 'charging' },
    ]);
    const snapshot = await callHttp('GET', `${hub.publicUrl}/ev/v3/status/snapshot`, { headers });
    expect(snapshot.status).toBe(200);
  });

  it('predicts from a history that the operator imports, as soon as it is taken in', async () => {
    const days = Array.from({ length: 14 }, (_, at) => `2026-09-${String(at + 1).padStart(2, '0')}`);
    const busy = Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 18 ? 100 : 0));
    const item = { locationId: 'loc1', ...cp1, occ: Object.fromEntries(days.map((date) => [date, busy])) };
    const counts = await hub.admin.done('POST', '/api/ev/history', { items: [item, { ...item, locationId: 'NOT' }] });
    expect(counts).toEqual({ taken: 1, unknown: 1, ambiguous: 0 });
    const predicted = async () => {
      const { body } = await find('DE/CP1/LOC1', '?fields=predictions&days=3');
      return (body as { predictions?: { date: string; availabilityProbabilities: number[] }[] }).predictions;
    };
    const last = (await until('predictions', predicted))[2];
    expect(last?.availabilityProbabilities[12]).toBeLessThan(0.2);
    expect(last?.availabilityProbabilities[3]).toBeGreaterThan(0.8);
    expect(await hub.admin.done('GET', '/api/ev/history/backtest?days=4')).toMatchObject({
      places: 1,
      observations: 96,
    });
  });

  it('tells how reliable an EVSE is from the Sessions and CDRs that pass, and judges the CDRs', async () => {
    const em1 = new EmspSimulator({ parties: [{ country_code: 'FR', party_id: 'EM1', role: 'EMSP' }] });
    await hub.join(em1);
    const [start, end] = [new Date(Date.now() - 3_600_000), new Date(Date.now() - 60_000)].map((at) =>
      at.toISOString(),
    );
    const token = { country_code: 'FR', party_id: 'EM1', uid: 'T1', type: 'RFID', contract_id: 'C1' };
    const common = { ...cp1, cdr_token: token, start_date_time: start, end_date_time: end, currency: 'EUR' };
    const more = { auth_method: 'WHITELIST', last_updated: end };
    const price = { type: 'ENERGY', price: 0.5, step_size: 1 };
    const tariff = { ...cp1, id: 'T', currency: 'EUR', elements: [{ price_components: [price] }], last_updated: start };
    const place = {
      id: 'LOC1',
      address: 'x',
      city: 'x',
      country: 'DEU',
      coordinates: { latitude: '52.0', longitude: '5.0' },
    };
    const plug = {
      connector_id: '1',
      connector_standard: 'IEC_62196_T2_COMBO',
      connector_format: 'CABLE',
      connector_power_type: 'DC',
    };
    const to = { from: cp1, to: { country_code: 'FR', party_id: 'EM1' }, role: 'RECEIVER' } as const;
    const cdr = (id: string, session_id: string, euros: number) => ({
      ...common,
      ...more,
      id,
      session_id,
      cdr_location: { ...place, ...plug, evse_uid: 'E1', evse_id: 'DE*CP1*E1' },
      tariffs: [tariff],
      charging_periods: [{ start_date_time: start, dimensions: [{ type: 'ENERGY', volume: 20 }] }],
      total_cost: { excl_vat: euros },
      total_energy: 20,
      total_time: 0.98,
    });
    const session = {
      ...common,
      ...more,
      id: 'S1',
      kwh: 20,
      location_id: 'LOC1',
      evse_uid: 'E1',
      connector_id: '1',
      status: 'COMPLETED',
    };
    const said = async (call: Parameters<typeof cpo.send>[0]) => {
      const { code, message } = await cpo.send({ ...call, body: toWire(call.body ?? '') });
      expect([code, message]).toEqual([1000, expect.anything()]);
    };
    await said({ ...to, method: 'PUT', module: 'sessions', path: ['DE', 'CP1', 'S1'], body: JSON.stringify(session) });
    await said({ ...to, method: 'POST', module: 'cdrs', body: JSON.stringify(cdr('CDR1', 'S1', 10)) });
    await said({ ...to, method: 'POST', module: 'cdrs', body: JSON.stringify(cdr('CDR2', 'S2', 99)) });
    const seen = async () => {
      const { body } = await find('DE/CP1/LOC1', '?fields=evses,connectorGroups,reliability');
      const { evses, connectorGroups } = body as unknown as Record<
        'evses' | 'connectorGroups',
        { reliability?: object }[]
      >;
      return [evses[0]?.reliability, connectorGroups[0]?.reliability] as const;
    };
    const chargingSessions = { successfulCount: 2, lastSuccessful: expect.stringContaining(end?.slice(0, 19) ?? '') };
    await until('both sessions are counted', async () =>
      JSON.stringify((await seen())[0]).includes('"successfulCount":2'),
    );
    expect(await seen()).toEqual([
      { operational: 3, statusReliability: 'reliable', chargingSessions },
      { chargingSessions },
    ]);
    const metrics = (await callHttp('GET', `${hub.adminUrl}/metrics`, {})).text;
    expect(metrics).toContain('roamhub_ev_requests_total{path="/locations/{id}",status="200"}');
    expect(metrics).toContain('roamhub_ev_requests_total{path="/browse",status="403"}');
    expect(metrics).toContain('roamhub_ev_data{kind="places"} 2');
    expect(metrics).toContain('roamhub_cdr_judgements_total{verdict="plausible"} 1');
    expect(metrics).toContain('roamhub_cdr_judgements_total{verdict="implausible"} 1');
  });

  it.each([
    [{ '2026-02-30': [] }, 400],
    [{ '2999-01-01': Array(24).fill(0) }, 400],
    [{ '2026-09-01': Array(23).fill(0) }, 400],
    [{ '2026-09-01': Array(24).fill(101) }, 400],
  ])('refuses a history of %j', async (occ, status) => {
    const answer = await hub.admin.call('POST', '/api/ev/history', { items: [{ locationId: 'LOC1', occ }] });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain('/items/0/occ/');
  });
});
