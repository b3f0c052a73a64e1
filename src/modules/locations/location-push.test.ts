import { describe, expect, it } from '@jest/globals';
import type { ChangeRow } from '../../platform/storage/index.js';
import { locationPushSource } from './location-push.js';
import type { LocationKey, LocationStore } from './location-store.js';

const row = (object: string, laneKey = object): ChangeRow => ({
  module: 'locations',
  object,
  laneKey,
  owner: 'DE/CP1',
  kind: 'PUT',
  correlationId: 'c',
  recordedAt: 0,
  seq: 1,
});
const asked: LocationKey[] = [];
const source = (document?: string) =>
  locationPushSource({
    find: async (key: LocationKey) => {
      asked.push(key);
      return document;
    },
  } as unknown as LocationStore);

const evse = '{"uid":"e/1","status":"CHARGING","n":1.50}';
const location = `{"country_code":"de","party_id":"Cp1","id":"Loc 1","evses":[{"uid":"other"},${evse}]}`;

describe('what partners are told', () => {
  it("of a Location is all of it, below its owner's segments, as the owner spells them (R-26)", async () => {
    expect(await source(location).read(row('DE/CP1/LOC 1'))).toEqual({ path: '/de/Cp1/Loc%201', body: location });
    expect(asked.at(-1)).toEqual({ country_code: 'DE', party_id: 'CP1', location_id: 'LOC 1' });
  });

  it('of an EVSE is that EVSE, and its Location for who does not know it (L-34, T-28)', async () => {
    const item = await source(location).read(row('DE/CP1/LOC 1/E%2F1', 'DE/CP1/LOC 1'));
    expect(item).toMatchObject({ path: '/de/Cp1/Loc%201/e%2F1', body: evse });
    expect(await item?.parent?.()).toEqual({ path: '/de/Cp1/Loc%201', body: location });
  });

  it('is nothing of what is gone', async () => {
    expect(await source().read(row('DE/CP1/LOC1'))).toBeUndefined();
    expect(await source().read(row('DE/CP1/LOC1/E1', 'DE/CP1/LOC1'))).toBeUndefined();
    expect(await source(location).read(row('DE/CP1/LOC 1/NONE', 'DE/CP1/LOC 1'))).toBeUndefined();
  });
});
