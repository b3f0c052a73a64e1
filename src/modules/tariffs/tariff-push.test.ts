import { describe, expect, it } from '@jest/globals';
import type { ChangeRow } from '../../platform/storage/index.js';
import { tariffPushSource } from './tariff-push.js';
import type { TariffKey, TariffStore } from './tariff-store.js';

const row = (object: string, kind: ChangeRow['kind'] = 'PUT'): ChangeRow => ({
  module: 'tariffs',
  object,
  laneKey: object,
  owner: 'DE/CP1',
  kind,
  correlationId: 'c',
  recordedAt: 0,
  seq: 1,
});
const asked: TariffKey[] = [];
const source = (document?: string) =>
  tariffPushSource({
    find: async (key: TariffKey) => {
      asked.push(key);
      return document;
    },
  } as unknown as TariffStore);

describe('what partners are told of a Tariff', () => {
  it("is the object as it is now, below its owner's segments, as the owner spells them (R-26)", async () => {
    const body = '{"country_code":"de","party_id":"Cp1","id":"t/1%","price":0.250}';
    expect(await source(body).read(row('DE/CP1/T%2F1%25'))).toEqual({ path: '/de/Cp1/t%2F1%25', body });
    expect(asked.at(-1)).toEqual({ country_code: 'DE', party_id: 'CP1', tariff_id: 'T/1%' });
  });

  it.each([
    ['%252F', '%2F'],
    ['%2525', '%25'],
    ['A%25%2FB', 'A%/B'],
  ])('is found by its key: %s is %s', async (segment, id) => {
    await source().read(row(`DE/CP1/${segment}`));
    expect(asked.at(-1)?.tariff_id).toBe(id);
  });

  it('is that it is gone, if it was removed and is not back (R-19)', async () => {
    expect(await source().read(row('DE/CP1/T%2F1', 'DELETE'))).toEqual({ path: '/DE/CP1/T%2F1', body: '' });
    expect(
      await source('{"country_code":"DE","party_id":"CP1","id":"T/1"}').read(row('DE/CP1/T%2F1', 'DELETE')),
    ).toMatchObject({
      path: '/DE/CP1/T%2F1',
    });
  });

  it('is nothing of one that was put and is gone: its removal has a row of its own', async () => {
    expect(await source().read(row('DE/CP1/T1', 'PUT'))).toBeUndefined();
  });
});
