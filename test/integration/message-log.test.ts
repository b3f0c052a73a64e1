import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MessageView } from '../../src/admin/index.js';
import { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { HubInProcess } from '../support/e2e/index.js';
import { callHttp, location } from '../support/hub/index.js';
import { createDatabase, describeWithPostgres, type TestDatabase } from '../support/services/index.js';

const cpoParty = { country_code: 'DE', party_id: 'CP1' };
const emspParty = { country_code: 'FR', party_id: 'EM1' };
const hubParty = { country_code: 'NL', party_id: 'HUB' };

describe('the message log of the composed hub', () => {
  let hub: HubInProcess;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;

  beforeAll(async () => {
    hub = await HubInProcess.start();
    cpo = new CpoSimulator({ parties: [{ ...cpoParty, role: 'CPO' }], pushOnly: true });
    emsp = new EmspSimulator({ parties: [{ ...emspParty, role: 'EMSP' }] });
    await hub.join(cpo, emsp);
  });
  afterAll(() => hub.close());

  const search = async (query: string): Promise<readonly MessageView[]> => {
    const { status, text } = await hub.admin.call('GET', `/api/messages?${query}`);
    expect([status, text]).toEqual([200, expect.anything()]);
    return (JSON.parse(text) as { messages: MessageView[] }).messages;
  };
  const put = (id: string, changes: object = {}) =>
    cpo.send({
      method: 'PUT',
      module: 'locations',
      role: 'RECEIVER',
      path: ['DE', 'CP1', id],
      body: JSON.stringify({
        ...location(id, { city: 'Ulm', last_updated: new Date().toISOString() }),
        ...cpoParty,
        ...changes,
      }),
      from: cpoParty,
    });

  it('has the request that the hub answered itself, with the rule', async () => {
    expect(await put('LOC1')).toMatchObject({ code: 1000 });
    const [found] = await search('module=locations&outcome=answered&party=de/cp1');
    const [cpoPartner, emspPartner] = [await hub.admin.partner(cpo.name), await hub.admin.partner(emsp.name)];
    expect(found).toMatchObject({
      partner_id: cpoPartner.id,
      partner: cpo.name,
      from: 'DE/CP1',
      interface: 'RECEIVER',
      method: 'PUT',
      path: '/ocpi/2.2.1/receiver/locations/DE/CP1/LOC1',
      http_status: 201,
      status_code: 1000,
    });
    expect(found?.rules).toEqual([expect.stringMatching(/^R-\d+$/)]);
    expect(await search(`correlation_id=${found?.correlation_id}`)).toEqual([found]);
    expect(await search(`request_id=${found?.request_id}`)).toEqual([found]);
    expect(await search(`module=locations&partner_id=${emspPartner.id}&outcome=answered&scenario=owner-check`)).toEqual(
      [],
    );
  });

  it('has the request that was refused, with its codes', async () => {
    expect((await put('LOC2', { coordinates: 'nowhere' })).code).toBe(2001);
    expect((await search('outcome=refused&limit=1'))[0]).toMatchObject({
      module: 'locations',
      status_code: 2001,
      http_status: 200,
    });
  });

  it('has the request that was passed on, with both legs, and never the uid in its path', async () => {
    const uid = '04A2B3C4D5E6F7';
    const answer = await emsp.send({
      method: 'GET',
      module: 'tokens',
      role: 'RECEIVER',
      path: ['FR', 'EM1', uid],
      from: emspParty,
      to: cpoParty,
    });
    const [found] = await search('module=tokens&scenario=direct&limit=1');
    expect(found).toMatchObject({
      from: 'FR/EM1',
      to: 'DE/CP1',
      path: '/ocpi/2.2.1/receiver/tokens/FR/EM1/[redacted]',
      candidates: [{ party: 'DE/CP1', partner: cpo.name }],
      status_code: answer.code,
    });
    const second = found?.candidates[0]?.leg?.request_id ?? '';
    expect(second).toMatch(/^[\w-]{20,}$/);
    expect(second).not.toBe(found?.request_id);
    expect(await search(`request_id=${second}`)).toEqual([found]);
    expect(JSON.stringify(await search('limit=1000'))).not.toContain(uid);
  });

  it('has nobody who is not registered, and no health checks', async () => {
    const before = (await search('limit=1000')).length;
    await callHttp('GET', `${hub.publicUrl}/ocpi/versions`, { headers: { Authorization: 'Token c3RyYW5nZXI=' } });
    await callHttp('GET', `${hub.publicUrl}/health`);
    expect(await search('limit=1000')).toHaveLength(before);
  });

  it('holds no token of anybody, on disk neither (T20)', async () => {
    await emsp.send({ method: 'GET', module: 'locations', role: 'SENDER', path: [], from: emspParty, to: hubParty });
    await search('limit=1');
    const file = path.join(hub.dataDir, 'messages.sqlite');
    const bytes = readFileSync(file).toString('latin1') + readFileSync(`${file}-wal`).toString('latin1');
    expect(bytes).toContain('R-38');
    for (const token of [
      cpo.link.inboundToken,
      cpo.link.peer?.outboundToken,
      emsp.link.inboundToken,
      emsp.link.peer?.outboundToken,
    ]) {
      expect(token?.length ?? 0).toBeGreaterThan(20);
      expect(bytes).not.toContain(token);
    }
  });
});

describe('a hub without a message log', () => {
  it('answers that there is nothing', async () => {
    const hub = await HubInProcess.start({ ROAMHUB_MESSAGE_LOG_DAYS: '0' });
    const { status, text } = await hub.admin.call('GET', '/api/messages');
    expect([status, JSON.parse(text)]).toEqual([200, { messages: [], next: null }]);
    await hub.close();
  });
});

describeWithPostgres('the message log of a hub', () => {
  let database: TestDatabase;
  let hub: HubInProcess;

  beforeAll(async () => {
    database = await createDatabase();
    hub = await HubInProcess.start({ ROAMHUB_DATABASE_URL: database.url });
  });
  afterAll(async () => {
    await hub?.close();
    await database?.drop();
  });

  it('finds on PostgreSQL what a partner asked', async () => {
    const cpo = new CpoSimulator({ parties: [{ ...cpoParty, role: 'CPO' }], pushOnly: true });
    await hub.join(cpo);
    const body = JSON.stringify(location('LOC1', { city: 'Ulm', last_updated: new Date().toISOString() }));
    const path = ['DE', 'CP1', 'LOC1'];
    const { code } = await cpo.send({
      method: 'PUT',
      module: 'locations',
      role: 'RECEIVER',
      path,
      body,
      from: cpoParty,
    });
    const { status, text } = await hub.admin.call('GET', '/api/messages?module=locations&party=DE/CP1');
    expect([code, status]).toEqual([1000, 200]);
    expect(JSON.parse(text)).toMatchObject({ messages: [{ from: 'DE/CP1', method: 'PUT', outcome: 'answered' }] });
  });
});
