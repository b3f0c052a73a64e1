import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/kernel/clock.js';
import { locationPushSource } from '../../src/modules/locations/index.js';
import { tariffPushSource } from '../../src/modules/tariffs/index.js';
import { everythingOpen } from '../../src/platform/agreements/index.js';
import { Delivery, SqliteLaneStore } from '../../src/platform/delivery/index.js';
import { FakePartners, lanePartner } from '../../src/platform/delivery/testing/lane-partner.js';
import { accepted } from '../../src/platform/delivery/testing/scripted-client.js';
import { EmbeddedQueue } from '../../src/platform/queue/index.js';
import { until } from '../support/e2e/index.js';
import { at, connector, evse, location, startTestHub, type TestHub, tariff } from '../support/hub/index.js';

const onLocation = {
  supportedVehicles: ['truck'],
  truckRestrictions: { truckAccess: ['heavy'] },
  unknown: [1, { a: null }],
};
const onEvse = { paymentSupports: ['operatorApp', 'seaShells'], parking: { evsePosition: 'left' } };
const onConnector = { standard: 'MCS' };
const onTariff = { kind: 'cpo', retail: true, elements: [{ overstayBatteryLevel: 80 }] };

const plug = connector('1', { here_ext: onConnector });
const box = evse('E1', { connectors: [plug], here_ext: onEvse });
const site = location('LOC1', { evses: [box], here_ext: onLocation });
const price = tariff('T1', { here_ext: onTariff });

/** The four objects as one partner sees them, with nothing else of them. */
interface Seen {
  readonly location: unknown;
  readonly evse: unknown;
  readonly connector: unknown;
  readonly tariff: unknown;
}
const everything: Seen = { location: onLocation, evse: onEvse, connector: onConnector, tariff: onTariff };
const nothing: Seen = { location: undefined, evse: undefined, connector: undefined, tariff: undefined };

type Ext = { readonly here_ext?: unknown };
type Site = Ext & { readonly evses: readonly (Ext & { readonly connectors: readonly Ext[] })[] };
const seen = (place: unknown, sold: unknown): Seen => {
  const { here_ext, evses } = place as Site;
  return {
    location: here_ext,
    evse: evses[0]?.here_ext,
    connector: evses[0]?.connectors[0]?.here_ext,
    tariff: (sold as Ext).here_ext,
  };
};

describe('here_ext on its way through the hub', () => {
  let hub: TestHub;
  let queue: EmbeddedQueue;
  let delivery: Delivery;
  /** `em1 PUT /locations/DE/CP1/LOC1` and the body. */
  const pushed: [string, string][] = [];
  const failures: unknown[] = [];
  const base = (path = '') => `${hub.receiver.locations}/DE/CP1/LOC1${path}`;
  const tariffUrl = () => `${hub.receiver.tariffs}/DE/CP1/T1`;
  const send = async (method: string, url: string, body: object) =>
    expect(await hub.as('P1', method, url, { body })).toMatchObject({ body: { status_code: 1000 } });
  const own = async (path = '') => (await hub.as('P1', 'GET', base(path))).data;

  beforeAll(async () => {
    hub = await startTestHub({
      guests: {
        'guest-without': { parties: ['BE/EMW/EMSP'], token: 'token-without', switches: { withheld: ['here_ext'] } },
      },
    });
    queue = new EmbeddedQueue({ clock: systemClock, report: (error) => failures.push(error) });
    delivery = new Delivery({
      feed: hub.storage.changes,
      store: new SqliteLaneStore(hub.storage, systemClock, 'hub'),
      partners: new FakePartners(
        lanePartner({ id: 'em1', base: 'https://em1.example/ocpi', roles: ['FR/EM1 EMSP'] }),
        lanePartner({
          id: 'emw',
          base: 'https://emw.example/ocpi',
          roles: ['BE/EMW EMSP'],
          switches: { withheld: ['here_ext'] },
        }),
      ),
      client: {
        send: async ({ method, url, body }) => {
          pushed.push([`${new URL(url).host.split('.')[0]} ${method} ${url.split('/receiver')[1]}`, String(body)]);
          return accepted;
        },
      },
      queue,
      sources: [locationPushSource(hub.stores.locations), tariffPushSource(hub.stores.tariffs)],
      hub: { country_code: 'NL', party_id: 'HUB' },
      clock: systemClock,
      sharing: everythingOpen,
      timing: { sweepMs: 50 },
      observer: { failed: (_partner, error) => failures.push(error) },
    });
    await delivery.start();
    await queue.start();
  });
  beforeEach(async () => {
    await hub.clear();
    await send('PUT', base(), site);
    await send('PUT', tariffUrl(), price);
  });
  afterEach(() => {
    pushed.length = 0;
    expect(failures).toEqual([]);
  });
  afterAll(async () => {
    await delivery.stop();
    await queue.close(1_000);
    await hub.close();
  });

  /** What was pushed under this name, as soon as it is there. */
  const push = async (name: string): Promise<Record<string, unknown>> => {
    const body = await until(`${name} is pushed`, () => pushed.find(([one]) => one === name)?.[1]);
    return JSON.parse(body) as Record<string, unknown>;
  };

  it('comes back to its owner from PUT, in each of the four objects and on its own', async () => {
    expect(seen(await own(), (await hub.as('P1', 'GET', tariffUrl())).data)).toEqual(everything);
    expect([(await own('/E1')).here_ext, (await own('/E1/1')).here_ext]).toEqual([onEvse, onConnector]);
  });

  it('goes to others in lists and single objects, unknown values and all (T-37), but not where it is withheld', async () => {
    for (const [name, what] of [
      ['P2', everything],
      ['guest-without', nothing],
    ] as const) {
      const [places, prices] = [
        await hub.as(name, 'GET', hub.sender.locations),
        await hub.as(name, 'GET', hub.sender.tariffs),
      ];
      expect([name, seen(places.list[0], prices.list[0])]).toEqual([name, what]);
      const one = async (path: string) => (await hub.as(name, 'GET', `${hub.sender.locations}/LOC1${path}`)).data;
      expect([name, seen(await one(''), prices.list[0])]).toEqual([name, what]);
      expect([(await one('/E1')).here_ext, (await one('/E1/1')).here_ext]).toEqual([what.evse, what.connector]);
    }
  });

  it('is pushed to an eMSP as it came, but not where it is withheld', async () => {
    expect(seen(await push('em1 PUT /locations/DE/CP1/LOC1'), await push('em1 PUT /tariffs/DE/CP1/T1'))).toEqual(
      everything,
    );
    expect(seen(await push('emw PUT /locations/DE/CP1/LOC1'), await push('emw PUT /tariffs/DE/CP1/T1'))).toEqual(
      nothing,
    );
  });

  it.each([
    [
      'Location',
      '',
      onLocation,
      { supportedVehicles: null, isPullThrough: true, truckRestrictions: { amenities: [] } },
    ],
    ['EVSE', '/E1', onEvse, { parking: null, paymentSupports: ['terminalSms'] }],
    ['Connector', '/E1/1', onConnector, { standard: null, later: { a: 1 } }],
  ] as const)(
    'of a %s is merged one level deep by PATCH; null removes; parents are stamped',
    async (_, path, before, change) => {
      await send('PATCH', base(path), { here_ext: change, last_updated: at(5) });
      const wanted: Record<string, unknown> = { ...before };
      for (const [name, value] of Object.entries(change)) {
        if (value === null) delete wanted[name];
        else wanted[name] = value;
      }
      expect(await own(path)).toMatchObject({ here_ext: wanted, last_updated: at(5) });
      expect((await own(path)).here_ext).toEqual(wanted);
      expect((await own()).last_updated).toBe(at(5));
      const [place] = (await hub.as('P2', 'GET', hub.sender.locations)).list;
      const after = seen(place, price);
      expect(path === '' ? after.location : path === '/E1' ? after.evse : after.connector).toEqual(wanted);
    },
  );

  it('is replaced with its EVSE or connector by PUT, and leaves the others alone', async () => {
    await send('PUT', base('/E1/1'), connector('1', { last_updated: at(6) }));
    expect(seen(await own(), price)).toEqual({ ...everything, connector: undefined });
    await send('PUT', base('/E1'), evse('E1', { here_ext: { a: 1 }, last_updated: at(7) }));
    expect(seen(await own(), price)).toEqual({ ...everything, evse: { a: 1 }, connector: undefined });
  });

  it('is refused where it is no object, and reported where its content is strange', async () => {
    const refused = await hub.as('P1', 'PUT', base(), { body: { ...site, here_ext: 'x', last_updated: at(8) } });
    expect(refused.body.status_code).toBe(2001);
    expect(await hub.flagged()).toEqual(expect.arrayContaining(['HERE-3.5']));
    await send('PUT', base(), { ...site, here_ext: { isPullThrough: 'no' }, last_updated: at(9) });
    await send('PUT', tariffUrl(), { ...price, here_ext: { kind: 'gift' }, last_updated: at(9) });
    expect(await hub.flagged()).toEqual(expect.arrayContaining(['HERE-2.1', 'HERE-3.5', 'HERE-7.1']));
    expect((await own()).here_ext).toEqual({ isPullThrough: 'no' });
  });
});
