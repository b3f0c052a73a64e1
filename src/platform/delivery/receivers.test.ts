import { afterEach, describe, expect, it } from '@jest/globals';
import { lanePartner, type PartnerTraits } from './testing/lane-partner.js';
import { accepted, answered } from './testing/scripted-client.js';
import { ToyWorld } from './testing/toy-world.js';

const modules = ['locations', 'tariffs', 'tokens', 'hubclientinfo'];
const partner = (id: string, ...roles: readonly string[]) => platform({ id, roles });
const platform = (traits: PartnerTraits & { readonly id: string }) =>
  lanePartner({ base: `https://${traits.id}.example/ocpi`, receives: modules, ...traits });

describe('receivers', () => {
  let world: ToyWorld;

  afterEach(() => world.end());

  async function begin(...partners: readonly ReturnType<typeof lanePartner>[]): Promise<void> {
    world = new ToyWorld(...partners);
    await world.start();
  }
  const told = async (): Promise<readonly string[]> => [...(await world.sent())].sort();

  const all = [
    partner('p1', 'DE/CP1 CPO'),
    partner('p2', 'DE/CP2 CPO'),
    partner('p3', 'FR/EM1 EMSP'),
    partner('p4', 'FR/NS1 NSP'),
    partner('p5', 'FR/NA1 NAP'),
    partner('p6', 'FR/OT1 OTHER'),
    partner('p7', 'FR/SC1 SCSP'),
    partner('p8', 'BE/HB2 HUB'),
  ];

  it.each(['locations', 'tariffs'] as const)(
    'of %s of a CPO are EMSP, NSP, NAP and OTHER (R-22, R-23)',
    async (module) => {
      await begin(...all);
      world.objects.put(module, 'DE/CP1/A1');
      expect(await told()).toEqual(['EM1', 'NA1', 'NS1', 'OT1'].map((one) => `${one} PUT ${module}/DE/CP1/A1`));
    },
  );

  it('of tokens are CPOs, never an eMSP (R-22)', async () => {
    await begin(...all);
    world.objects.put('tokens', 'FR/EM1/T1');
    expect(await told()).toEqual(['CP1 PUT tokens/FR/EM1/T1', 'CP2 PUT tokens/FR/EM1/T1']);
  });

  it.each(['locations', 'tariffs', 'tokens'] as const)(
    'of %s of a party that is OTHER and nothing else are CPOs (R-22)',
    async (module) => {
      await begin(...all);
      world.objects.put(module, 'FR/OT1/A1');
      expect(await told()).toEqual(['CP1', 'CP2'].map((one) => `${one} PUT ${module}/FR/OT1/A1`));
    },
  );

  it('of Locations of a party that is OTHER and CPO are those of a CPO', async () => {
    await begin(...all, partner('p9', 'FR/OT1 CPO'));
    world.objects.put('locations', 'FR/OT1/A1');
    expect(await told()).toEqual(['EM1', 'NA1', 'NS1'].map((one) => `${one} PUT locations/FR/OT1/A1`));
  });

  it('learns that a party is OTHER and nothing else any more', async () => {
    await begin(...all, partner('p9', 'FR/OT1 CPO'));
    world.partners.set(partner('p9', 'FR/XX1 CPO'));
    world.objects.put('locations', 'FR/OT1/A1');
    expect(await told()).toEqual(['CP1', 'CP2', 'XX1'].map((one) => `${one} PUT locations/FR/OT1/A1`));
  });

  it('of ClientInfo are all platforms but that of the party, by one call each and without routing headers (R-02, H-05, H-12)', async () => {
    await begin(...all, partner('p9', 'DE/CP3 CPO', 'DE/EM3 EMSP', 'DE/EM4 EMSP'));
    world.objects.put('hubclientinfo', 'DE/CP1/CPO', { status: 'CONNECTED' }, '/DE/CP1');
    await world.time.advance(1000);
    const { sent } = world.client;
    expect(sent.map(({ url }) => new URL(url).host).sort()).toEqual(
      ['p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9'].map((one) => `${one}.example`),
    );
    expect(new Set(sent.map(({ url }) => new URL(url).pathname))).toEqual(
      new Set(['/ocpi/receiver/hubclientinfo/DE/CP1']),
    );
    expect(sent.flatMap(({ headers = {} }) => Object.keys(headers))).toEqual([]);
  });

  it('of ClientInfo are not those for whom it is not', async () => {
    world = new ToyWorld(...all);
    await world.start({ tellsClientInfo: (id, owner) => id !== 'p8' || owner !== 'BE/CP9' });
    world.objects.put('hubclientinfo', 'BE/CP9/CPO', {}, '/BE/CP9');
    await world.time.advance(1000);
    expect(world.client.sent.map(({ url }) => new URL(url).host.slice(0, 2)).sort()).toEqual([
      'p1',
      'p2',
      'p3',
      'p4',
      'p5',
      'p6',
      'p7',
    ]);
  });

  it('are told of the roles of one party one after the other, as these have one URL (H-14)', async () => {
    await begin(partner('p3', 'FR/EM1 EMSP'));
    let underWay = 0;
    let most = 0;
    world.client.answer = async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return accepted;
    };
    world.objects.put('hubclientinfo', 'DE/CP1/CPO', { role: 'CPO' }, '/DE/CP1');
    world.objects.put('hubclientinfo', 'DE/CP1/EMSP', { role: 'EMSP' }, '/DE/CP1');
    expect(await told()).toHaveLength(2);
    expect(most).toBe(1);
  });

  it('get Tokens with the type in the query, as a patch where they know it and whole where not', async () => {
    await begin(partner('p1', 'DE/CP1 CPO'));
    const path = '/FR/EM1/UID%201?type=APP_USER';
    world.objects.put('tokens', 'FR/EM1/UID 1/APP_USER', { uid: 'UID 1', valid: true }, path);
    expect(await told()).toEqual([`CP1 PUT tokens${path}`]);
    world.objects.patch('tokens', 'FR/EM1/UID 1/APP_USER', { valid: false });
    await world.time.advance(1000);
    expect(world.client.sent.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['PATCH', `https://p1.example/ocpi/receiver/tokens${path}`, '{"valid":false}'],
    ]);
    world.client.sent.length = 0;
    world.client.answer = ({ method }) => (method === 'PATCH' ? answered(404, 2004) : accepted);
    world.objects.patch('tokens', 'FR/EM1/UID 1/APP_USER', { valid: true });
    expect(await world.sent()).toEqual([`CP1 PATCH tokens${path}`, `CP1 PUT tokens${path}`]);
  });

  it('are not sent what is withheld from them, at any level; others are (bytes as they were)', async () => {
    const withholding = platform({ id: 'p1', roles: ['FR/EM1 EMSP'], switches: { withheld: ['acme_ext'] } });
    await begin(withholding, partner('p2', 'FR/EM2 EMSP'));
    const evse = (inner: object) => ({ uid: 'E1', ...inner, connectors: [{ id: '1', ...inner }] });
    const ext = { acme_ext: { a: 1 } };
    world.objects.put('locations', 'DE/CP1/L1', { id: 'L1', ...ext, evses: [evse(ext)], other_ext: ext });
    world.objects.put('tariffs', 'DE/CP1/T1', { ...ext, id: 'T1' });
    await world.time.advance(1000);
    const bodies = (host: string) => world.client.sent.filter(({ url }) => url.includes(host)).map(({ body }) => body);
    expect(bodies('p1.example')).toEqual([
      JSON.stringify({ id: 'L1', evses: [evse({})], other_ext: ext }),
      '{"id":"T1"}',
    ]);
    expect(bodies('p2.example')).toEqual([
      JSON.stringify({ id: 'L1', ...ext, evses: [evse(ext)], other_ext: ext }),
      '{"acme_ext":{"a":1},"id":"T1"}',
    ]);
    world.client.sent.length = 0;
    world.objects.patch('locations', 'DE/CP1/L1', { acme_ext: { a: 2 }, last_updated: '2026-01-01T00:00:00Z' });
    await world.time.advance(1000);
    expect(bodies('p1.example')).toEqual(['{"last_updated":"2026-01-01T00:00:00Z"}']);
  });
});
