import { existsSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { at, connector, evse, location, priceComponent, tariff, without } from '../../support/hub/index.js';
import { expectCodes, expectRefused, putLocation, putTariff, refusesTariffs, tariffUrl } from './kit.js';
import { elsewhere, notTestable, type Row, tested } from './row.js';

const noPrices = 'The hub stores and passes on; it computes no price.';
const oddities = 'src/modules/tariffs/tariff-oddities.test.ts';
const elements = (...list: object[]) => tariff('T1', { elements: list });
const element = (component: object, restrictions?: object) => ({
  price_components: [priceComponent({ ...component })],
  ...(restrictions ? { restrictions } : {}),
});

export const tariffRows: readonly Row[] = [
  tested('TA-01', 'must', 'Sender: a paginated list, no single object', async (hub) => {
    await putTariff(hub);
    const answer = expectCodes(await hub.as('P2', 'GET', hub.sender.tariffs), 200, 1000);
    expect([answer.list, answer.headers['x-total-count']]).toEqual([[tariff()], '1']);
    expectCodes(await hub.as('P2', 'GET', `${hub.sender.tariffs}/T1`), 404, 2000);
  }),
  tested('TA-02', 'must', 'Receiver: GET, PUT, DELETE; no PATCH, no POST', async (hub) => {
    await putTariff(hub);
    expect((await hub.as('P1', 'GET', tariffUrl(hub))).data).toEqual(tariff());
    for (const method of ['PATCH', 'POST'])
      expect(
        expectCodes(await hub.as('P1', method, tariffUrl(hub), { body: tariff() }), 405, 2000)
          .headers.allow?.split(', ')
          .sort(),
      ).toEqual(['DELETE', 'GET', 'PUT']);
    expectCodes(await hub.as('P1', 'DELETE', tariffUrl(hub)), 200, 1000);
  }),
  tested('TA-03', 'MUST', 'owner of URL and body are the same', async (hub) =>
    refusesTariffs(hub, tariff('T1', { party_id: 'CP2' }), tariff('T1', { country_code: 'AT' }), tariff('T2')),
  ),
  tested('TA-04', 'must', 'DELETE removes, once; the answer is an envelope', async (hub) => {
    await putTariff(hub);
    const head = hub.head();
    const answer = expectCodes(await hub.as('P1', 'DELETE', `${hub.receiver.tariffs}/de/cp1/t1`), 200, 1000);
    expect(answer.body).not.toHaveProperty('data');
    expectCodes(await hub.as('P1', 'DELETE', tariffUrl(hub)), 404, 2001);
    expectCodes(await hub.as('P1', 'GET', tariffUrl(hub)), 404, 2001);
    expect(await hub.changes(head)).toMatchObject([{ kind: 'DELETE', object: 'DE/CP1/T1' }]);
    expect((await hub.as('P2', 'GET', hub.sender.tariffs)).list).toEqual([]);
  }),
  tested('TA-05', 'SHOULD', 'Connectors may name a Tariff that is gone', async (hub) => {
    await putTariff(hub);
    await putLocation(
      hub,
      location('LOC1', { evses: [evse('E1', { connectors: [connector('1', { tariff_ids: ['T1'] })] })] }),
    );
    expectCodes(await hub.as('P1', 'DELETE', tariffUrl(hub)), 200, 1000);
    expect((await hub.as('P2', 'GET', `${hub.sender.locations}/LOC1/E1/1`)).data).toMatchObject({ tariff_ids: ['T1'] });
  }),
  elsewhere('TA-06', 'must', 'a full pull replaces the list', 'test/contract/tariff-store-contract.ts'),
  tested('TA-07', 'must', 'elements and their components are not empty', async (hub) =>
    refusesTariffs(hub, elements(), elements({ price_components: [] }), elements({}), tariff('T1', { elements: null })),
  ),
  tested('TA-08', 'must', 'the order of elements and components is kept', async (hub) => {
    const list = ['FLAT', 'TIME', 'ENERGY', 'FLAT'].map((type, n) => ({
      price_components: [priceComponent({ type, price: n }), priceComponent({ type: 'PARKING_TIME', price: 9 - n })],
    }));
    await putTariff(hub, elements(...list));
    for (const stored of [
      (await hub.as('P1', 'GET', tariffUrl(hub))).data,
      (await hub.as('P2', 'GET', hub.sender.tariffs)).list[0],
    ])
      expect(stored?.elements).toEqual(list);
  }),
  elsewhere('TA-09', 'must', 'a dimension twice in one element is flagged', oddities),
  notTestable('TA-10', 'must', 'a dimension without a match costs nothing', noPrices),
  elsewhere('TA-11', 'SHOULD', 'a dimension without an unrestricted last element is flagged', oddities),
  notTestable('TA-12', 'must', 'restrictions are ANDed at each moment', noPrices),
  elsewhere('TA-13', 'must', 'bounds: an empty range is flagged', oddities),
  elsewhere('TA-14', 'must', 'local times, 00:00 as the end of the day', 'test/conformance/schema-rules.test.ts'),
  notTestable('TA-15', 'must', 'units of the dimensions', noPrices),
  tested('TA-16', 'must', 'step_size is a whole number; 0 is accepted', async (hub) => {
    await refusesTariffs(
      hub,
      elements(element({ step_size: 1.5 })),
      elements(element({ step_size: null })),
      elements({ price_components: [without(priceComponent(), 'step_size')] }),
    );
    await putTariff(hub, elements(element({ type: 'FLAT', price: 0, step_size: 0 })));
  }),
  tested('TA-17', 'must', 'no vat and vat 0 are different things', async (hub) => {
    await putTariff(hub, elements(element({}), element({ vat: 0 })));
    const [first, second] = (await hub.as('P1', 'GET', tariffUrl(hub))).data.elements as {
      price_components: object[];
    }[];
    expect(first?.price_components[0]).not.toHaveProperty('vat');
    expect(second?.price_components[0]).toHaveProperty('vat', 0);
  }),
  tested('TA-18', 'must', 'limits with and without VAT are kept, both', async (hub) => {
    const limits = { min_price: { excl_vat: 0.5, incl_vat: 0.55 }, max_price: { excl_vat: 10, incl_vat: 11 } };
    await putTariff(hub, tariff('T1', limits));
    expect((await hub.as('P1', 'GET', tariffUrl(hub))).data).toMatchObject(limits);
  }),
  tested('TA-19', 'must', 'a Tariff is kept before it starts and after it ends', async (hub) => {
    const times = [{ start_date_time: at(86_400) }, { end_date_time: at(-86_400) }];
    for (const [n, fields] of times.entries()) await putTariff(hub, tariff(`T${n}`, fields));
    expect((await hub.as('P2', 'GET', hub.sender.tariffs)).list).toMatchObject(times);
  }),
  tested('TA-20', 'must', 'the types of a Tariff', async (hub) => {
    await refusesTariffs(hub, tariff('T1', { type: 'SPECIAL' }), tariff('T1', { type: 'regular' }));
    for (const type of ['AD_HOC_PAYMENT', 'PROFILE_CHEAP', 'PROFILE_FAST', 'PROFILE_GREEN', 'REGULAR'])
      await putTariff(hub, tariff(type, { type }));
    await putTariff(hub);
  }),
  notTestable(
    'TA-21',
    'MUST',
    'tariff_alt_text adds information, no prices',
    'No program can judge free text; documentation for owners.',
  ),
  tested('TA-22', 'must', 'free of charge: one unrestricted element with FLAT 0.00', async (hub) => {
    const text = JSON.stringify(elements(element({ type: 'FLAT', price: 0.5, step_size: 0 }))).replace('0.5', '0.00');
    expectCodes(await hub.as('P1', 'PUT', tariffUrl(hub), { body: text }), 201, 1000);
    expect((await hub.as('P2', 'GET', hub.sender.tariffs)).text).toContain('"price":0.00,');
    expect(await hub.flagged()).toEqual([]);
  }),
  tested('TA-23', 'must', 'reservation elements use FLAT and TIME; else flagged', async (hub) => {
    await putTariff(hub, elements(element({ type: 'TIME' }, { reservation: 'RESERVATION' })));
    expect(await hub.flagged()).not.toContain('TA-23');
    await putTariff(hub, tariff('T2', { elements: [element({ type: 'ENERGY' }, { reservation: 'RESERVATION' })] }));
    expect(await hub.flagged()).toContain('TA-23');
  }),
  tested('TA-24', 'must', 'the hub rounds nothing', async (hub) => {
    const text = JSON.stringify(elements(element({ price: 1 }))).replace(
      '"price":1',
      '"price":0.123456789012345678901',
    );
    expectCodes(await hub.as('P1', 'PUT', tariffUrl(hub), { body: text }), 201, 1000);
    expect((await hub.as('P2', 'GET', hub.sender.tariffs)).text).toContain('0.123456789012345678901');
  }),
  notTestable('TA-25', 'SHOULD', 'step_size 1 for new Tariffs', 'Advice to owners; any whole number is accepted.'),
  tested('TA-26', 'must', 'each required field of a Tariff is required', async (hub) => {
    const required = ['country_code', 'party_id', 'id', 'currency', 'elements', 'last_updated'];
    await refusesTariffs(hub, ...required.map((name) => without(tariff(), name)));
    const example = '../shared/ocpi-examples/2.2.1/tariff_put_example.json';
    if (existsSync(example)) await expectRefused(hub, 'PUT', tariffUrl(hub, '12'), readFileSync(example, 'utf8'));
    await putTariff(hub, tariff());
  }),
];
