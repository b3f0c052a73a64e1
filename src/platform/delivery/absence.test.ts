import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lanePartner } from './testing/lane-partner.js';
import { accepted, answered, unreachable } from './testing/scripted-client.js';
import { ToyWorld } from './testing/toy-world.js';

const minute = 60_000;
const hour = 60 * minute;

describe('a partner to whom nothing comes through', () => {
  let world: ToyWorld;

  beforeEach(async () => {
    world = new ToyWorld(lanePartner({ id: 'p1' }), lanePartner({ id: 'p2', roles: ['DE/CP1 CPO'], receives: [] }));
    await world.start({ timing: { sweepMs: minute } });
    world.client.answer = () => unreachable;
  });
  afterEach(() => world.end());

  const failing = () => world.alerts.filter(({ kind }) => kind === 'failing').map(({ value }) => value);
  const status = (status: 'CONNECTED' | 'OFFLINE'): void => world.partners.set(lanePartner({ id: 'p1', status }));

  it('is told of once its breaker was open for 15 min, and again each 5 min until its status says so (H-09)', async () => {
    world.objects.put('tariffs', 'DE/CP1/T1');
    await world.time.advance(15 * minute);
    expect(world.presence).toEqual([]);
    await world.time.advance(minute);
    expect(world.presence).toEqual(['offline p1']);
    await world.time.advance(5 * minute);
    expect(world.presence).toEqual(['offline p1', 'offline p1']);
    status('OFFLINE');
    await world.time.advance(hour);
    expect(world.presence).toEqual(['offline p1', 'offline p1']);
  });

  it('is asked for its versions alone while it is OFFLINE, each 30 s, whatever the breaker (H-10)', async () => {
    status('OFFLINE');
    world.objects.put('tariffs', 'DE/CP1/T1');
    await world.time.advance(10 * minute);
    expect(new Set(world.client.calls)).toEqual(new Set(['GET versions']));
    const gaps = world.client.times.map((at, index, all) => at - (all[index - 1] ?? at)).slice(8);
    expect(new Set(gaps)).toEqual(new Set([30_000]));
  });

  it('is asked also where nothing is due for it', async () => {
    world.client.answer = () => answered(500, 3000);
    status('OFFLINE');
    await world.time.advance(10 * minute);
    expect(world.client.calls.length).toBeGreaterThan(10);
    expect(new Set(world.client.calls)).toEqual(new Set(['GET versions']));
    expect(world.presence).toEqual([]);
  });

  it('is told of when it answers, and gets what it missed once its status says so', async () => {
    world.objects.put('tariffs', 'DE/CP1/T1');
    await world.time.advance(16 * minute);
    status('OFFLINE');
    await world.time.advance(minute);
    world.client.answer = () => accepted;
    world.client.sent.length = 0;
    await world.time.advance(minute);
    expect(world.presence).toEqual(['offline p1', 'online p1', 'online p1']);
    expect(new Set(world.client.calls)).toEqual(new Set(['GET versions']));
    status('CONNECTED');
    world.client.sent.length = 0;
    await world.time.advance(minute);
    expect(world.client.calls).toEqual(['PUT tariffs/DE/CP1/T1']);
  });

  it('is told of at once where it answers, though its breaker never opened', async () => {
    world.client.answer = () => accepted;
    status('OFFLINE');
    await world.time.advance(1000);
    expect(world.presence).toEqual(['online p1']);
  });

  it('is on its way to being stopped: told at 50, 70 and 90 per cent of 72 h', async () => {
    world.objects.put('tariffs', 'DE/CP1/T1');
    await world.time.advance(35.9 * hour);
    expect(failing()).toEqual([]);
    await world.time.advance(0.2 * hour);
    expect(failing()).toEqual([50]);
    await world.time.advance(14.4 * hour);
    expect(failing()).toEqual([50, 70]);
    await world.time.advance(14.4 * hour);
    expect(failing()).toEqual([50, 70, 90]);
    await world.time.advance(8 * hour);
    expect(failing()).toEqual([50, 70, 90]);
    expect((await world.delivery.lanesNow()).find((one) => one.partnerId === 'p1')).toMatchObject({
      pausedBy: 'failing',
    });
  }, 60_000);

  it('is told of anew where it failed, came back, and fails again', async () => {
    world.objects.put('tariffs', 'DE/CP1/T1');
    await world.time.advance(37 * hour);
    world.client.answer = () => accepted;
    await world.time.advance(minute);
    world.client.answer = () => unreachable;
    world.objects.put('tariffs', 'DE/CP1/T1');
    await world.time.advance(37 * hour);
    expect(failing()).toEqual([50, 50]);
  }, 60_000);
});
