import { expect } from '@jest/globals';
import { at, location, type TestHub, tariff, without } from '../../support/hub/index.js';
import {
  expectCodes,
  expectNothingStored,
  expectRefused,
  fromParty,
  held,
  idsOf,
  locationUrl,
  patch,
  putLocation,
  tariffUrl,
  toHub,
  toParty,
} from './kit.js';
import { elsewhere, type Row, tested } from './row.js';

const delivery = 'test/integration/delivery.test.ts';
const answered = (country: string, party: string) => ({
  'ocpi-to-country-code': country,
  'ocpi-to-party-id': party,
  'ocpi-from-country-code': 'NL',
  'ocpi-from-party-id': 'HUB',
});

/** One Location `SAME` with each of two owners, and one more of the second. */
async function twoOwners(hub: TestHub): Promise<void> {
  await putLocation(hub, location('SAME'));
  for (const id of ['SAME', 'OTHER']) {
    const body = location(id, { country_code: 'AT', party_id: 'CP3', last_updated: at(7) });
    expectCodes(await hub.as('P5', 'PUT', `${hub.receiver.locations}/AT/CP3/${id}`, { body }), 201, 1000);
  }
}

export const routingRows: readonly Row[] = [
  tested('R-01', 'MUST', 'the four headers, on requests and answers', async (hub) => {
    const headers = { ...toHub, ...fromParty('FR', 'EM1') };
    for (const url of [hub.sender.locations, hub.sender.tariffs])
      expect((await hub.as('P2', 'GET', url, { headers })).headers).toMatchObject(answered('FR', 'EM1'));
    const put = await hub.as('P1', 'PUT', locationUrl(hub), {
      body: location(),
      headers: { ...toHub, ...fromParty('DE', 'CP1') },
    });
    expect(expectCodes(put, 201, 1000).headers).toMatchObject(answered('DE', 'CP1'));
  }),
  tested('R-02', 'MUST', 'none on versions; those that come are ignored', async (hub) => {
    for (const headers of [{}, toParty('XX', 'YYY'), { 'OCPI-to-party-id': 'HUB' }, fromParty('DE', 'CP1')])
      for (const url of ['/ocpi/versions', '/ocpi/2.2.1']) {
        const answer = expectCodes(await hub.as('P2', 'GET', url, { headers }), 200, 1000);
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('ocpi-'))).toEqual([]);
      }
  }),
  tested('R-03', 'must', 'values compare without case', async (hub) => {
    const headers = { ...toParty('nl', 'hub'), ...fromParty('fr', 'em1') };
    expectCodes(await hub.as('P2', 'GET', hub.sender.locations, { headers }), 200, 1000);
    const put = { body: location(), headers: { ...toParty('Nl', 'Hub'), ...fromParty('de', 'Cp1') } };
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), put), 201, 1000);
  }),
  tested('R-18', 'must', 'PUT and PATCH with TO = hub are told to others, GET never', async (hub) => {
    const start = hub.head();
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), { body: location(), headers: toHub }), 201, 1000);
    await patch(hub, ['LOC1', 'E1'], { status: 'CHARGING' });
    expect((await hub.changes(start)).map((row) => `${row.kind} ${row.object}`)).toEqual([
      'PUT DE/CP1/LOC1',
      'PATCH DE/CP1/LOC1/E1',
    ]);
    const head = hub.head();
    for (const url of [hub.sender.locations, locationUrl(hub)])
      await hub.as(url.includes('sender') ? 'P2' : 'P1', 'GET', url, { headers: toHub });
    expect(hub.head()).toBe(head);
  }),
  elsewhere('R-19', 'REC', 'DELETE of a Tariff is told as well', delivery),
  tested('R-20', 'must', 'the hub answers a broadcast itself, once it is stored', async (hub) => {
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), { body: location(), headers: toHub }), 201, 1000);
    expect(await held(hub)).toEqual(location());
  }),
  elsewhere('R-21', 'must', 'legs: TO = the receiver, FROM = the hub', delivery),
  elsewhere('R-22', 'must', 'who is told what, by role', delivery),
  elsewhere('R-23', 'REC', 'NAP like NSP', delivery),
  elsewhere('R-24', 'must', 'only who offers the Receiver interface', delivery),
  elsewhere('R-25', 'REC', 'not the origin; one call per receiving party', delivery),
  elsewhere('R-26', 'must', "URL segments keep the owner's", delivery),
  tested('R-28', 'must', 'what is pushed to the hub is stored, and GET All shows it', async (hub) => {
    await putLocation(hub);
    expect(idsOf(await hub.as('P2', 'GET', hub.sender.locations, { headers: toHub }))).toEqual(['LOC1']);
  }),
  elsewhere('R-30', 'must', 'who is not connected is skipped', delivery),
  elsewhere(
    'R-31',
    'REC',
    'order per object; what is superseded is dropped',
    'test/contract/change-feed-contract.ts',
    'P6',
  ),
  tested('R-36', 'REC', 'a list without TO is GET All (lenient; the choice is documented)', async (hub) => {
    await twoOwners(hub);
    const plain = await hub.as('P2', 'GET', hub.sender.locations, { headers: fromParty('FR', 'EM1') });
    const addressed = await hub.as('P2', 'GET', hub.sender.locations, {
      headers: { ...toHub, ...fromParty('FR', 'EM1') },
    });
    expect(idsOf(plain)).toEqual(['SAME', 'SAME', 'OTHER']);
    expect(plain.list).toEqual(addressed.list);
  }),
  tested('R-37', 'REC', 'half a pair is 2001', async (hub) => {
    for (const headers of [
      { 'OCPI-to-party-id': 'HUB' },
      { 'OCPI-to-country-code': 'NL' },
      { 'OCPI-from-party-id': 'EM1' },
    ] as Record<string, string>[])
      expectCodes(await hub.as('P2', 'GET', hub.sender.locations, { headers }), 200, 2001);
    await expectNothingStored(hub, hub.head());
  }),
  tested('R-38', 'must', 'GET All is GET on a Sender interface with TO = hub', async (hub) => {
    expectCodes(await hub.as('P2', 'GET', hub.sender.locations, { headers: toHub }), 200, 1000);
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE'])
      expectCodes(await hub.as('P2', method, hub.sender.locations, { headers: toHub, body: {} }), 405, 2000);
  }),
  tested('R-39', 'must', 'its answer is from the hub; objects keep their owners', async (hub) => {
    await twoOwners(hub);
    const answer = await hub.as('P2', 'GET', hub.sender.locations, {
      headers: { ...toHub, ...fromParty('FR', 'EM1') },
    });
    expect(answer.headers).toMatchObject(answered('FR', 'EM1'));
    expect(answer.list.map((object) => `${object.country_code}/${object.party_id}`)).toEqual([
      'DE/CP1',
      'AT/CP3',
      'AT/CP3',
    ]);
  }),
  tested('R-40', 'must', 'one list over all owners', async (hub) => {
    await twoOwners(hub);
    const answer = await hub.as('P2', 'GET', `${hub.sender.locations}?limit=2`, { headers: toHub });
    expect([answer.headers['x-total-count'], idsOf(answer)]).toEqual(['3', ['SAME', 'SAME']]);
  }),
  tested('R-41', 'REC', 'Locations and Tariffs are for all fitting roles; a CPO sees its own', async (hub) => {
    await twoOwners(hub);
    for (const partner of ['P2', 'P3', 'P4'] as const)
      expect(idsOf(await hub.as(partner, 'GET', hub.sender.locations))).toHaveLength(3);
    expect(idsOf(await hub.as('P1', 'GET', hub.sender.locations))).toEqual(['SAME']);
    expectCodes(await hub.as('P1', 'GET', `${hub.sender.locations}/OTHER`), 404, 2003);
    const asEmsp = { headers: fromParty('DE', 'CP2') };
    expect(idsOf(await hub.as('P5', 'GET', hub.sender.locations, asEmsp))).toHaveLength(3);
    expect(idsOf(await hub.as('P5', 'GET', hub.sender.locations, { headers: fromParty('AT', 'CP3') }))).toEqual([
      'SAME',
      'OTHER',
    ]);
  }),
  tested('R-42', 'REC', 'one object by its id; 2001 if several owners have it', async (hub) => {
    await twoOwners(hub);
    expectCodes(await hub.as('P2', 'GET', `${hub.sender.locations}/SAME`, { headers: toHub }), 200, 2001);
    expect((await hub.as('P2', 'GET', `${hub.sender.locations}/other`, { headers: toHub })).data).toMatchObject({
      id: 'OTHER',
    });
    // Who sees one of them only is answered.
    expect((await hub.as('P1', 'GET', `${hub.sender.locations}/SAME`)).data).toMatchObject({ party_id: 'CP1' });
  }),
  tested('R-43', 'MUST', 'last_updated is never changed by the hub', async (hub) => {
    const stamp = '2026-05-01T12:00:00.1';
    await putLocation(hub, location('LOC1', { last_updated: stamp }));
    for (const url of [locationUrl(hub), `${hub.sender.locations}/LOC1`])
      expect((await hub.as(url.includes('receiver') ? 'P1' : 'P2', 'GET', url)).data.last_updated).toBe(stamp);
    expect((await hub.as('P2', 'GET', hub.sender.locations)).list[0]?.last_updated).toBe(stamp);
  }),
  tested('R-49', 'REC', 'an owner checks its own object on the Receiver interface', async (hub) => {
    await putLocation(hub);
    expectCodes(await hub.as('P1', 'PUT', tariffUrl(hub), { body: tariff() }), 201, 1000);
    for (const headers of [{}, toHub]) {
      expect((await hub.as('P1', 'GET', locationUrl(hub), { headers })).data).toEqual(location());
      expect((await hub.as('P1', 'GET', tariffUrl(hub), { headers })).data).toEqual(tariff());
      expectCodes(await hub.as('P5', 'GET', locationUrl(hub), { headers }), 404, 2001);
    }
  }),
  tested('R-50', 'REC', "a broadcast that fails the hub's own judgement is told to nobody", async (hub) => {
    await expectRefused(hub, 'PUT', locationUrl(hub), without(location(), 'city'));
    await expectNothingStored(hub, hub.head());
  }),
];
