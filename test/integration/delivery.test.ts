// Over 400 lines: one world of partners for every outcome that a push can have.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DeliveryWorld, type PartnerServer, type Reaction } from './delivery-world.js';

const location = 'locations/DE/CP1/LOC1';
const evse = `${location}/EVSE1`;
const fine: Reaction = { status: 200, code: 1000 };

describe('delivery', () => {
  let world: DeliveryWorld;

  beforeEach(async () => {
    world = await DeliveryWorld.open();
  });
  afterEach(() => world.close());

  describe('who is told, and how', () => {
    it('tells a party that receives of a change, in the name of the hub (R-21, R-26)', async () => {
      const partner = await world.partner({ roles: ['NL/EM1 EMSP'] });
      await world.start();
      await world.put(location, { id: 'LOC1', last_updated: '2026-01-01T00:00:00Z' }, 'correlation-1');
      await world.until('it arrives', () => partner.received.length > 0);
      const [call] = partner.received;
      expect(call).toMatchObject({ method: 'PUT', path: '/locations/DE/CP1/LOC1' });
      expect(JSON.parse(call?.body ?? '')).toEqual({ id: 'LOC1', last_updated: '2026-01-01T00:00:00Z' });
      expect(call?.headers).toMatchObject({
        'ocpi-to-country-code': 'NL',
        'ocpi-to-party-id': 'EM1',
        'ocpi-from-country-code': 'NL',
        'ocpi-from-party-id': 'HUB',
        'x-correlation-id': 'correlation-1',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        authorization: `Token ${Buffer.from('token-of-p1').toString('base64')}`,
      });
    });

    it('calls each receiving party of a platform by itself, with its own TO (R-25)', async () => {
      const partner = await world.partner({ roles: ['NL/EM1 EMSP', 'NL/EM1 NSP', 'BE/EM2 EMSP', 'BE/CPO CPO'] });
      await world.start();
      await world.put(location);
      await world.until('both arrive', () => partner.received.length >= 2);
      await world.quiet();
      const to = partner.received.map((one) => one.headers['ocpi-to-party-id']);
      expect(to.sort()).toEqual(['EM1', 'EM2']);
      expect(new Set(partner.received.map((one) => one.headers['x-request-id'])).size).toBe(2);
    });

    it.each(['EMSP', 'NSP', 'NAP', 'OTHER'])('tells a party with the role %s (R-22, R-23)', async (role) => {
      const partner = await world.partner({ roles: [`NL/ABC ${role}`] });
      await world.start();
      await world.put(location);
      await world.until('it arrives', () => partner.received.length > 0);
    });

    it.each<[string, Parameters<DeliveryWorld['partner']>[0]]>([
      ['the owner itself (R-25)', { roles: ['DE/CP1 EMSP'] }],
      ['a CPO (R-22)', { roles: ['NL/ABC CPO'] }],
      ['a smart charging provider (R-23)', { roles: ['NL/ABC SCSP'] }],
      ['a party without the RECEIVER interface (R-24)', { receives: ['tariffs'] }],
      ['a suspended partner (R-30)', { status: 'SUSPENDED' }],
      ['a planned partner (R-30)', { status: 'PLANNED' }],
      ['a partner whose push is switched off', { switches: { push: false } }],
    ])(
      'does not tell %s',
      async (_who, traits) => {
        const other = await world.partner({ id: 'p2', ...traits });
        const witness = await world.partner();
        await world.start();
        await world.put(location);
        await world.until('others were told', () => witness.received.length > 0);
        await world.delivery.sweep();
        await world.quiet();
        expect(other.received).toEqual([]);
      },
      20_000,
    );

    it('begins with what changes after the registration', async () => {
      await world.start();
      await world.put(location);
      const partner = await world.partner();
      await world.delivery.attach('p1');
      await world.put('locations/DE/CP1/LOC2');
      await world.until('it arrives', () => partner.received.length > 0);
      await world.quiet();
      expect(partner.calls).toEqual(['PUT /locations/DE/CP1/LOC2']);
    });
  });

  describe('patches', () => {
    let partner: PartnerServer;

    beforeEach(async () => {
      partner = await world.partner();
      await world.start();
      await world.put(location, { id: 'LOC1' });
      // An EVSE that changes before its Location leaves goes with it.
      await world.until('it arrives', () => partner.received.length === 1);
      await world.put(evse, { uid: 'EVSE1', status: 'AVAILABLE', connectors: [1] });
      await world.until('both arrive', () => partner.received.length === 2);
      await world.quiet();
    });

    it('sends only what changed to whom is known to hold the rest (L-34)', async () => {
      const change = { status: 'CHARGING', last_updated: '2026-01-01T00:00:01Z' };
      await world.patch(evse, change);
      await world.until('it arrives', () => partner.received.length === 3);
      expect(partner.calls[2]).toBe('PATCH /locations/DE/CP1/LOC1/EVSE1');
      expect(JSON.parse(partner.received[2]?.body ?? '')).toEqual(change);
    });

    it('sends the whole object after a restart, for nothing is known then', async () => {
      await world.stop();
      await world.start();
      await world.patch(evse, { status: 'CHARGING' });
      await world.until('it arrives', () => partner.received.length === 3);
      expect(partner.calls[2]).toBe('PUT /locations/DE/CP1/LOC1/EVSE1');
      expect(partner.held.get(evse)).toEqual({ uid: 'EVSE1', status: 'CHARGING', connectors: [1] });
    });

    it.each<[string, Reaction]>([
      ['404', { status: 404, code: 2003 }],
      ['OCPI 2xxx', { status: 200, code: 2001 }],
      ['405', { status: 405, code: 2000 }],
    ])('heals what is answered %s by sending the whole object at once (T-28)', async (_what, refusal) => {
      partner.react = ({ method }) => (method === 'PATCH' ? refusal : fine);
      await world.patch(evse, { status: 'CHARGING' });
      await world.until('it is healed', () => partner.received.length === 4);
      expect(partner.calls.slice(2)).toEqual([
        'PATCH /locations/DE/CP1/LOC1/EVSE1',
        'PUT /locations/DE/CP1/LOC1/EVSE1',
      ]);
      await world.quiet();
      expect((await world.delivery.parked({}, 10)).total).toBe(0);
    });

    it('sends the whole Location where the partner does not know it', async () => {
      partner.react = ({ path }) => (path.endsWith('EVSE1') ? { status: 404, code: 2003 } : fine);
      await world.patch(evse, { status: 'CHARGING' });
      await world.until('it is healed', () => partner.received.length === 5);
      expect(partner.calls.slice(2)).toEqual([
        'PATCH /locations/DE/CP1/LOC1/EVSE1',
        'PUT /locations/DE/CP1/LOC1/EVSE1',
        'PUT /locations/DE/CP1/LOC1',
      ]);
    });

    it('sends nothing twice without faults (P7)', async () => {
      for (let round = 0; round < 20; round++) {
        await world.patch(evse, { status: `S${round}` });
        await world.until('it arrives', () => partner.held.get(evse)?.status === `S${round}`);
      }
      await world.quiet();
      const bodies = partner.received.map((one) => `${one.path} ${one.body}`);
      expect(new Set(bodies).size).toBe(bodies.length);
    });
  });

  it('deletes a tariff everywhere (R-19), and takes "not there" for an answer', async () => {
    const one = await world.partner({ id: 'p1', roles: ['NL/EM1 EMSP'] });
    const two = await world.partner({ id: 'p2', roles: ['NL/EM2 EMSP'] });
    two.react = ({ method }) => (method === 'DELETE' ? { status: 404, code: 2000 } : fine);
    await world.start();
    await world.put('tariffs/DE/CP1/T1', { id: 'T1' });
    await world.until('it is there', () => one.held.size === 1 && two.held.size === 1);
    await world.delete('tariffs/DE/CP1/T1');
    await world.until('it is deleted', () => one.held.size === 0 && two.received.length === 2);
    await world.quiet();
    expect(two.calls).toEqual(['PUT /tariffs/DE/CP1/T1', 'DELETE /tariffs/DE/CP1/T1']);
    expect((await world.delivery.parked({}, 10)).total).toBe(0);
  });

  it('says nothing of a Location that is gone: OCPI has no DELETE for it (L-06)', async () => {
    const one = await world.partner({ id: 'p1', roles: ['NL/EM1 EMSP'] });
    await world.start();
    await world.put('locations/DE/CP1/LOC1', { id: 'LOC1' });
    await world.until('it is there', () => one.held.size === 1);
    await world.delete('locations/DE/CP1/LOC1');
    await world.put('locations/DE/CP1/LOC2', { id: 'LOC2' });
    await world.until('what follows is there', () => one.held.size === 2);
    await world.quiet();
    expect(one.calls).toEqual(['PUT /locations/DE/CP1/LOC1', 'PUT /locations/DE/CP1/LOC2']);
  });

  describe('order and window', () => {
    it('keeps order per Location with one request at a time, and eight per partner', async () => {
      const partner = await world.partner();
      await world.start();
      const locations = Array.from({ length: 30 }, (_, n) => `locations/DE/CP1/L${n}`);
      await Promise.all(locations.map((one) => world.put(one)));
      await world.until('the Locations are there', () => partner.held.size === 30);
      partner.received.length = 0;
      partner.react = async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return fine;
      };
      const evses = locations.flatMap((one) => ['A', 'B', 'C'].map((uid) => `${one}/${uid}`));
      await Promise.all(evses.map((one) => world.put(one)));
      await world.until('the EVSEs are there', () => partner.held.size === 120);
      expect(partner.overlaps).toEqual([]);
      expect(partner.mostAtOnce).toBeLessThanOrEqual(8);
      expect(partner.mostAtOnce).toBeGreaterThan(4);
      for (const one of locations) {
        const order = partner.calls.filter((call) => call.startsWith(`PUT /${one}/`)).map((call) => call.at(-1));
        expect(order).toEqual(['A', 'B', 'C']);
      }
    });

    it('is not stalled by one slow answer, but for that Location', async () => {
      const partner = await world.partner();
      let release = (): void => undefined;
      const slow = new Promise<Reaction>((resolve) => {
        release = () => resolve(fine);
      });
      partner.react = ({ path }) => (path.endsWith('/SLOW') ? slow : fine);
      await world.start();
      await world.put('locations/DE/CP1/SLOW');
      await world.until('it is asked', () => partner.received.length === 1);
      await world.put('locations/DE/CP1/SLOW/EVSE1');
      for (let n = 0; n < 150; n++) await world.put(`locations/DE/CP1/L${n}`);
      await world.until('the others are there', () => partner.held.size === 150);
      const isAlone = async (): Promise<boolean> => (await world.delivery.lanesNow())[0]?.inFlight === 1;
      await world.until('nothing else is under way', isAlone);
      expect(await world.delivery.lanesNow()).toMatchObject([{ cursor: 0 }]);
      release();
      await world.until('it is there', () => partner.held.size === 152);
    });

    it('is not stalled by another partner that never answers (P5)', async () => {
      const dead = await world.partner({ id: 'p1', roles: ['NL/EM1 EMSP'] });
      const well = await world.partner({ id: 'p2', roles: ['NL/EM2 EMSP'] });
      dead.react = () => 'hang';
      await world.start();
      for (let n = 0; n < 50; n++) await world.put(`locations/DE/CP1/L${n}`);
      await world.until('the other has all', () => well.held.size === 50);
      expect(dead.held.size).toBe(0);
    });
  });

  describe('a partner in trouble', () => {
    it('gets the present state when it is back, not what it missed (P3, P6)', async () => {
      const partner = await world.partner();
      await world.start();
      await world.put(location, { id: 'LOC1' });
      await world.until('it is there', () => partner.held.size === 1);
      await world.put(evse, { uid: 'EVSE1', status: 'S' });
      await world.until('both are there', () => partner.held.size === 2);
      await partner.close();
      partner.received.length = 0;
      const writes: Promise<void>[] = [];
      for (let n = 0; n < 1000; n++) writes.push(world.patch(evse, { status: `S${n}` }));
      await Promise.all(writes);
      await world.until('it was tried', () => world.events.some((event) => event.outcome === 'failure'));
      await partner.open();
      await world.until('it is right again', () => partner.held.get(evse)?.status === 'S999');
      await world.quiet();
      expect(partner.received.filter((one) => one.method !== 'GET').length).toBeLessThanOrEqual(3);
    });

    it.each<[string, Reaction]>([
      ['500', { status: 500, code: 3000 }],
      ['OCPI 3xxx', { status: 200, code: 3000 }],
      ['a redirect', { status: 302, code: 1000 }],
      ['no envelope', { status: 200 }],
      ['429', { status: 429, code: 2000, retryAfter: '0' }],
    ])('is tried again after %s, and nothing is lost', async (_what, trouble) => {
      const partner = await world.partner();
      let troubles = 2;
      partner.react = () => (troubles-- > 0 ? trouble : fine);
      await world.start();
      await world.put(location, { id: 'LOC1' });
      await world.until('it arrives', () => partner.held.size === 1);
      expect(partner.received.length).toBe(3);
    });

    it('is believed by its HTTP status if it is flagged for that', async () => {
      const partner = await world.partner({ switches: { lenient_envelope: true } });
      partner.react = () => ({ status: 200 });
      await world.start();
      await world.put(location);
      await world.until('it is asked', () => partner.received.length === 1);
      await world.quiet();
      expect(partner.received.length).toBe(1);
    });

    it('gets the whole object again after a cut, and once more later (settle)', async () => {
      const partner = await world.partner();
      let cuts = 1;
      partner.react = () => (cuts-- > 0 ? 'drop' : fine);
      await world.start();
      await world.put(location, { id: 'LOC1' });
      await world.until('it settles', () => partner.received.length >= 3);
      await world.quiet();
      expect(partner.calls).toEqual(Array.from({ length: 3 }, () => 'PUT /locations/DE/CP1/LOC1'));
    });

    it('is left alone when it does not accept our token, until that changes', async () => {
      const partner = await world.partner();
      partner.react = ({ headers }) =>
        headers.authorization === `Token ${Buffer.from('new-token').toString('base64')}`
          ? fine
          : { status: 401, code: 2000 };
      await world.start();
      for (let n = 0; n < 20; n++) await world.put(`locations/DE/CP1/L${n}`);
      await world.until('the lane stops', async () => (await world.delivery.lanesNow())[0]?.pausedBy === 'auth_failed');
      const before = partner.received.length;
      expect(before).toBeLessThanOrEqual(8);
      await world.put('locations/DE/CP1/MORE');
      await world.delivery.sweep();
      expect(partner.received.length).toBe(before);
      world.change('p1', {}, 'new-token');
      await world.until('all is there', () => partner.held.size === 21);
    });

    it('is left to pull what it missed if it wants to', async () => {
      const partner = await world.partner({ switches: { catch_up: 'pull_only' } });
      await world.start();
      await world.put('locations/DE/CP1/BEFORE');
      await world.until('it arrives', () => partner.held.size === 1);
      await world.quiet();
      await partner.close();
      for (let n = 0; n < 20; n++) await world.put(`locations/DE/CP1/MISSED${n}`);
      const isOpen = async (): Promise<boolean> => (await world.delivery.lanesNow())[0]?.breaker === 'open';
      await world.until('the breaker opens', isOpen);
      await partner.open();
      await world.quiet();
      await world.put('locations/DE/CP1/AFTER');
      await world.until('it arrives', () => partner.held.has('locations/DE/CP1/AFTER'));
      expect([...partner.held.keys()]).toEqual(['locations/DE/CP1/BEFORE', 'locations/DE/CP1/AFTER']);
      expect(partner.calls).toContain('GET /versions');
    });
  });

  describe('an object that a partner does not take', () => {
    it('is in nobody’s way; it is tried again, parked, and replayed by the operator', async () => {
      const partner = await world.partner();
      let takes = false;
      partner.react = ({ path }) => (path.endsWith('/BAD') && !takes ? { status: 422, code: 2001 } : fine);
      await world.start();
      await world.put('locations/DE/CP1/BAD', { id: 'BAD' });
      for (let n = 0; n < 10; n++) await world.put(`locations/DE/CP1/L${n}`);
      await world.until('the others arrive', () => partner.held.size === 10);
      await world.until('it is parked', async () => (await world.delivery.parked({}, 10)).total === 1);
      expect(partner.calls.filter((call) => call.endsWith('/BAD')).length).toBe(3);
      const { items } = await world.delivery.parked({ partner: 'p1' }, 10);
      expect(items).toMatchObject([{ object: 'DE/CP1/BAD', http: 422, ocpi: 2001, attempts: 3, party: 'NL/EM1' }]);
      takes = true;
      expect(await world.delivery.replay({ object: 'DE/CP1/BAD' })).toBe(1);
      await world.until('it arrives', () => partner.held.has('locations/DE/CP1/BAD'));
      await world.until('it is forgotten', async () => (await world.delivery.parked({}, 10)).total === 0);
    });

    it('is no longer parked once a later state of it is taken', async () => {
      const partner = await world.partner();
      partner.react = ({ body }) => (body.includes('"bad"') ? { status: 200, code: 2001 } : fine);
      await world.start();
      await world.put(location, { name: 'bad' });
      await world.until('it is parked', async () => (await world.delivery.parked({}, 10)).total === 1);
      await world.put(location, { name: 'good' });
      await world.until('it is forgotten', async () => (await world.delivery.parked({}, 10)).total === 0);
      expect(partner.held.get(location)).toEqual({ name: 'good' });
    });
  });

  describe('restart, resync and sweep', () => {
    it('goes on where it was after a stop, and sends nothing twice', async () => {
      const partner = await world.partner();
      await world.start();
      for (let n = 0; n < 20; n++) await world.put(`locations/DE/CP1/A${n}`);
      await world.until('all is there', () => partner.held.size === 20);
      await world.stop();
      for (let n = 0; n < 20; n++) await world.put(`locations/DE/CP1/B${n}`);
      await world.start();
      await world.until('all is there', () => partner.held.size === 40);
      await world.quiet();
      expect(partner.received.length).toBe(40);
    });

    it('sends everything that exists again when the operator asks for it', async () => {
      const partner = await world.partner();
      await world.start();
      for (let n = 0; n < 20; n++) await world.put(`locations/DE/CP1/A${n}`);
      await world.until('all is there', () => partner.held.size === 20);
      partner.held.clear();
      await world.delivery.resync('p1');
      await world.until('all is there again', () => partner.held.size === 20);
    });

    it('sends nothing while the operator has paused the lane', async () => {
      const partner = await world.partner();
      await world.start();
      await world.delivery.pause('p1');
      await world.put(location);
      await world.delivery.sweep();
      expect(await world.delivery.lanesNow()).toMatchObject([{ pausedBy: 'operator', lagObjects: 1 }]);
      expect(partner.received).toEqual([]);
      await world.delivery.resume('p1');
      await world.until('it arrives', () => partner.held.size === 1);
    });

    it('tells how far each lane is', async () => {
      const partner = await world.partner();
      partner.react = () => 'hang';
      await world.start();
      await world.put(location);
      await world.put('locations/DE/CP1/LOC2');
      await world.until('it is asked', () => partner.received.length === 2);
      const [lane] = await world.delivery.lanesNow();
      expect(lane).toMatchObject({ partnerId: 'p1', cursor: 0, head: 2, lagObjects: 2, inFlight: 2, parked: 0 });
      expect(lane?.lagSeconds).toBeGreaterThanOrEqual(0);
    });
  });
});
