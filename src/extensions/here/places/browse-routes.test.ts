import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from 'better-sqlite3';
import type { EVSE, Location } from '../../../generated/ocpi.js';
import { type EvTestServer, startEvServer } from '../http/testing/ev-test-server.js';
import { FakeLivePlaces } from '../live/testing/fake-live-places.js';
import { placeIdOf } from '../model/place-id.js';
import { openHereFile } from '../store/here-file.sqlite.js';
import { browseRoutes } from './browse-routes.js';
import { SqlitePlaceIndex } from './place-index.sqlite.js';
import { PlaceIndexer } from './place-indexer.js';

interface Plug {
  readonly standard: string;
  readonly power_type: string;
  readonly max_electric_power?: number;
}
const ccs: Plug = { standard: 'IEC_62196_T2_COMBO', power_type: 'DC', max_electric_power: 150_000 };
const type2: Plug = { standard: 'IEC_62196_T2', power_type: 'AC_3_PHASE', max_electric_power: 11_000 };

const evse = (uid: string, plugs: readonly Plug[], status = 'AVAILABLE', more: object = {}): EVSE =>
  ({
    uid,
    status,
    connectors: plugs.map((plug, n) => ({
      ...plug,
      id: String(n),
      format: plug.power_type === 'DC' ? 'CABLE' : 'SOCKET',
      max_voltage: 400,
      max_amperage: 32,
      last_updated: '2026-06-01T00:00:00Z',
    })),
    last_updated: '2026-06-01T00:00:00Z',
    ...more,
  }) as EVSE;

/** @param east degrees east of the middle of all questions */
const location = (id: string, east: number, evses: readonly EVSE[], more: object = {}): Location =>
  ({
    country_code: 'NL',
    party_id: 'CP1',
    id,
    publish: true,
    name: `Place ${id}`,
    address: 'Street 1',
    city: 'Town',
    country: 'NLD',
    coordinates: { latitude: '52.0', longitude: String(5 + east) },
    operator: { name: 'Operator One' },
    time_zone: 'Europe/Amsterdam',
    last_updated: '2026-06-01T00:00:00Z',
    evses,
    ...more,
  }) as Location;

interface Answer {
  readonly items: readonly { readonly id: string; readonly distance: number; readonly [name: string]: unknown }[];
  readonly nextPage?: string;
}

describe('browse', () => {
  let db: Database;
  let live: FakeLivePlaces;
  let indexer: PlaceIndexer;
  let server: EvTestServer;
  let hidden: Set<string>;

  beforeEach(async () => {
    db = openHereFile({ file: ':memory:', warn: () => undefined });
    live = new FakeLivePlaces();
    hidden = new Set();
    const index = new SqlitePlaceIndex(db);
    indexer = await PlaceIndexer.open({
      ...{ live, index, derivedPower: false },
      warn: (event, detail) => {
        throw new Error(`${event} ${JSON.stringify(detail)}`);
      },
    });
    indexer.settle();
    server = await startEvServer(browseRoutes({ live, index }), { sees: (_, owner) => !hidden.has(owner) });
  });
  afterEach(async () => {
    await server.close();
    await indexer.stop();
    db.close();
  });

  const ask = async (query = ''): Promise<Answer> => {
    await indexer.idle();
    const { status, body } = await server.get(`/browse?at=52,5&radius=100000${query}`);
    expect({ status, failures: server.failures }).toEqual({ status: 200, failures: [] });
    return body as Answer;
  };
  const names = async (query = ''): Promise<unknown[]> => (await ask(query)).items.map(({ title }) => title);

  it('gives places nearest first, with what they have', async () => {
    live.put(location('B', 0.2, [evse('1', [type2])]));
    live.put(
      location('A', 0.1, [
        evse('1', [ccs], 'AVAILABLE', { capabilities: ['CREDIT_CARD_PAYABLE', 'CONTACTLESS_CARD_SUPPORT'] }),
        evse('2', [ccs], 'CHARGING'),
        evse('3', [ccs], 'OUTOFORDER'),
      ]),
    );
    const { items, nextPage } = await ask();
    expect(nextPage).toBeUndefined();
    expect(items.map(({ title }) => title)).toEqual(['Place A', 'Place B']);
    expect(items[0]).toEqual({
      id: placeIdOf('NL/CP1/A'),
      title: 'Place A',
      location: { lat: 52, lng: 5.1 },
      distance: 6846,
      operator: { name: 'Operator One', partnerId: expect.any(String) },
      address: { label: 'Street 1, Town, NLD' },
      supportedVehicles: ['car'],
      connectorGroups: [
        {
          standard: 'IEC_62196_T2_COMBO',
          maxPower: 150_000,
          connectorCount: 3,
          availableConnectorCount: 1,
          statusCounts: { available: 1, charging: 1, outOfOrder: 1 },
        },
      ],
      evStation: {
        totalNumberOfConnectors: 3,
        access: 'public',
        paymentMethods: ['contactlessCard', 'creditCard', 'mobilePayment'],
        connectors: [
          {
            supplierName: 'Operator One',
            connectorType: { id: '34', name: 'IEC_62196_T2_COMBO' },
            fixedCable: true,
            maxPowerLevel: 150,
            chargingPoint: {
              numberOfConnectors: 3,
              numberOfAvailable: 1,
              numberOfInUse: 1,
              numberOfOutOfService: 1,
              numberOfReserved: 0,
              voltsRange: '400 V',
              lastUpdateTimestamp: '2026-06-01T00:00:00.000Z',
            },
          },
        ],
      },
    });
  });

  it('filters', async () => {
    live.put(location('fast', 0.1, [evse('1', [ccs])], { operator: { name: 'Fast & Co' } }));
    live.put(location('slow', 0.2, [evse('1', [type2, { ...ccs, max_electric_power: 50_000 }])]));
    live.put(
      location('paid', 0.3, [evse('1', [type2], 'AVAILABLE', { capabilities: ['CREDIT_CARD_PAYABLE'] })], {
        here_ext: { eMobilityServiceProviders: [{ name: 'E', partnerId: '11111111-2222-3333-4444-555555555555' }] },
      }),
    );
    expect(await names('&connectorTypes=IEC_62196_T2')).toEqual(['Place slow', 'Place paid']);
    expect(await names('&connectorTypes=34&minPower=150')).toEqual(['Place fast']);
    expect(await names('&connectorTypes=31&minPower=50')).toEqual([]);
    expect(await names('&current=AC')).toEqual(['Place slow', 'Place paid']);
    expect(await names('&current=AC&minPower=50')).toEqual([]);
    expect(await names('&current=DC')).toEqual(['Place fast', 'Place slow']);
    expect(await names('&operator=fast%20%26%20CO')).toEqual(['Place fast']);
    expect(await names('&operator=nobody')).toEqual([]);
    expect(await names('&operator=nobody&operator=Operator%20One')).toEqual(['Place slow', 'Place paid']);
    expect(await names('&paymentMethods=debitCard,creditCard')).toEqual(['Place paid']);
    expect(await names('&eMobilityServiceProviders=11111111-2222-3333-4444-555555555555')).toEqual(['Place paid']);
    expect(await names('&eMobilityServiceProviders=99999999-2222-3333-4444-555555555555')).toEqual([]);
  });

  it('knows at once what is free', async () => {
    live.put(location('A', 0.1, [evse('dc', [ccs]), evse('ac', [type2])]));
    expect(await names('&available=true&current=DC')).toEqual(['Place A']);
    live.setStatus('NL/CP1/A', 'dc', 'CHARGING', 1_780_000_000_000);
    expect(await names('&available=true&current=DC')).toEqual([]);
    expect(await names('&available=true&connectorTypes=34')).toEqual([]);
    expect(await names('&available=true&minPower=12')).toEqual([]);
    expect(await names('&available=true')).toEqual(['Place A']);
    live.setStatus('NL/CP1/A', 'ac', 'CHARGING', 1_780_000_000_000);
    expect(await names('&available=true')).toEqual([]);
    expect(await names()).toEqual(['Place A']);
  });

  it('shows nothing that is gone, hidden or changed', async () => {
    live.put(location('A', 0.1, [evse('1', [type2])]));
    live.put(location('B', 0.2, [evse('1', [type2])], { party_id: 'CP2' }));
    expect(await names()).toEqual(['Place A', 'Place B']);
    hidden.add('NL/CP2');
    expect(await names()).toEqual(['Place A']);
    hidden.clear();
    live.put(location('A', 3, [evse('1', [type2])]));
    expect(await names()).toEqual(['Place B']);
    live.put(location('B', 0.2, [evse('1', [type2])], { party_id: 'CP2', publish: false }));
    expect(await names()).toEqual([]);
  });

  it('fills pages though the index does not know yet what is gone', async () => {
    for (const [n, id] of ['A', 'B', 'C'].entries()) live.put(location(id, 0.1 + n / 10, [evse('1', [type2])]));
    await indexer.idle();
    await indexer.stop();
    live.remove('NL/CP1/A');
    expect(await names('&limit=1')).toEqual(['Place B']);
  });

  it('has pages that statuses do not shift', async () => {
    for (let n = 0; n < 25; n++) live.put(location(`L${n}`, n < 5 ? 0.1 : n / 100, [evse('1', [type2])]));
    const whole = await names('&limit=100');
    expect(whole).toHaveLength(25);
    const seen: unknown[] = [];
    let page = '';
    for (let n = 0; n < 20; n++) {
      const { items, nextPage } = await ask(`&limit=4${page}`);
      seen.push(...items.map(({ title }) => title));
      live.setStatus('NL/CP1/L3', '1', n % 2 ? 'AVAILABLE' : 'CHARGING', 1_780_000_000_000 + n);
      if (nextPage === undefined) break;
      page = `&page=${nextPage}`;
    }
    expect(seen).toEqual(whole);
  });

  it('looks into a box, across the date line too', async () => {
    const at = (longitude: string) => ({ coordinates: { latitude: '-17.0', longitude } });
    live.put(location('west', 0, [evse('1', [type2])], at('179.5')));
    live.put(location('east', 0, [evse('1', [type2])], at('-179.8')));
    live.put(location('out', 0, [evse('1', [type2])], at('178.0')));
    await indexer.idle();
    const { body } = await server.get('/browse?bbox=179,-18,-179,-16');
    expect((body as Answer).items.map(({ title }) => title)).toEqual(['Place east', 'Place west']);
  });

  it('refuses with the documented body', async () => {
    const { status, body } = await server.get('/browse?bbox=3,54,8,50');
    expect({ status, body }).toEqual({
      status: 400,
      body: expect.objectContaining({ status: 400, code: 'E629400', cause: 'query bbox is not an allowed value' }),
    });
    expect((await server.get('/browse?at=52,5', { Authorization: 'Bearer key-of-locations' })).status).toBe(403);
  });
});
