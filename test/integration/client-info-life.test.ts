import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientInfoLife } from '../../src/app/client-info-life.js';
import type { PartnerStatus } from '../../src/platform/partners/index.js';
import { HubNode, silentMs } from '../support/client-info/hub-node.js';
import { Platform } from '../support/client-info/platform.js';
import { until } from '../support/e2e/until.js';

const info = (party_id: string) => ({
  party_id,
  country_code: 'AT',
  role: 'CPO',
  status: 'CONNECTED',
  last_updated: '2026-01-01T00:00:00Z',
});

describe('what the hub does about clients by itself', () => {
  let hub: HubNode;
  let p1: Platform;
  let life: ClientInfoLife;
  beforeEach(async () => {
    hub = await HubNode.open();
    p1 = await Platform.open();
    life = hub.life();
    await life.start();
  });
  afterEach(async () => {
    await life.stop();
    await hub.close();
    await p1.close();
  });
  const becomes = (id: string, status: PartnerStatus) =>
    until(status, () => hub.partners.directory.byId(id)?.status === status, { deadlineMs: 3_000 });

  it('H-09 brings a partner back within moments of its call, also when its lane says so', async () => {
    const { id } = await hub.register('one', ['DE/CP1/CPO'], p1);
    for (const sign of [
      () => hub.call('GET', hub.versionsUrl, { token: p1.token }),
      async () => life.heard(id),
      async () => life.online(id),
    ]) {
      p1.answers = false;
      hub.now += 60_000;
      await hub.partners.registry.setStatus(id, 'OFFLINE');
      // The check that comes at once fails; then it is looked after again in half a minute.
      await until('a failed check', () => p1.asked.some(({ path }) => path === '/versions'));
      p1.forget();
      hub.now += 1_000;
      await sign();
      await becomes(id, 'CONNECTED');
    }
  });

  it('H-08 H-09 checks silent partners, and at once whom a lane cannot reach', async () => {
    const { id } = await hub.register('one', ['DE/CP1/CPO'], p1);
    p1.answers = false;
    hub.now += silentMs - 1_000;
    life.offline(id);
    expect(p1.asked).toEqual([]);
    hub.now += 1_000;
    await until('the first check', () => p1.asked.length === 1);
    expect(hub.partners.directory.byId(id)?.status).toBe('CONNECTED');
    life.offline(id);
    await becomes(id, 'OFFLINE');
    // Its lane looks after it as well from now on.
    expect(p1.asked.every(({ method, path }) => `${method} ${path}` === 'GET /versions')).toBe(true);
  });

  it('H-11 shows who is invited, and reads the list of a hub that has registered', async () => {
    const p3 = await Platform.open();
    try {
      await hub.register('one', ['DE/CP1/CPO'], p1);
      const roles = [{ country_code: 'DE', party_id: 'CP9', role: 'CPO' as const }];
      await hub.partners.invites.create({ name: 'later', roles }, { name: 'operator' });
      p3.pages = [[info('CP5')]];
      const { id } = await hub.register('hub', ['DE/HB2/HUB'], p3);
      life.registered(id);
      hub.now += 1_000;
      await until('both', async () => {
        const list = await hub.listFor(p1);
        return ['DE/CP9/CPO PLANNED', 'AT/CP5/CPO CONNECTED'].every((line) => list.includes(line));
      });
    } finally {
      await p3.close();
    }
  });

  it('does nothing more once it is stopped', async () => {
    const { id } = await hub.register('one', ['DE/CP1/CPO'], p1);
    await life.stop();
    p1.forget();
    hub.now += 2 * silentMs;
    life.offline(id);
    life.online(id);
    await life.stop();
    expect(p1.asked.filter(({ path }) => path === '/versions')).toEqual([]);
  });
});
