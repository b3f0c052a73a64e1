import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PullSink } from '../../src/platform/pull/index.js';
import { at, evse, location, type Sample, startTestHub, type TestHub, tariff, without } from '../support/hub/index.js';
import { idsOf } from './rows/kit.js';

const owner = { country_code: 'DE', party_id: 'CP1' };
const context = { correlationId: 'pulled', applyStale: false };

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
beforeEach(() => hub.clear());
afterAll(() => hub.close());

const sink = (module: string): PullSink => {
  const found = hub.pullSinks.find((one) => one.module === module);
  if (!found) throw new Error(`no sink for ${module}`);
  return found;
};
const take = (module: string, value: Sample, applyStale = false) =>
  sink(module).accept(owner, value, JSON.stringify(value), { ...context, applyStale });

describe.each([
  ['locations', location],
  ['tariffs', tariff],
] as const)('pulled %s', (module, sample) => {
  const listed = async () => idsOf(await hub.as('P2', 'GET', hub.sender[module]));

  it('are stored, served and told to others like pushed ones (P-16)', async () => {
    const head = hub.head();
    expect(await take(module, sample('X1'))).toBe('stored');
    expect(await listed()).toEqual(['X1']);
    expect(await hub.changes(head)).toMatchObject([{ kind: 'PUT', module, correlationId: 'pulled' }]);
    expect(await take(module, sample('X1'))).toBe('unchanged');
    expect(await take(module, sample('X1', { last_updated: at(-1) }))).toBe('unchanged');
    expect(await take(module, sample('X1', { last_updated: at(-1) }), true)).toBe('stored');
    expect(await sink(module).count(owner)).toBe(1);
  });

  it.each([
    ['breaks a rule', without(sample('X1'), 'last_updated')],
    ['comes from the future (T25)', sample('X1', { last_updated: '2099-01-01T00:00:00Z' })],
    ['has no id', without(sample('X1'), 'id')],
  ])('are refused where a push would be: what %s (T-33)', async (_, value) => {
    await expect(take(module, value)).rejects.toMatchObject({ name: 'OcpiError', statusCode: 2001 });
    expect(await listed()).toEqual([]);
  });

  it('that a complete list no longer shows are taken out, but for what was pushed meanwhile (P-16, P1)', async () => {
    for (const id of ['KEEP', 'gone']) await take(module, sample(id));
    const since = hub.now + 1;
    hub.now += 10;
    await take(module, sample('NEW'));
    expect(await sink(module).removeAbsent(owner, new Set(['KEEP']), since, context)).toBe(1);
    expect(await listed()).toEqual(['KEEP', 'NEW']);
  });

  it('have an id if it is text', () => {
    expect(sink(module).idOf(sample('X1'))).toBe('X1');
    for (const none of [null, 5, 'x', [], {}, { id: 5 }]) expect(sink(module).idOf(none)).toBeUndefined();
  });
});

it('a pulled Location flags what it lost (L-20)', async () => {
  await take('locations', location('X1', { evses: [evse('E1'), evse('E2')] }));
  await take('locations', location('X1', { last_updated: at(1) }));
  expect(await hub.flagged()).toEqual(['L-20']);
});
