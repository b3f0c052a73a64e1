import { expect } from '@jest/globals';
import { at, location, nextOf, tariff } from '../../support/hub/index.js';
import { crawl, expectCodes, fillTariffs, idsOf, putLocation } from './kit.js';
import { elsewhere, type Row, tested } from './row.js';

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, n) => `T${from + n}`);

export const paginationRows: readonly Row[] = [
  tested('P-01', 'must', 'date_from, date_to, offset and limit, alone and together', async (hub) => {
    await fillTariffs(hub, 12);
    const ids = async (query: string) =>
      idsOf(expectCodes(await hub.as('P2', 'GET', `${hub.sender.tariffs}?${query}`), 200, 1000));
    expect(await ids('')).toEqual(numbers(0, 12));
    expect(await ids(`date_from=${at(4)}`)).toEqual(numbers(4, 12));
    expect(await ids(`date_to=${at(4)}`)).toEqual(numbers(0, 4));
    expect(await ids('offset=9')).toEqual(numbers(9, 12));
    expect(await ids('limit=2')).toEqual(numbers(0, 2));
    expect(await ids(`date_from=${at(2)}&date_to=${at(9)}&offset=1&limit=3`)).toEqual(numbers(3, 6));
  }),
  tested('P-02', 'must', 'date_from is inclusive', async (hub) => {
    await fillTariffs(hub, 3);
    expect(idsOf(await hub.as('P2', 'GET', `${hub.sender.tariffs}?date_from=${at(1)}`))).toEqual(['T1', 'T2']);
  }),
  tested('P-03', 'must', 'date_to is exclusive; windows neither overlap nor miss', async (hub) => {
    await fillTariffs(hub, 3);
    const window = async (from: number, to: number) =>
      idsOf(await hub.as('P2', 'GET', `${hub.sender.tariffs}?date_from=${at(from)}&date_to=${at(to)}`));
    expect([...(await window(0, 1)), ...(await window(1, 2)), ...(await window(2, 3))]).toEqual(['T0', 'T1', 'T2']);
    expect(await window(1, 1)).toEqual([]);
  }),
  tested('P-04', 'must', 'offset counts from 0', async (hub) => {
    await fillTariffs(hub, 25);
    expect(idsOf(await hub.as('P2', 'GET', `${hub.sender.tariffs}?offset=10&limit=10`))).toEqual(numbers(10, 20));
    expect(idsOf(await hub.as('P2', 'GET', `${hub.sender.tariffs}?offset=0&limit=1`))).toEqual(['T0']);
  }),
  tested('P-05', 'must', 'limit is a maximum', async (hub) => {
    await fillTariffs(hub, 5);
    expect(idsOf(await hub.as('P2', 'GET', `${hub.sender.tariffs}?limit=3`))).toHaveLength(3);
    expect(idsOf(await hub.as('P2', 'GET', `${hub.sender.tariffs}?limit=30`))).toHaveLength(5);
  }),
  tested('P-06', 'must', 'above its cap the hub gives the cap, and Link says so', async (hub) => {
    await fillTariffs(hub, 1_100);
    const first = await hub.as('P2', 'GET', `${hub.sender.tariffs}?limit=2000`);
    expect([idsOf(first).length, first.headers['x-total-count'], first.headers['x-limit']]).toEqual([
      500,
      '1100',
      '500',
    ]);
    const next = new URL(nextOf(first) ?? '');
    expect([next.searchParams.get('offset'), next.searchParams.get('limit')]).toEqual(['500', '500']);
    const pages = await crawl(hub, `${hub.sender.tariffs}?limit=2000`);
    expect(pages.map((page) => idsOf(page).length)).toEqual([500, 500, 100]);
  }),
  tested('P-07', 'SHOULD', 'Link on every page but the last, absolute', async (hub) => {
    await fillTariffs(hub, 6);
    const pages = await crawl(hub, `${hub.sender.tariffs}?limit=2`);
    expect(pages.map((page) => nextOf(page)?.startsWith(`${hub.sender.tariffs}?`))).toEqual([true, true, undefined]);
    expect(pages.flatMap(idsOf)).toEqual(numbers(0, 6));
  }),
  tested('P-08', 'SHOULD', "Link repeats the caller's filters, encoded", async (hub) => {
    await fillTariffs(hub, 6);
    const first = await hub.as('P2', 'GET', `${hub.sender.tariffs}?limit=2&date_from=${at(1)}&date_to=${at(5)}`);
    const next = new URL(nextOf(first) ?? '');
    expect([next.searchParams.get('date_from'), next.searchParams.get('date_to')]).toEqual([at(1), at(5)]);
    expect(next.search).toContain(encodeURIComponent(at(1)));
    expect(idsOf(await hub.as('P2', 'GET', next.href))).toEqual(['T3', 'T4']);
  }),
  tested('P-09', 'must', 'X-Total-Count counts what matches, over all pages', async (hub) => {
    await fillTariffs(hub, 9);
    for (const [query, total] of [
      ['', '9'],
      ['limit=2', '9'],
      ['offset=8', '9'],
      [`date_from=${at(4)}&limit=1`, '5'],
      [`date_to=${at(4)}`, '4'],
    ])
      expect((await hub.as('P2', 'GET', `${hub.sender.tariffs}?${query}`)).headers['x-total-count']).toBe(total);
    const own = await hub.as('P6', 'GET', hub.sender.tariffs);
    expect(own.headers['x-total-count']).toBe('0');
  }),
  tested('P-10', 'MUST', 'X-Limit is the cap, not what was returned', async (hub) => {
    await fillTariffs(hub, 7);
    for (const query of ['', '?limit=3', '?offset=6', '?limit=100000'])
      expect((await hub.as('P2', 'GET', hub.sender.tariffs + query)).headers['x-limit']).toBe('500');
  }),
  tested('P-11', 'must', 'headers are on every page, also an empty one', async (hub) => {
    for (const url of [hub.sender.tariffs, hub.sender.locations]) {
      const answer = await hub.as('P2', 'GET', url);
      expect(answer.headers).toMatchObject({ 'x-total-count': '0', 'x-limit': '500' });
      expect(answer.headers).not.toHaveProperty('link');
    }
  }),
  tested('P-12', 'SHOULD', 'oldest first by creation; what is new lands on the last page', async (hub) => {
    await fillTariffs(hub, 6);
    const url = `${hub.sender.tariffs}?limit=2`;
    let inserted = 0;
    const pages = await crawl(hub, url, () =>
      fillTariffs(hub, 1, () => tariff(`NEW${inserted++}`, { last_updated: at(-100) })),
    );
    expect(pages.flatMap(idsOf).slice(0, 6)).toEqual(numbers(0, 6));
    await hub.stores.tariffs.put(
      { country_code: 'DE', party_id: 'CP1', tariff_id: 'T0' },
      {
        document: JSON.stringify(tariff('T0', { last_updated: at(999) })),
        lastUpdated: Date.parse(at(999)),
        oddities: [],
        applyStale: false,
      },
      { correlationId: 'c', now: hub.now },
    );
    expect(idsOf(await hub.as('P2', 'GET', url))).toEqual(['T0', 'T1']);
  }),
  tested('P-13', 'REC', 'equal stamps: each is seen exactly once', async (hub) => {
    await fillTariffs(hub, 500, (n) => tariff(`T${n}`));
    const pages = await crawl(hub, `${hub.sender.tariffs}?limit=37&date_from=${at(0)}`);
    expect(pages.flatMap(idsOf)).toEqual(numbers(0, 500));
  }),
  elsewhere('P-14', 'must', 'the hub follows Link as it is given', 'src/platform/outbound/crawl.test.ts'),
  elsewhere(
    'P-15',
    'SHOULD',
    'a total that falls on the way: the hub takes nothing out by such a crawl (it never asks with date_to)',
    'src/platform/pull/pull-list.test.ts',
  ),
  elsewhere(
    'P-16',
    'must',
    'a complete unfiltered list replaces, a filtered one adds',
    'src/platform/pull/pull-list.test.ts',
  ),
  tested('P-17', 'REC', 'offset behind the end: empty, right total, no Link', async (hub) => {
    await fillTariffs(hub, 3);
    const answer = expectCodes(await hub.as('P2', 'GET', `${hub.sender.tariffs}?offset=99999`), 200, 1000);
    expect([answer.list, answer.headers['x-total-count'], answer.headers.link]).toEqual([[], '3', undefined]);
  }),
  tested('P-18', 'REC', 'parameters that are none are 200/2001', async (hub) => {
    for (const query of [
      'limit=abc',
      'limit=0',
      'limit=-1',
      'offset=-1',
      'offset=1.5',
      'date_from=today',
      `date_from=${at(2)}&date_to=${at(1)}`,
    ])
      for (const url of [hub.sender.tariffs, hub.sender.locations])
        expectCodes(await hub.as('P2', 'GET', `${url}?${query}`), 200, 2001);
  }),
  tested('P-19', 'REC', 'dates with and without Z, fractions, encoded', async (hub) => {
    await fillTariffs(hub, 3);
    const plain = at(1).slice(0, -1);
    for (const date of [
      plain,
      `${plain}Z`,
      `${plain}.000Z`,
      `${plain}.0`,
      encodeURIComponent(`${plain}Z`),
      encodeURIComponent(`${plain}+00:00`),
    ])
      expect(idsOf(await hub.as('P2', 'GET', `${hub.sender.tariffs}?date_from=${date}`))).toEqual(['T1', 'T2']);
  }),
  tested('P-20', 'must', 'GET All is one paginated list over all owners; Link leads to the hub', async (hub) => {
    for (let n = 0; n < 4; n++) await putLocation(hub, location(`A${n}`));
    for (let n = 0; n < 3; n++) {
      const body = location(`B${n}`, { country_code: 'AT', party_id: 'CP3' });
      expectCodes(await hub.as('P5', 'PUT', `${hub.receiver.locations}/AT/CP3/B${n}`, { body }), 201, 1000);
    }
    const pages = await crawl(hub, `${hub.sender.locations}?limit=3`);
    expect(pages.map((page) => page.headers['x-total-count'])).toEqual(['7', '7', '7']);
    expect(pages.flatMap(idsOf)).toEqual(['A0', 'A1', 'A2', 'A3', 'B0', 'B1', 'B2']);
    expect(nextOf(pages[0] as never)).toContain(hub.url);
  }),
  elsewhere(
    'P-21',
    'REC',
    'Link of a list that was forwarded leads back through the hub',
    'test/conformance/rows/forwarding.ts',
    'R-45',
  ),
];
