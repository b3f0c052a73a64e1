import { expect } from '@jest/globals';
import { at, evse, location, priceComponent, tariff, without } from '../../support/hub/index.js';
import {
  expectCodes,
  expectNothingStored,
  expectRefused,
  held,
  locationUrl,
  putLocation,
  putTariff,
  refusesLocations,
  refusesTariffs,
  tariffUrl,
} from './kit.js';
import { elsewhere, type Row, tested } from './row.js';

const priced = (fields: object) => tariff('T1', { elements: [{ price_components: [priceComponent({ ...fields })] }] });

export const dataTypeRows: readonly Row[] = [
  tested('D-01', 'must', 'CiStrings compare without case', async (hub) => {
    expectCodes(
      await hub.as('P1', 'PUT', `${hub.receiver.locations}/DE/CP1/loc1`, { body: location('loc1') }),
      201,
      1000,
    );
    const again = location('LOC1', { country_code: 'de', party_id: 'cp1', last_updated: at(1) });
    expectCodes(await hub.as('P1', 'PUT', `${hub.receiver.locations}/de/cp1/LOC1`, { body: again }), 200, 1000);
    expect((await hub.as('P2', 'GET', hub.sender.locations)).headers['x-total-count']).toBe('1');
    await expectRefused(hub, 'PUT', locationUrl(hub, 'L%C3%96C'), location('LÖC'));
  }),
  tested('D-02', 'REC', "the owner's spelling is kept", async (hub) => {
    await putLocation(hub, location('LoC1', { party_id: 'cp1' }));
    expect(await held(hub, 'LOC1')).toMatchObject({ id: 'LoC1', party_id: 'cp1', country_code: 'DE' });
  }),
  tested('D-03', 'must', 'strings: no line breaks or tabs, any letters', async (hub) => {
    await refusesLocations(
      hub,
      location('LOC1', { name: 'a\nb' }),
      location('LOC1', { name: 'a\tb' }),
      location('LOC1', { city: 'a\rb' }),
    );
    await putLocation(hub, location('LOC1', { city: 'Köln', name: '充电站 Αθήνα' }));
    expect(await held(hub)).toMatchObject({ city: 'Köln', name: '充电站 Αθήνα' });
  }),
  tested('D-04', 'must', 'lengths are counted in characters', async (hub) => {
    await refusesLocations(
      hub,
      location('LOC1', { name: 'x'.repeat(256) }),
      location('LOC1', { city: 'x'.repeat(46) }),
    );
    await expectRefused(hub, 'PUT', locationUrl(hub, 'x'.repeat(37)), location('x'.repeat(37)));
    await putLocation(hub, location('LOC1', { name: 'ü'.repeat(255) }));
    await putLocation(hub, location('LOC2', { name: '🔌'.repeat(255) }));
  }),
  tested('D-05', 'must', 'the six printed forms of DateTime', async (hub) => {
    const forms = [
      '2015-06-29T20:39:09Z',
      '2015-06-29T20:39:09',
      '2016-12-29T17:45:09.2Z',
      '2016-12-29T17:45:09.2',
      '2018-01-01T01:08:01.123Z',
      '2018-01-01T01:08:01.123',
    ];
    for (const [n, last_updated] of forms.entries()) await putTariff(hub, tariff(`T${n}`, { last_updated }));
    expect((await hub.as('P2', 'GET', hub.sender.tariffs)).list.map((object) => object.last_updated)).toEqual(forms);
    for (const last_updated of ['2018-01-01', '2018-01-01 01:08:01Z', '01/02/2018', 1525132800, '2018-02-30T00:00:00Z'])
      await expectRefused(hub, 'PUT', tariffUrl(hub, 'BAD'), tariff('BAD', { last_updated }));
  }),
  tested(
    'D-06',
    'REC',
    'the hub sends Z and at most three decimals; offsets of others are understood and kept',
    async (hub) => {
      const answer = await hub.as('P2', 'GET', hub.sender.tariffs);
      expect(answer.body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/);
      await putTariff(hub, tariff('T1', { last_updated: '2026-05-01T14:00:00+02:00' }));
      const [object] = (
        await hub.as('P2', 'GET', `${hub.sender.tariffs}?date_from=2026-05-01T12:00:00Z&date_to=2026-05-01T12:00:01Z`)
      ).list;
      expect(object?.last_updated).toBe('2026-05-01T14:00:00+02:00');
    },
  ),
  elsewhere('D-07', 'REC', 'without Z it is UTC, whatever the process thinks', 'src/kernel/date-time.test.ts'),
  tested('D-08', 'must', 'numbers are JSON numbers and survive to the digit', async (hub) => {
    await refusesTariffs(hub, priced({ price: '0.25' }), priced({ price: null }));
    const text = JSON.stringify(priced({ price: 0.2525 })).replace('0.2525', '0.25250');
    expectCodes(await hub.as('P1', 'PUT', tariffUrl(hub), { body: text }), 201, 1000);
    for (const answer of [await hub.as('P1', 'GET', tariffUrl(hub)), await hub.as('P2', 'GET', hub.sender.tariffs)])
      expect(answer.text).toContain('"price":0.25250,');
  }),
  tested('D-09', 'must', 'a Price needs excl_vat', async (hub) => {
    await refusesTariffs(hub, tariff('T1', { min_price: { incl_vat: 1 } }));
    await putTariff(hub, tariff('T1', { min_price: { excl_vat: 1 } }));
  }),
  tested('D-10', 'must', 'a DisplayText has two letters of language and at most 512 characters', async (hub) => {
    const directions = (language: unknown, text: unknown) => location('LOC1', { directions: [{ language, text }] });
    await refusesLocations(hub, directions('en', 'x'.repeat(513)), directions('eng', 'x'), directions('en', null));
    await putLocation(hub, directions('en', 'x'.repeat(512)));
  }),
  tested('D-11', 'must', 'URLs have at most 255 characters', async (hub) => {
    const site = (length: number) =>
      location('LOC1', { operator: { name: 'x', website: `https://x.example/${'a'.repeat(length - 18)}` } });
    await refusesLocations(hub, site(256));
    await putLocation(hub, site(255));
  }),
  elsewhere('D-12', 'must', 'the roles of the enumeration', 'test/conformance/schema-rules.test.ts'),
  tested('D-13', 'must', 'country of a Location is alpha-3; else flagged', async (hub) => {
    await putLocation(hub, location('LOC1', { country: 'DE' }));
    expect(await hub.flagged()).toEqual(['D-13']);
    await expectRefused(hub, 'PUT', locationUrl(hub), location('LOC1', { country_code: 'DEU' }));
  }),
  tested('D-14', 'must', 'coordinates are strings of 5–7 decimals', async (hub) => {
    const point = (latitude: unknown) => location('LOC1', { coordinates: { latitude, longitude: '6.96028' } });
    await refusesLocations(hub, point(50.93753), point('50.9375'), point('50,93753'), point('north'));
    await putLocation(hub, point('-50.9375301'));
  }),
  tested('D-15', 'must', 'times of day are hh:mm', async (hub) => {
    const hours = (period_begin: string) =>
      location('LOC1', {
        opening_times: { twentyfourseven: false, regular_hours: [{ weekday: 1, period_begin, period_end: '20:00' }] },
      });
    await refusesLocations(hub, hours('8:00'), hours('24:01'), hours('08.00'));
    await putLocation(hub, hours('08:00'));
    await refusesTariffRestrictions(hub);
  }),
  tested(
    'D-16',
    'REC',
    'what is broken is refused and leaves nothing; what is only strange is stored and flagged',
    async (hub) => {
      await refusesLocations(
        hub,
        without(location(), 'city'),
        location('LOC1', { evses: [evse('E1', { status: 5 })] }),
      );
      await expectNothingStored(hub, hub.head());
      await putLocation(hub, location('LOC1', { time_zone: 'Europe/Nowhere' }));
      expect(await hub.flagged()).toEqual(['L-36']);
    },
  ),
];

async function refusesTariffRestrictions(hub: Parameters<typeof expectRefused>[0]): Promise<void> {
  for (const restrictions of [{ start_time: '8:00' }, { start_date: '01-02-2026' }])
    await expectRefused(
      hub,
      'PUT',
      tariffUrl(hub),
      tariff('T1', { elements: [{ price_components: [priceComponent()], restrictions }] }),
    );
}
