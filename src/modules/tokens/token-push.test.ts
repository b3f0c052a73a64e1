import { describe, expect, it } from '@jest/globals';
import type { ChangeRow } from '../../platform/storage/index.js';
import { tokenPushSource } from './token-push.js';
import type { TokenStore } from './token-store.js';

const row: ChangeRow = {
  module: 'tokens',
  object: 'FR/EM1/0123456789ABCDEF0123456789ABCDEF',
  laneKey: 'FR/EM1/0123456789ABCDEF0123456789ABCDEF',
  owner: 'FR/EM1',
  kind: 'PUT',
  correlationId: 'c',
  recordedAt: 0,
  seq: 1,
};
const asked: string[] = [];
const source = (document?: string) =>
  tokenPushSource({
    findByKey: async (key: string) => {
      asked.push(key);
      return document;
    },
  } as unknown as TokenStore);
const token = (uid: string, type: string) =>
  `{"country_code":"fr","party_id":"Em1","uid":"${uid}","type":"${type}","x":0.50}`;

describe('what CPOs are told of a Token', () => {
  it("is the object as it is now, below its owner's segments, as the owner spells them (R-26)", async () => {
    const body = token('04/ab', 'RFID');
    expect(await source(body).read(row)).toEqual({ path: '/fr/Em1/04%2Fab', body });
    expect(asked.at(-1)).toBe(row.object);
  });

  it.each([
    ['APP_USER', '?type=APP_USER'],
    ['rfid', '?type=rfid'],
    ['A B&C', '?type=A%20B%26C'],
  ])('names the type in the URL if it is not RFID: %s (TK-01)', async (type, query) => {
    expect((await source(token('U1', type)).read(row))?.path).toBe(`/fr/Em1/U1${query}`);
  });

  it('is nothing of one that is not there', async () => {
    expect(await source().read(row)).toBeUndefined();
  });
});
