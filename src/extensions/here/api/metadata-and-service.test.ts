import { afterEach, describe, expect, it } from '@jest/globals';
import { partnerIdOfName } from '../model/company.js';
import { roamCard, tariffsOfUtrecht, utrecht, voltnet } from '../tariffs/testing/utrecht.js';
import { type LookUpWorld, lookUpWorld, type WorldOptions } from './testing/look-up-world.js';

let world: LookUpWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function setup(options: WorldOptions = {}): Promise<LookUpWorld> {
  world = await lookUpWorld(options);
  for (const tariff of tariffsOfUtrecht) world.putTariff(tariff);
  world.put(utrecht);
  const { suboperator: _, here_ext: __, ...plain } = utrecht;
  world.put({ ...plain, id: 'BE1', party_id: 'BEL', country: 'BEL', suboperator: { name: 'Brand' } });
  return world;
}
const ask = async (path: string): Promise<unknown> => (await world?.get(path))?.body;

describe('the metadata of countries', () => {
  it('is the list of countries, with those that are not there', async () => {
    await setup();
    expect(await ask('/countryMetadata')).toEqual({
      countries: [{ countryCode: 'BEL' }, { countryCode: 'NLD' }],
      missingCountries: [],
    });
    expect(await ask('/countryMetadata?countryCodes=XKX,NLD')).toEqual({
      countries: [{ countryCode: 'NLD' }],
      missingCountries: ['XKX'],
    });
  });

  it('has operators, eMSPs, their tariffs and connector types', async () => {
    await setup();
    const fields = 'fields=operators,eMobilityServiceProviders,tariffs,connectorTypes';
    expect(await ask(`/countryMetadata?countryCodes=NLD&${fields}`)).toEqual({
      countries: [
        {
          countryCode: 'NLD',
          operators: [{ name: 'Voltnet', partnerId: voltnet, tariffs: [{ name: 'Voltnet Member' }] }],
          eMobilityServiceProviders: [{ name: 'RoamCard', partnerId: roamCard, tariffs: [{ name: 'RoamCard Plus' }] }],
          connectorTypes: [
            { standard: 'CHADEMO', commonName: 'CHAdeMO', maxPower: 50_000, legacyId: '29' },
            { standard: 'IEC_62196_T2', commonName: 'Type 2 (Mennekes)', maxPower: 22_000, legacyId: '31' },
            { standard: 'IEC_62196_T2_COMBO', commonName: 'CCS 2', maxPower: 150_000, legacyId: '34' },
          ],
        },
      ],
      missingCountries: [],
    });
    const brand = { name: 'Brand', partnerId: partnerIdOfName('Brand') };
    expect(await ask('/countryMetadata?countryCodes=BEL&fields=operators')).toMatchObject({
      countries: [{ operators: [brand, { name: 'Voltnet' }] }],
    });
    expect(await ask('/countryMetadata?countryCodes=NLD&fields=tariffs')).toEqual({
      countries: [{ countryCode: 'NLD' }],
      missingCountries: [],
    });
  });

  it('follows what changes and goes', async () => {
    const { put, live, removeTariff } = await setup();
    const fields = 'fields=operators,tariffs';
    await ask(`/countryMetadata?${fields}`);
    removeTariff('NL/VLT/MEMBER');
    expect(JSON.stringify(await ask(`/countryMetadata?${fields}`))).not.toContain('Voltnet Member');
    put({ ...utrecht, operator: { name: 'Voltnet New' } });
    expect(await ask(`/countryMetadata?countryCodes=NLD&${fields}`)).toMatchObject({
      countries: [{ operators: [{ name: 'Voltnet New', partnerId: voltnet }] }],
    });
    live.remove('NL/VLT/LOC-UTR-07');
    expect(await ask('/countryMetadata')).toEqual({ countries: [{ countryCode: 'BEL' }], missingCountries: [] });
  });

  it('has nothing of owners that the asker may not see', async () => {
    await setup({ sees: (owner, module) => owner !== 'NL/BEL' && module === 'locations' });
    const body = await ask('/countryMetadata?fields=operators,tariffs');
    expect(body).toEqual({
      countries: [{ countryCode: 'NLD', operators: [{ name: 'Voltnet', partnerId: voltnet }] }],
      missingCountries: [],
    });
  });
});

describe('what the API says of itself', () => {
  it('is whether it is well', async () => {
    let wrong: string | undefined;
    const { get } = await setup({ health: () => wrong });
    expect((await get('/health?apiKey=key-of-stream', {})).body).toEqual({ status: 'ok' });
    wrong = 'the disk is full';
    const { status, body } = await get('/health');
    expect([status, body]).toEqual([503, { status: 'fail', message: wrong }]);
    expect((await get('/health', {})).status).toBe(401);
  });

  it('is its version and its description', async () => {
    await setup();
    expect(await ask('/version')).toEqual({ apiVersion: '3.20.1', serviceVersion: '1.2.3' });
    const description = (await ask('/openapi')) as {
      paths: Record<string, { get: { parameters: { name: string }[] } }>;
    };
    expect(description).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'https://hub.example/ev/v3' }] });
    expect(Object.keys(description.paths).sort()).toEqual([
      '/countryMetadata',
      '/health',
      '/locations',
      '/locations/{id}',
      '/openapi',
      '/version',
    ]);
    expect(description.paths['/locations/{id}']?.get.parameters.map(({ name }) => name)).toEqual([
      'id',
      'fields',
      'days',
      'tariff',
      'X-Request-ID',
    ]);
  });
});
