import { afterEach, describe, expect, it } from '@jest/globals';
import { contentIdOf, placeIdOf } from '../model/place-id.js';
import { tariffsOfUtrecht, utrecht, voltnet } from '../tariffs/testing/utrecht.js';
import type { PredictionSource, ReliabilitySource } from './sources.js';
import { type LookUpWorld, lookUpWorld, type WorldOptions } from './testing/look-up-world.js';

type Body = Record<string, unknown> & {
  items: Body[];
  missingItems: string[];
  evses: Body[];
  connectorGroups: Body[];
  tariffs: Body[];
};

const key = 'NL/VLT/LOC-UTR-07';
const id = contentIdOf(key);
let world: LookUpWorld | undefined;

async function utrechtWorld(options: WorldOptions = {}): Promise<LookUpWorld> {
  world = await lookUpWorld(options);
  for (const tariff of tariffsOfUtrecht) world.putTariff(tariff);
  world.put(utrecht);
  return world;
}

const ask = async (path: string): Promise<Body> => {
  const answer = await world?.get(path);
  expect(answer?.status).toBe(200);
  return answer?.body as Body;
};
const one = (query: string): Promise<Body> => ask(`/locations/${id}?${query}`);

afterEach(async () => {
  await world?.close();
  world = undefined;
});

const day = (n: number) => ({
  date: '2026-10-01',
  confidence: 0.5,
  periodsPerDay: 24,
  availabilityProbabilities: [n],
  predictedWaitTimes: [0],
});
const predictions: PredictionSource = {
  of: (_place, days) => ({
    place: Array.from({ length: days }, (_, at) => day(at)),
    group: (standard) => (standard === 'CHADEMO' ? [day(9)] : undefined),
  }),
  version: () => 1,
};
const green = { operational: 3 } as const;
const reliability: ReliabilitySource = {
  of: () => ({
    evse: (uid) => (uid === 'VLT-A1' ? green : undefined),
    group: (standard) => (standard === 'CHADEMO' ? { chargingSessions: { successfulCount: 7 } } : undefined),
  }),
  version: () => 1,
};

describe('a look-up of one location', () => {
  it('has the minimal set, whatever form its id has', async () => {
    await utrechtWorld();
    const minimal = {
      id: placeIdOf(key),
      location: { lat: 52.09012, lng: 5.11221 },
      supportedVehicles: ['car'],
      name: 'Voltnet Utrecht Zuid',
      operator: { name: 'Voltnet', partnerId: voltnet, eMobilityIds: ['NL-VLT'] },
    };
    expect(await one('')).toEqual(minimal);
    expect(await ask(`/locations/${placeIdOf(key)}`)).toEqual(minimal);
    expect(await ask(`/locations/${encodeURIComponent(`a:b:${id}`)}`)).toEqual(minimal);
  });

  it('has the groups and tariffs of the worked sample', async () => {
    await utrechtWorld();
    const body = await one('fields=evses,connectorGroups,tariffs&tariff=all');
    const sums = { statusCounts: expect.anything() };
    expect(body.connectorGroups).toEqual([
      {
        standard: 'IEC_62196_T2_COMBO',
        maxPower: 150_000,
        connectorCount: 2,
        availableConnectorCount: 1,
        connectors: [
          { evseUid: 'VLT-A1', connectorIds: ['1'] },
          { evseUid: 'VLT-A2', connectorIds: ['1'] },
        ],
        tariffIndexes: [0, 1, 2],
        ...sums,
      },
      {
        standard: 'CHADEMO',
        maxPower: 50_000,
        connectorCount: 1,
        availableConnectorCount: 0,
        connectors: [{ evseUid: 'VLT-A2', connectorIds: ['2'] }],
        tariffIndexes: [0],
        ...sums,
      },
      {
        standard: 'IEC_62196_T2',
        maxPower: 22_000,
        connectorCount: 1,
        connectors: [{ evseUid: 'VLT-B1', connectorIds: ['1'] }],
        ...sums,
      },
    ]);
    expect(body.tariffs.map(({ type, name }) => [type, name])).toEqual([
      ['adhoc', undefined],
      ['emsp', 'RoamCard Plus'],
      ['cpo', 'Voltnet Member'],
    ]);
    expect(body.evses.map(({ uid, status }) => [uid, status])).toEqual([
      ['VLT-A1', 'available'],
      ['VLT-A2', 'charging'],
      ['VLT-B1', 'unknown'],
    ]);
  });

  it('adds exactly what each set of fields says', async () => {
    await utrechtWorld({ predictions, reliability });
    const base = Object.keys(await one(''));
    const added = async (fields: string): Promise<string[]> =>
      Object.keys(await one(`fields=${fields}`)).filter((name) => !base.includes(name));
    expect(await added('address')).toEqual(['address']);
    expect(await added('emsps')).toEqual(['eMobilityServiceProviders']);
    expect(await added('locationInfo')).toEqual(['timeZone', 'cpoLocationId']);
    expect(await added('evses')).toEqual(['evses']);
    expect(await added('connectorGroups')).toEqual(['connectorGroups']);
    expect(await added('predictions')).toEqual(['predictions']);
    expect(await added('evses,tariffs')).toEqual(['evses', 'tariffs']);
    // Without something that carries them they have no place.
    expect(await added('tariffs')).toEqual([]);
    expect(await added('reliability')).toEqual([]);
  });

  it('lets groups refer to EVSEs only where these are shown', async () => {
    await utrechtWorld();
    const { connectorGroups } = await one('fields=connectorGroups');
    expect(connectorGroups).toHaveLength(3);
    for (const group of connectorGroups) expect(group).not.toHaveProperty('connectors');
  });

  it('refers only to connectors that it shows, though the group counts all of them', async () => {
    await utrechtWorld();
    const [first, ...others] = utrecht.evses ?? [];
    const bare = first && { ...first, connectors: first.connectors.map((one) => ({ ...one, format: null })) };
    world?.put({ ...utrecht, evses: [bare, ...others] } as unknown as typeof utrecht);
    const { evses, connectorGroups } = await one('fields=evses,connectorGroups');
    expect(evses.map(({ uid }) => uid)).not.toContain('VLT-A1');
    expect(connectorGroups[0]).toMatchObject({ connectorCount: 2, connectors: [{ evseUid: 'VLT-A2' }] });
  });

  it('has predictions of as many days as asked, two if not, also in groups', async () => {
    await utrechtWorld({ predictions });
    expect((await one('fields=predictions')).predictions).toHaveLength(2);
    expect((await one('fields=predictions&days=7')).predictions).toHaveLength(7);
    const { connectorGroups } = await one('fields=predictions,connectorGroups');
    expect(connectorGroups.map((group) => group.predictions)).toEqual([undefined, [day(9)], undefined]);
  });

  it('has reliability at EVSEs and groups', async () => {
    await utrechtWorld({ reliability });
    const { evses, connectorGroups } = await one('fields=reliability,evses,connectorGroups');
    expect(evses.map((evse) => evse.reliability)).toEqual([green, undefined, undefined]);
    expect(connectorGroups[1]?.reliability).toEqual({ chargingSessions: { successfulCount: 7 } });
  });
});

describe('an answer', () => {
  it('is read once, and again when its place changed', async () => {
    const { reads, live } = await utrechtWorld();
    const before = await one('fields=evses,connectorGroups');
    expect(await one('fields=connectorGroups,evses')).toEqual(before);
    expect(reads).toHaveLength(1);
    live.setStatus(key, 'VLT-A2', 'AVAILABLE', Date.parse('2026-10-01T12:30:00Z'));
    const { evses, connectorGroups } = await one('fields=evses,connectorGroups');
    expect(evses[1]).toMatchObject({ status: 'available', modified: '2026-10-01T12:30:00.000Z' });
    expect(connectorGroups.map(({ availableConnectorCount }) => availableConnectorCount)).toEqual([2, 1, undefined]);
    expect(reads).toHaveLength(2);
  });

  it('has the tariffs as they are now', async () => {
    const { removeTariff, putTariff } = await utrechtWorld();
    const names = async () => (await one('fields=evses,tariffs&tariff=all')).tariffs.map(({ type }) => type);
    expect(await names()).toEqual(['adhoc', 'emsp', 'cpo']);
    removeTariff('NL/VLT/CARD');
    expect(await names()).toEqual(['adhoc', 'cpo']);
    for (const tariff of tariffsOfUtrecht) putTariff(tariff);
    expect(await names()).toEqual(['adhoc', 'emsp', 'cpo']);
  });

  it('has new predictions as soon as there are some', async () => {
    let version = 1;
    await utrechtWorld({
      predictions: { of: () => ({ place: [day(version)], group: () => undefined }), version: () => version },
    });
    expect((await one('fields=predictions')).predictions).toEqual([day(1)]);
    version = 2;
    expect((await one('fields=predictions')).predictions).toEqual([day(2)]);
  });

  it('is kept up to a number of bytes', async () => {
    const { put, get, lookUp } = await utrechtWorld({ cacheBytes: 40_000 });
    for (let n = 0; n < 200; n++) {
      put({ ...utrecht, id: `L${n}` });
      await get(`/locations/${contentIdOf(`NL/VLT/L${n}`)}?fields=evses`);
    }
    expect(lookUp.cachedBytes).toBeGreaterThan(20_000);
    expect(lookUp.cachedBytes).toBeLessThanOrEqual(40_000);
  });
});

describe('a look-up of several locations', () => {
  it('keeps the order asked for and lists what is not there', async () => {
    const { put } = await utrechtWorld();
    put({ ...utrecht, id: 'SECOND' });
    const second = contentIdOf('NL/VLT/SECOND');
    const { items, missingItems } = await ask(`/locations?ids=${second},528xxxx-unknown,${placeIdOf(key)}`);
    expect(items.map((item) => item.id)).toEqual([placeIdOf('NL/VLT/SECOND'), placeIdOf(key)]);
    expect(missingItems).toEqual(['528xxxx-unknown']);
    expect(await ask('/locations?ids=nothing')).toEqual({ items: [], missingItems: ['nothing'] });
  });

  it('shows only EVSEs and groups with a connector of the types wanted, and such EVSEs whole', async () => {
    await utrechtWorld();
    const query = `ids=${id}&fields=evses,connectorGroups`;
    const { items } = await ask(`/locations?${query}&connectorTypes=CHADEMO`);
    expect(items[0]?.evses.map(({ uid, connectors }) => [uid, (connectors as unknown[]).length])).toEqual([
      ['VLT-A2', 2],
    ]);
    expect(items[0]?.connectorGroups.map(({ standard }) => standard)).toEqual(['CHADEMO']);
    expect(await ask(`/locations?${query}&connectorTypes=MCS,NEMA_5_20`)).toEqual({ items: [], missingItems: [] });
  });
});

describe('what is not for the asker', () => {
  it('is as if it were not there', async () => {
    const { put, get, live } = await utrechtWorld({ sees: (owner) => owner !== 'NL/VLT' });
    put({ ...utrecht, party_id: 'OTH' });
    const hidden = await get(`/locations/${id}`);
    const unknown = await get(`/locations/${contentIdOf('NL/VLT/NONE')}`);
    expect([hidden.status, unknown.status]).toEqual([404, 404]);
    expect({ ...(hidden.body as Body), correlationId: 0 }).toEqual({ ...(unknown.body as Body), correlationId: 0 });
    expect((await ask(`/locations?ids=${id}`)).missingItems).toEqual([id]);
    live.remove('NL/OTH/LOC-UTR-07');
    expect((await get(`/locations/${contentIdOf('NL/OTH/LOC-UTR-07')}`)).status).toBe(404);
  });

  it('includes tariffs, also after somebody else has asked', async () => {
    let seesTariffs = true;
    await utrechtWorld({ sees: (_owner, module) => module === 'locations' || seesTariffs });
    expect(await one('fields=evses,tariffs')).toHaveProperty('tariffs');
    seesTariffs = false;
    expect(await one('fields=evses,tariffs')).not.toHaveProperty('tariffs');
  });

  it('includes what is no longer published', async () => {
    const { put, get } = await utrechtWorld();
    await one('fields=evses');
    put({ ...utrecht, publish: false });
    expect((await get(`/locations/${id}?fields=evses`)).status).toBe(404);
  });
});

describe('while the live places are still being read', () => {
  it('answers come from the stored documents', async () => {
    const empty = {
      isReady: false,
      offset: 0,
      size: 0,
      find: () => undefined,
      keys: () => [].values(),
      statusesAfter: () => undefined,
      onChange: () => () => undefined,
    };
    const { get } = await utrechtWorld({ live: empty });
    const { evses, connectorGroups } = await one('fields=evses,connectorGroups');
    expect(evses.map(({ status }) => status)).toEqual(['available', 'charging', 'unknown']);
    expect(connectorGroups.map((group) => group.availableConnectorCount)).toEqual([1, 0, undefined]);
    expect((await get(`/locations/${contentIdOf('NL/VLT/NONE')}`)).status).toBe(404);
  });
});
