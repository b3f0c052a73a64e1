import { expect } from '@jest/globals';
import { at, connector, evse, location, without } from '../../support/hub/index.js';
import {
  expectCodes,
  expectRefused,
  held,
  idsOf,
  locationUrl,
  patch,
  putLocation,
  refusesLocations,
  tariffUrl,
} from './kit.js';
import { elsewhere, notMet, notTestable, type Row, tested } from './row.js';

const stampsOf = (data: Record<string, unknown>): unknown[] => {
  const [first] = data.evses as Record<string, unknown>[];
  const [plug] = (first?.connectors ?? []) as Record<string, unknown>[];
  return [data.last_updated, first?.last_updated, plug?.last_updated];
};
const oddities = 'src/modules/locations/location-oddities.test.ts';
const tokenFor = (fields: object) => location('LOC1', { publish: false, publish_allowed_to: [fields] });
const open = (opening_times: object) => location('LOC1', { opening_times });

export const locationRows: readonly Row[] = [
  tested('L-01', 'must', 'Sender: a paginated list', async (hub) => {
    await putLocation(hub);
    const answer = expectCodes(await hub.as('P2', 'GET', `${hub.sender.locations}?limit=1`), 200, 1000);
    expect([answer.list, answer.headers['x-total-count']]).toEqual([[location()], '1']);
  }),
  tested('L-02', 'must', 'Sender: one Location, EVSE or Connector', async (hub) => {
    await putLocation(hub);
    const get = async (path: string) =>
      expectCodes(await hub.as('P2', 'GET', `${hub.sender.locations}/${path}`), 200, 1000).data;
    expect(await get('LOC1')).toEqual(location());
    expect(await get('loc1/E1')).toEqual(evse());
    expect(await get('LOC1/e1/1')).toEqual(connector());
  }),
  tested('L-03', 'SHOULD', 'an unknown id at any level is 404', async (hub) => {
    await putLocation(hub);
    for (const path of ['NONE', 'LOC1/NONE', 'LOC1/E1/NONE', 'NONE/E1/1'])
      expectCodes(await hub.as('P2', 'GET', `${hub.sender.locations}/${path}`), 404, 2003);
  }),
  tested('L-04', 'must', 'the filter is on the Location, which comes whole', async (hub) => {
    await putLocation(hub, location('LOC1', { evses: [evse('E1'), evse('E2')] }));
    await patch(hub, ['LOC1', 'E1'], { status: 'CHARGING', last_updated: at(60) });
    const { list } = await hub.as('P2', 'GET', `${hub.sender.locations}?date_from=${at(30)}`);
    expect(list).toMatchObject([{ id: 'LOC1', evses: [{ uid: 'E1', status: 'CHARGING' }, { uid: 'E2' }] }]);
  }),
  tested('L-05', 'must', 'Receiver: GET, PUT and PATCH at three levels', async (hub) => {
    for (const [ids, body, change] of [
      [['LOC1'], location(), { name: 'x' }],
      [['LOC1', 'E1'], evse(), { status: 'CHARGING' }],
      [['LOC1', 'E1', '1'], connector(), { max_amperage: 32 }],
    ] as const) {
      const put = await hub.as('P1', 'PUT', locationUrl(hub, ...ids), { body });
      expect([put.body.status_code, [200, 201].includes(put.status)]).toEqual([1000, true]);
      await patch(hub, ids, { ...change, last_updated: at(ids.length) });
      expect(await held(hub, ...ids)).toMatchObject(change);
    }
  }),
  tested('L-06', 'must', 'POST and DELETE do not exist', async (hub) => {
    for (const ids of [['LOC1'], ['LOC1', 'E1'], ['LOC1', 'E1', '1']])
      for (const method of ['POST', 'DELETE'])
        expectCodes(await hub.as('P1', method, locationUrl(hub, ...ids), { body: location() }), 405, 2000);
  }),
  tested('L-07', 'MUST', 'PUT Location: owner and id of URL and body are the same', async (hub) =>
    refusesLocations(
      hub,
      location('LOC2'),
      location('LOC1', { party_id: 'CP2' }),
      location('LOC1', { country_code: 'AT' }),
    ),
  ),
  tested('L-08', 'SHOULD', 'PUT EVSE and Connector: id of URL and body are the same', async (hub) => {
    await putLocation(hub);
    await expectRefused(hub, 'PUT', locationUrl(hub, 'LOC1', 'E1'), evse('E2'));
    await expectRefused(hub, 'PUT', locationUrl(hub, 'LOC1', 'E1', '1'), connector('2'));
    await expectRefused(hub, 'PUT', locationUrl(hub, 'LOC1', 'E1'), without(evse(), 'uid'));
  }),
  tested('L-09', 'MUST', 'a change of an EVSE moves last_updated of its Location', async (hub) => {
    await putLocation(hub);
    await patch(hub, ['LOC1', 'E1'], { status: 'CHARGING', last_updated: at(5) });
    expect(stampsOf(await held(hub))).toEqual([at(5), at(5), at(0)]);
    expectCodes(
      await hub.as('P1', 'PUT', locationUrl(hub, 'LOC1', 'E1'), { body: evse('E1', { last_updated: at(6) }) }),
      200,
      1000,
    );
    expect(stampsOf(await held(hub))).toEqual([at(6), at(6), at(0)]);
  }),
  tested('L-10', 'MUST', 'a change of a Connector moves both parents', async (hub) => {
    await putLocation(hub);
    await patch(hub, ['LOC1', 'E1', '1'], { max_voltage: 400, last_updated: at(5) });
    expect(stampsOf(await held(hub))).toEqual([at(5), at(5), at(5)]);
    expectCodes(
      await hub.as('P1', 'PUT', locationUrl(hub, 'LOC1', 'E1', '1'), { body: connector('1', { last_updated: at(6) }) }),
      200,
      1000,
    );
    expect(stampsOf(await held(hub))).toEqual([at(6), at(6), at(6)]);
  }),
  elsewhere('L-11', 'MUST', 'an owner that does not do the same is flagged', oddities),
  tested('L-12', 'REC', 'parents never move backwards', async (hub) => {
    await putLocation(hub, location('LOC1', { last_updated: at(100) }));
    await patch(hub, ['LOC1', 'E1', '1'], { max_voltage: 400, last_updated: at(5) });
    expect(stampsOf(await held(hub))).toEqual([at(100), at(5), at(5)]);
  }),
  tested('L-13', 'must', 'PUT of an unknown EVSE or Connector below a known parent creates it', async (hub) => {
    await putLocation(hub);
    expectCodes(
      await hub.as('P1', 'PUT', locationUrl(hub, 'LOC1', 'E2'), { body: evse('E2', { last_updated: at(1) }) }),
      201,
      1000,
    );
    expectCodes(
      await hub.as('P1', 'PUT', locationUrl(hub, 'LOC1', 'E2', '2'), { body: connector('2', { last_updated: at(2) }) }),
      201,
      1000,
    );
    expect(await held(hub)).toMatchObject({
      evses: [{ uid: 'E1' }, { uid: 'E2', connectors: [{ id: '1' }, { id: '2' }] }],
    });
    const bare = without(location('LOC2'), 'evses');
    await putLocation(hub, bare);
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub, 'LOC2', 'E1'), { body: evse() }), 201, 1000);
  }),
  tested('L-14', 'REC', 'below an unknown parent nothing is created', async (hub) => {
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub, 'LOC1', 'E1'), { body: evse() }), 404, 2003);
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub, 'LOC1', 'E1', '1'), { body: connector() }), 404, 2003);
    expectCodes(await hub.as('P1', 'GET', locationUrl(hub)), 404, 2003);
    await putLocation(hub);
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub, 'LOC1', 'E9', '1'), { body: connector() }), 404, 2003);
  }),
  tested('L-15', 'MUST', 'PATCH at every level needs last_updated', async (hub) => {
    await putLocation(hub);
    await expectRefused(hub, 'PATCH', locationUrl(hub), { name: 'x' });
    await expectRefused(hub, 'PATCH', locationUrl(hub, 'LOC1', 'E1'), { status: 'CHARGING' });
    await expectRefused(hub, 'PATCH', locationUrl(hub, 'LOC1', 'E1', '1'), { max_voltage: 1 });
  }),
  tested('L-16', 'must', 'PATCH takes nothing required away', async (hub) => {
    await putLocation(hub, location('LOC1', { evses: [evse('E1'), evse('E2')] }));
    await patch(hub, ['LOC1'], { evses: [], last_updated: at(1) });
    await patch(hub, ['LOC1'], { evses: null, last_updated: at(2) });
    await patch(hub, ['LOC1'], { coordinates: null, last_updated: at(3) }, 200, 2001);
    expect(await held(hub)).toMatchObject({
      evses: [{ uid: 'E1' }, { uid: 'E2' }],
      coordinates: { latitude: '50.93753' },
    });
  }),
  tested('L-17', 'MUST', 'an EVSE is deleted by status REMOVED and stays', async (hub) => {
    await putLocation(hub);
    await patch(hub, ['LOC1', 'E1'], { status: 'REMOVED' });
    expect(await held(hub)).toMatchObject({ evses: [{ uid: 'E1', status: 'REMOVED' }] });
    expect(idsOf(await hub.as('P2', 'GET', hub.sender.locations))).toEqual(['LOC1']);
  }),
  tested(
    'L-18',
    'SHOULD',
    'a Location without usable EVSEs stays retrievable (feeds for displays are not offered yet)',
    async (hub) => {
      await putLocation(hub, location('LOC1', { evses: [evse('E1', { status: 'REMOVED' })] }));
      await putLocation(hub, without(location('LOC2'), 'evses'));
      for (const id of ['LOC1', 'LOC2']) await held(hub, id);
    },
  ),
  tested('L-19', 'REC', 'evses in the PATCH of a Location merge by uid', async (hub) => {
    await putLocation(hub, location('LOC1', { evses: [evse('E1'), evse('E2')] }));
    await patch(hub, ['LOC1'], {
      evses: [{ uid: 'e2', status: 'CHARGING', connectors: [{ id: '1', max_voltage: 400 }] }],
    });
    const { evses } = (await held(hub)) as { evses: Record<string, unknown>[] };
    expect(evses[0]).toEqual(evse('E1'));
    expect(evses[1]).toMatchObject({ status: 'CHARGING', connectors: [{ ...connector(), max_voltage: 400 }] });
  }),
  tested(
    'L-20',
    'REC',
    'an EVSE that a PUT leaves out is gone, and flagged (the choice is documented)',
    async (hub) => {
      await putLocation(hub, location('LOC1', { evses: [evse('E1'), evse('E2')] }));
      await putLocation(hub, location('LOC1', { last_updated: at(1) }), 200, 1000);
      expect((await held(hub)).evses).toHaveLength(1);
      expect(await hub.flagged()).toContain('L-20');
    },
  ),
  notMet(
    'L-21',
    'MAY',
    'uid is unique per CPO platform; else flagged',
    'A uid that occurs twice is flagged within one Location only, not over all Locations of an owner.',
    async (hub) => {
      await putLocation(hub, location('LOC1'));
      await putLocation(hub, location('LOC2'));
      expect(await hub.flagged()).toContain('L-21');
    },
  ),
  tested(
    'L-22',
    'must',
    'at least one Connector, also when REMOVED; its id is unique within the EVSE only',
    async (hub) => {
      for (const status of ['AVAILABLE', 'REMOVED'])
        await refusesLocations(
          hub,
          location('LOC1', { evses: [evse('E1', { status, connectors: [] })] }),
          location('LOC1', { evses: [without(evse('E1', { status }), 'connectors')] }),
        );
      await putLocation(hub, location('LOC1', { evses: [evse('E1'), evse('E2')] }));
    },
  ),
  tested('L-23', 'must', 'each required field of a Location is required', async (hub) => {
    const required = [
      'country_code',
      'party_id',
      'id',
      'publish',
      'address',
      'city',
      'country',
      'coordinates',
      'time_zone',
      'last_updated',
    ];
    await refusesLocations(hub, ...required.map((name) => without(location(), name)));
    const sparse = Object.fromEntries(Object.entries(location()).filter(([name]) => required.includes(name)));
    await putLocation(hub, sparse);
  }),
  tested('L-24', 'MUST', 'publish_allowed_to goes with publish false; else flagged', async (hub) => {
    await putLocation(hub, { ...tokenFor({ group_id: 'G' }), publish: true });
    expect(await hub.flagged()).toEqual(['L-24']);
    expect(await held(hub)).toMatchObject({ publish: true, publish_allowed_to: [{ group_id: 'G' }] });
  }),
  tested('L-25', 'MUST', 'a PublishToken says which tokens', async (hub) => {
    await refusesLocations(hub, ...[{ issuer: 'I' }, {}, { uid: 'U' }, { visual_number: 'V' }].map(tokenFor));
    await putLocation(
      hub,
      location('LOC1', {
        publish: false,
        publish_allowed_to: [
          { uid: 'U', type: 'RFID' },
          { visual_number: 'V', issuer: 'I' },
        ],
      }),
    );
  }),
  tested('L-26', 'must', 'hours unless always open', async (hub) => {
    await refusesLocations(
      hub,
      open({ twentyfourseven: false }),
      open({ twentyfourseven: false, regular_hours: [] }),
      open({ twentyfourseven: false, regular_hours: [{ weekday: 8, period_begin: '08:00', period_end: '09:00' }] }),
    );
    await putLocation(hub, open({ twentyfourseven: true }));
  }),
  notTestable(
    'L-27',
    'must',
    'regular hours are local, exceptional ones UTC',
    'The hub converts neither; both leave as they came (T-36).',
  ),
  tested('L-28', 'must', 'tariff_ids are kept as given', async (hub) => {
    const plug = (...tariff_ids: string[]) =>
      location('LOC1', { evses: [evse('E1', { connectors: [connector('1', { tariff_ids })] })] });
    await refusesLocations(hub, plug('x'.repeat(37)));
    await putLocation(hub, plug('b', 'A', 'none such'));
    expect(await held(hub, 'LOC1', 'E1', '1')).toMatchObject({ tariff_ids: ['b', 'A', 'none such'] });
  }),
  tested('L-29', 'must', 'the nine statuses of an EVSE, and no other', async (hub) => {
    await putLocation(hub);
    const statuses = [
      'AVAILABLE',
      'BLOCKED',
      'CHARGING',
      'INOPERATIVE',
      'OUTOFORDER',
      'PLANNED',
      'REMOVED',
      'RESERVED',
      'UNKNOWN',
    ];
    for (const [n, status] of statuses.entries()) await patch(hub, ['LOC1', 'E1'], { status, last_updated: at(n + 1) });
    for (const status of ['FREE', 'available', '', 5])
      await patch(hub, ['LOC1', 'E1'], { status, last_updated: at(99) }, 200, 2001);
  }),
  tested('L-30', 'must', 'a schedule changes no status', async (hub) => {
    const status_schedule = [{ period_begin: at(0), period_end: at(60), status: 'OUTOFORDER' }];
    await putLocation(hub, location('LOC1', { evses: [evse('E1', { status_schedule })] }));
    const head = hub.head();
    hub.now += 86_400_000;
    expect(await held(hub, 'LOC1', 'E1')).toMatchObject({ status: 'AVAILABLE', status_schedule });
    expect(hub.head()).toBe(head);
  }),
  tested('L-31', 'must', 'the hub adds no operator', async (hub) => {
    await putLocation(hub);
    for (const url of [locationUrl(hub), `${hub.sender.locations}/LOC1`])
      expect((await hub.as(url.includes('receiver') ? 'P1' : 'P2', 'GET', url)).data).not.toHaveProperty('operator');
  }),
  notTestable(
    'L-32',
    'MUST',
    'private Locations are not published',
    'Policy of the owner; the hub stores `publish` and passes it on.',
  ),
  tested('L-33', 'SHOULD', 'energy sources add up to 100; else flagged', async (hub) => {
    const energy_mix = (percentage: number) => ({
      is_green_energy: true,
      energy_sources: [{ source: 'WIND', percentage }],
    });
    await putLocation(hub, location('LOC1', { energy_mix: energy_mix(100.05) }));
    expect(await hub.flagged()).toEqual([]);
    await putLocation(hub, location('LOC2', { energy_mix: energy_mix(80) }));
    expect(await hub.flagged()).toEqual(['L-33']);
  }),
  elsewhere('L-34', 'must', "a status push has the owner's segments and stamp", 'test/integration/delivery.test.ts'),
  tested('L-35', 'REC', 'custom fields survive at all three levels, to the digit', async (hub) => {
    const ext = '{"n":1.50,"list":[1,{"a":null}],"deep":{"x":"Ä"}}';
    const plug = JSON.stringify(connector()).replace(/}$/, `,"here_ext":${ext}}`);
    const unit = JSON.stringify(evse()).replace(JSON.stringify(connector()), plug).replace(/}$/, `,"here_ext":${ext}}`);
    const whole = JSON.stringify(location()).replace(JSON.stringify(evse()), unit).replace(/}$/, `,"here_ext":${ext}}`);
    expectCodes(await hub.as('P1', 'PUT', locationUrl(hub), { body: whole }), 201, 1000);
    for (const answer of [await hub.as('P1', 'GET', locationUrl(hub)), await hub.as('P2', 'GET', hub.sender.locations)])
      expect(answer.text).toContain(whole);
    expect((await hub.as('P2', 'GET', `${hub.sender.locations}/LOC1/E1`)).text).toContain(unit);
    expect((await hub.as('P2', 'GET', `${hub.sender.locations}/LOC1/E1/1`)).text).toContain(plug);
    await patch(hub, ['LOC1', 'E1'], { status: 'CHARGING' });
    expect((await hub.as('P2', 'GET', hub.sender.locations)).text.split(ext)).toHaveLength(4);
  }),
  tested('L-36', 'must', 'country is alpha-3, time_zone an IANA name; else flagged', async (hub) => {
    await putLocation(hub, location('LOC1', { time_zone: 'Europe/Nowhere' }));
    expect(await hub.flagged()).toEqual(['L-36']);
    expectCodes(await hub.as('P1', 'GET', tariffUrl(hub)), 404, 2001);
  }),
];
