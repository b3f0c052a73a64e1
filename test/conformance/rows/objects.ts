import { expect } from '@jest/globals';
import { at, connector, evse, location, sampleTime, tariff, without } from '../../support/hub/index.js';
import {
  expectCodes,
  expectNothingStored,
  expectRefused,
  held,
  locationUrl,
  patch,
  putLocation,
  putTariff,
  tariffUrl,
} from './kit.js';
import { elsewhere, notTestable, type Row, tested } from './row.js';

export const objectRows: readonly Row[] = [
  tested('O-01', 'must', 'URLs are owner and ids, and nothing else', async (hub) => {
    const { locations, tariffs } = hub.receiver;
    for (const url of [
      locations,
      `${locations}/DE`,
      `${locations}/DE/CP1`,
      `${locations}/DE/CP1/L/E/C/X`,
      tariffs,
      `${tariffs}/DE/CP1`,
      `${tariffs}/DE/CP1/T/X`,
    ])
      for (const method of ['GET', 'PUT']) expectCodes(await hub.as('P1', method, url), 404, 2000);
  }),
  tested('O-02', 'must', 'PUT creates and replaces; POST does not exist', async (hub) => {
    for (const url of [tariffUrl(hub), hub.receiver.tariffs])
      expectCodes(await hub.as('P1', 'POST', url, { body: tariff() }), 405, 2000);
    for (const url of [locationUrl(hub), hub.receiver.locations])
      expectCodes(await hub.as('P1', 'POST', url, { body: location() }), 405, 2000);
    await expectNothingStored(hub, hub.head());
    await putTariff(hub);
    await putTariff(hub, tariff('T1', { currency: 'CHF' }), 200, 1000);
  }),
  tested('O-03', 'MUST', 'owner of URL and body are the same', async (hub) => {
    await expectRefused(hub, 'PUT', locationUrl(hub), location('LOC1', { party_id: 'CP2' }));
    await expectRefused(hub, 'PUT', locationUrl(hub), location('LOC1', { country_code: 'FR' }));
    await expectRefused(hub, 'PUT', tariffUrl(hub), tariff('T1', { party_id: 'CP2' }));
    await expectNothingStored(hub, hub.head());
  }),
  tested('O-04', 'SHOULD', 'ids of URL and body are the same', async (hub) => {
    await expectRefused(hub, 'PUT', locationUrl(hub), location('LOC2'));
    await expectRefused(hub, 'PUT', tariffUrl(hub), tariff('T2'));
    await expectNothingStored(hub, hub.head());
  }),
  tested('O-05', 'MAY', 'the owner in the URL must be a role of the caller', async (hub) => {
    for (const partner of ['P2', 'P5', 'P4'] as const) {
      for (const method of ['PUT', 'PATCH', 'GET'])
        expectCodes(
          await hub.as(partner, method, locationUrl(hub), method === 'GET' ? {} : { body: location() }),
          404,
          2001,
        );
      expectCodes(await hub.as(partner, 'DELETE', tariffUrl(hub)), 404, 2001);
    }
    // A party of the platform in another role than CPO owns no Locations either.
    const own = location('LOC1', { country_code: 'FR', party_id: 'EM1' });
    expectCodes(await hub.as('P2', 'PUT', `${hub.receiver.locations}/FR/EM1/LOC1`, { body: own }), 404, 2001);
    await expectNothingStored(hub, hub.head());
  }),
  notTestable('O-06', 'REC', 'a party must not apply O-05 to a hub', 'Documentation for partners.'),
  tested('O-07', 'must', 'PUT replaces in full', async (hub) => {
    await putLocation(hub, location('LOC1', { name: 'before', x_foo: 1 }));
    await putLocation(hub, location('LOC1', { last_updated: at(1) }), 200, 1000);
    const now = await held(hub);
    expect(now).not.toHaveProperty('name');
    expect(now).not.toHaveProperty('x_foo');
  }),
  tested('O-08', 'SHOULD', '201 for new, 200 for replaced, at every level', async (hub) => {
    const put = async (body: object, ...ids: string[]) =>
      (await hub.as('P1', 'PUT', locationUrl(hub, ...ids), { body })).status;
    expect(await put(location(), 'LOC1')).toBe(201);
    expect(await put(evse('E2'), 'LOC1', 'E2')).toBe(201);
    expect(await put(evse('E2', { last_updated: at(1) }), 'LOC1', 'E2')).toBe(200);
    expect(await put(connector('2'), 'LOC1', 'E2', '2')).toBe(201);
    expect(await put(connector('2', { last_updated: at(1) }), 'LOC1', 'E2', '2')).toBe(200);
  }),
  tested('O-09', 'must', 'PATCH changes what it names only', async (hub) => {
    const text = JSON.stringify(location()).replace(/}$/, ',"x_foo":{"n":1.50}}');
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), { body: text }), 201, 1000);
    await patch(hub, ['LOC1'], { name: 'new' });
    const after = (await hub.as('P1', 'GET', locationUrl(hub))).text;
    const expected = text
      .replace(/("last_updated":")[^"]+("(?!.*last_updated))/, `$1${at(1)}$2`)
      .replace(/}$/, ',"name":"new"}');
    expect(after).toContain(`"data":${expected},`);
  }),
  tested('O-10', 'MUST', 'PATCH needs last_updated', async (hub) => {
    await putLocation(hub);
    for (const ids of [['LOC1'], ['LOC1', 'E1'], ['LOC1', 'E1', '1']])
      await expectRefused(hub, 'PATCH', locationUrl(hub, ...ids), ids.length === 2 ? { status: 'CHARGING' } : { x: 1 });
    expect(await held(hub)).toEqual(location());
  }),
  tested('O-11', 'REC', 'PATCH or DELETE of what is unknown is 404 and creates nothing', async (hub) => {
    const change = { name: 'x', status: 'CHARGING' };
    for (const ids of [['LOC1'], ['LOC1', 'E1'], ['LOC1', 'E1', '1']]) await patch(hub, ids, change, 404, 2003);
    expectCodes(await hub.as('P1', 'DELETE', tariffUrl(hub)), 404, 2001);
    await expectNothingStored(hub, hub.head());
    await putLocation(hub);
    await patch(hub, ['LOC1', 'E2'], change, 404, 2003);
    await patch(hub, ['LOC1', 'E1', '2'], { max_voltage: 1 }, 404, 2003);
    expect(await held(hub)).toEqual(location());
  }),
  tested('O-12', 'REC', 'ids in a PATCH may repeat the URL, not differ', async (hub) => {
    await putLocation(hub);
    await patch(hub, ['LOC1'], { id: 'loc1', country_code: 'de', party_id: 'CP1', name: 'x' });
    await patch(hub, ['LOC1'], { id: 'LOC2' }, 200, 2001);
    await patch(hub, ['LOC1'], { party_id: 'CP2' }, 200, 2001);
    await patch(hub, ['LOC1', 'E1'], { uid: 'E2', status: 'CHARGING' }, 200, 2001);
    await patch(hub, ['LOC1', 'E1', '1'], { id: '2' }, 200, 2001);
  }),
  tested('O-13', 'REC', 'null clears what is optional and is refused for what is not', async (hub) => {
    await putLocation(hub, location('LOC1', { name: 'x', operator: { name: 'y' } }));
    await patch(hub, ['LOC1'], { name: null, operator: null });
    expect(await held(hub)).toEqual(location('LOC1', { last_updated: at(1) }));
    await patch(hub, ['LOC1'], { city: null, last_updated: at(2) }, 200, 2001);
    await patch(hub, ['LOC1', 'E1'], { status: null, last_updated: at(2) }, 200, 2001);
    await patch(hub, ['LOC1', 'E1'], { connectors: null, last_updated: at(2) }, 200, 2001);
  }),
  tested('O-14', 'REC', 'a plain list replaces the whole list', async (hub) => {
    await putLocation(
      hub,
      location('LOC1', { evses: [evse('E1', { connectors: [connector('1', { tariff_ids: ['a', 'b'] })] })] }),
    );
    await patch(hub, ['LOC1', 'E1', '1'], { tariff_ids: ['c'] });
    expect(await held(hub, 'LOC1', 'E1', '1')).toMatchObject({ tariff_ids: ['c'] });
  }),
  tested('O-15', 'REC', 'older is acknowledged and not applied, equal is applied', async (hub) => {
    await putLocation(hub);
    await patch(hub, ['LOC1', 'E1'], { status: 'CHARGING', last_updated: at(10) });
    const head = hub.head();
    await patch(hub, ['LOC1', 'E1'], { status: 'OUTOFORDER', last_updated: at(5) });
    expect([await hub.changes(head), hub.effects.at(-1)]).toEqual([[], 'stale']);
    expect(await held(hub, 'LOC1', 'E1')).toMatchObject({ status: 'CHARGING', last_updated: at(10) });
    await patch(hub, ['LOC1', 'E1'], { status: 'RESERVED', last_updated: at(10) });
    expect(await held(hub, 'LOC1', 'E1')).toMatchObject({ status: 'RESERVED' });
    await putTariff(hub, tariff('T1', { last_updated: at(10) }));
    await putTariff(hub, tariff('T1', { currency: 'CHF', last_updated: at(9) }), 200, 1000);
    expect((await hub.as('P1', 'GET', tariffUrl(hub))).data.currency).toBe('EUR');
  }),
  tested('O-16', 'must', 'GET on the Receiver interface gives the object as it is stored', async (hub) => {
    const text = JSON.stringify(location()).replace('16', '16.00');
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), { body: text }), 201, 1000);
    expect((await hub.as('P1', 'GET', locationUrl(hub))).text).toContain(`"data":${text},`);
    expect((await hub.as('P1', 'GET', locationUrl(hub, 'LOC1', 'E1', '1'))).text).toContain('"max_amperage":16.00');
    expectCodes(await hub.as('P1', 'GET', locationUrl(hub, 'LOC1', 'E1', '9')), 404, 2003);
  }),
  elsewhere('O-17', 'MAY', 'pulled objects of strangers are dropped', 'src/platform/pull/pull-list.test.ts'),
  tested('O-18', 'REC', 'judged first, stored second: a refusal leaves no trace', async (hub) => {
    await putLocation(hub);
    const head = hub.head();
    for (const [ids, body] of [
      [['LOC1'], without(location(), 'city')],
      [['LOC1', 'E1'], evse('E1', { connectors: [], last_updated: at(5) })],
      [['LOC1', 'E1', '1'], connector('1', { max_voltage: 'high', last_updated: at(5) })],
    ] as const)
      await expectRefused(hub, 'PUT', locationUrl(hub, ...ids), body);
    await patch(hub, ['LOC1'], { evses: [{ uid: 'E9', status: 'AVAILABLE' }] }, 200, 2001);
    await patch(hub, ['LOC1', 'E1'], { connectors: [{ id: '9' }] }, 200, 2001);
    expect(await held(hub)).toEqual(location('LOC1', { last_updated: sampleTime }));
    expect(await hub.changes(head)).toEqual([]);
  }),
  tested(
    'O-19',
    'REC',
    'nested objects are replaced as a whole; a vendor object merges one level deep',
    async (hub) => {
      const opening_times = {
        twentyfourseven: false,
        regular_hours: [{ weekday: 1, period_begin: '08:00', period_end: '20:00' }],
      };
      await putLocation(hub, location('LOC1', { opening_times, here_ext: { a: 1, b: { c: 1 } }, other_ext: { a: 1 } }));
      await patch(hub, ['LOC1'], {
        opening_times: { twentyfourseven: true },
        here_ext: { b: { d: 1 } },
        other_ext: { b: 1 },
      });
      expect(await held(hub)).toMatchObject({
        opening_times: { twentyfourseven: true },
        here_ext: { a: 1, b: { d: 1 } },
        other_ext: { b: 1 },
      });
      const now = await held(hub);
      expect(now.opening_times).toEqual({ twentyfourseven: true });
      expect([now.here_ext, now.other_ext]).toEqual([{ a: 1, b: { d: 1 } }, { b: 1 }]);
    },
  ),
];
