import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contentIdOf } from '../model/place-id.js';
import { tariffsOfUtrecht, utrecht } from '../tariffs/testing/utrecht.js';
import { type LookUpWorld, lookUpWorld } from './testing/look-up-world.js';

const id = contentIdOf('NL/VLT/LOC-UTR-07');
let world: LookUpWorld;

beforeAll(async () => {
  world = await lookUpWorld();
  for (const tariff of tariffsOfUtrecht) world.putTariff(tariff);
  world.put(utrecht);
});
afterAll(() => world.close());

const many = (count: number, of: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => of(n)).join();
const manyTariffs = (count: number): string => Array.from({ length: count }, () => 'tariff=all').join('&');

describe('what is not understood', () => {
  const one = `/locations/${id}?`;
  const several = `/locations?ids=${id}&`;
  it.each([
    ['/locations', 'ids'],
    ['/locations?ids=', 'ids'],
    ['/locations?ids=a,,b', 'ids[1]'],
    [`/locations?ids=${many(101, (n) => `a${n}`)}`, '100'],
    ['/locations?ids=a&ids=b', 'ids'],
    [`${one}fields=evses,price`, 'fields[1]'],
    [`${one}fields=`, 'fields[0]'],
    [`${one}fields=evses,evses`, 'fields[1]'],
    [`${one}fields=EVSES`, 'fields[0]'],
    [`${one}fields=evses&fields=address`, 'fields'],
    [`${one}fields=toString`, 'fields[0]'],
    [`${one}days=0`, 'days'],
    [`${one}days=8`, 'days'],
    [`${one}days=2.0`, 'days'],
    [`${one}days=`, 'days'],
    [`${one}tariff=foo`, 'tariff'],
    [`${one}${manyTariffs(51)}`, 'tariff'],
    [`${one}tariff=partner:${'x'.repeat(300)}`, 'tariff'],
    [`${one}connectorTypes=CHADEMO`, 'connectorTypes'],
    [`${several}connectorTypes=TYPE2`, 'connectorTypes[0]'],
    [`${several}connectorTypes=CHADEMO,CHADEMO`, 'connectorTypes[1]'],
    [`${several}connectorTypes=CHADEMO,MCS,TESLA_S,TESLA_R,CHAOJI,GBT_DC`, 'connectorTypes'],
    [`${several}connectorType=CHADEMO`, 'connectorType'],
    ['/countryMetadata?countryCodes=NL', 'countryCodes[0]'],
    [`/countryMetadata?countryCodes=${many(51, () => 'NLD')}`, '50'],
    ['/countryMetadata?fields=evses', 'fields[0]'],
    ['/version?fields=x', 'fields'],
  ])('%s is refused', async (path, named) => {
    const { status, body, headers } = await world.get(path);
    expect([status, body]).toEqual([
      400,
      {
        title: 'Bad Request',
        status: 400,
        code: 'E629400',
        cause: expect.stringContaining(named),
        action: expect.any(String),
        correlationId: headers['x-correlation-id'],
      },
    ]);
    expect(world.failures).toEqual([]);
  });

  it.each(['', 'nothing', 'a'.repeat(2_000), '%E2%82%AC', contentIdOf('NL/VLT/OTHER'), `${id}=`, 'here:evcp:evse:'])(
    'an id such as %s is not found',
    async (unknown) => {
      const { status, body } = await world.get(`/locations/${unknown}`);
      expect([status, (body as { code?: string }).code]).toEqual([404, 'E629000']);
    },
  );

  it.each(['truckRestrictions', 'predictions', 'reliability'])('fields=%s needs a right of its own', async (field) => {
    for (const path of [`/locations/${id}?fields=evses,${field}`, `/locations?ids=${id}&fields=${field}`]) {
      const { status, body } = await world.get(`${path}&apiKey=key-of-locations`, {});
      expect([status, body]).toEqual([
        403,
        { error: 'Forbidden', error_description: expect.stringContaining(field), status: 403 },
      ]);
    }
    expect((await world.get(`/locations/${id}?fields=evses&apiKey=key-of-locations`, {})).status).toBe(200);
  });

  it('takes a hundred ids, and as many tariff filters as are allowed', async () => {
    const { status, body } = await world.get(`/locations?ids=${many(99, (n) => `a${n}`)},${id}`);
    const { items, missingItems } = body as { items: unknown[]; missingItems: unknown[] };
    expect([status, items.length, missingItems.length]).toEqual([200, 1, 99]);
    expect((await world.get(`/locations/${id}?${manyTariffs(50)}`)).status).toBe(200);
  });
});
