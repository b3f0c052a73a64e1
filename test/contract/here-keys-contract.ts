import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EvKeys } from '../../src/extensions/here/http/ev-keys.js';
import { type EvScope, evScopes } from '../../src/extensions/here/http/ev-route.js';
import type { DurableRows } from '../../src/platform/forwarding/index.js';
import { until } from '../support/e2e/index.js';

export interface KeysUnderTest {
  /** For each node its rows; on SQLite both are the same process. */
  readonly nodes: readonly [DurableRows, DurableRows];
  release(): Promise<void>;
}

/** What must hold of the keys of the EV data API on every database. */
export function describeEvKeys(name: string, open: () => Promise<KeysUnderTest>): void {
  describe(`keys of EV data on ${name}`, () => {
    let under: KeysUnderTest;
    const running: EvKeys[] = [];
    const clock = { time: 1_800_000_000_000, now: () => clock.time };
    const fresh = { name: 'app', scopes: [...evScopes] as EvScope[], party: undefined, expiresAt: undefined };

    beforeAll(async () => {
      under = await open();
    });
    afterEach(async () => {
      for (const keys of running.splice(0)) keys.stop();
      await under.nodes[0].run('DELETE FROM ev_key WHERE id <> $1', ['']);
    });
    afterAll(async () => {
      await under?.release();
    });

    const start = async (node: 0 | 1 = 0): Promise<EvKeys> => {
      const warn = (error: unknown): never => {
        throw error;
      };
      const keys = new EvKeys({ rows: under.nodes[node], clock, warn, pollMs: 20 });
      running.push(keys);
      await keys.start();
      return keys;
    };

    it('are good at once, hold what was said of them, and survive a restart', async () => {
      const keys = await start();
      const { text, record } = await keys.create({ ...fresh, name: 'map', scopes: ['browse'], party: 'DE/ABC' });
      expect(text).toMatch(/^rhev_[A-Za-z0-9_-]{43}$/);
      expect(record).toMatchObject({ name: 'map', party: 'DE/ABC', createdAt: clock.time, expiresAt: undefined });
      expect(keys.find(text)).toEqual(record);
      const again = (await start()).find(text);
      expect(again).toEqual(record);
      expect([...(again?.scopes ?? [])]).toEqual(['browse']);
    });

    it('are not stored, but their digests', async () => {
      const { text } = await (await start()).create(fresh);
      const rows = await under.nodes[0].run<object>('SELECT * FROM ev_key', []);
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain(text.slice(5));
    });

    it('are no other text', async () => {
      const keys = await start();
      const { text } = await keys.create(fresh);
      for (const other of ['', text.slice(1), `${text} `, text.toUpperCase(), 'rhev_'])
        expect(keys.find(other)).toBeUndefined();
    });

    it('end when they expire', async () => {
      const keys = await start();
      const { text, record } = await keys.create({ ...fresh, expiresAt: clock.time + 1_000 });
      expect([keys.find(text)?.id, keys.isGood(record.id)]).toEqual([record.id, true]);
      clock.time += 1_000;
      expect([keys.find(text), keys.isGood(record.id)]).toEqual([undefined, false]);
    });

    it('end when they are revoked, and those who listen are told once', async () => {
      const keys = await start();
      const ended: string[] = [];
      keys.onRevoked((id) => ended.push(id));
      const { text, record } = await keys.create(fresh);
      expect([await keys.revoke(record.id), await keys.revoke(record.id), await keys.revoke('none')]).toEqual([
        true,
        false,
        false,
      ]);
      expect([keys.find(text), keys.list(), ended]).toEqual([undefined, [], [record.id]]);
      expect((await start()).find(text)).toBeUndefined();
    });

    it('hold on other nodes soon, and can be revoked there', async () => {
      const [one, two] = [await start(0), await start(1)];
      const ended: string[] = [];
      one.onRevoked((id) => ended.push(id));
      const { text, record } = await one.create(fresh);
      // Whether this node has looked yet makes no difference.
      expect(await two.revoke(record.id)).toBe(true);
      await until('the end of the key on both', () => one.find(text) === undefined && two.find(text) === undefined);
      await until('word of it', () => ended.length > 0);
      expect(ended).toEqual([record.id]);
      const second = await two.create(fresh);
      await until('the key of the other node', () => one.find(second.text) !== undefined);
    });
  });
}
