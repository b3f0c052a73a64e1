import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { encodeAuthorization } from '../../src/kernel/credentials-token.js';
import {
  openPartners,
  type Partners,
  type PartnersOptions,
  partnerEntities,
  postgresPartnerMigrations,
  type SharedDatabase,
  SharedTurns,
} from '../../src/platform/partners/index.js';
import { SealingKeyRing } from '../../src/platform/partners/sealing-key-ring.js';
import { PostgresStorage } from '../../src/platform/storage/index.js';
import { register } from '../contract/partners-contract.js';
import { hubParty, operator, sealing, secrets } from '../contract/partners-under-test.js';
import { until } from '../support/e2e/until.js';
import { createDatabase, describeWithPostgres, type TestDatabase } from '../support/services/index.js';

const role = { country_code: 'DE', party_id: 'CP1', role: 'CPO' } as const;
const never = 2 ** 30;
/** A token that has ended opens nothing on any node within this time, ms. */
const within = { deadlineMs: 5_000 };

type Transaction = PostgresStorage['transaction'];

describeWithPostgres('partners over several nodes', () => {
  let database: TestDatabase;
  let time: { now: number };
  const storages: PostgresStorage[] = [];
  const opened: Partners[] = [];

  beforeEach(async () => {
    time = { now: Date.UTC(2026, 0, 1) };
    database = await createDatabase();
  });
  afterEach(async () => {
    for (const partners of opened.splice(0)) await partners.stop();
    for (const storage of storages.splice(0)) await storage.close();
    await database.drop();
  });

  const store = async (): Promise<PostgresStorage> => {
    const schema = { entities: partnerEntities, migrations: postgresPartnerMigrations };
    const storage = await PostgresStorage.open({ url: database.url, ...schema, requireDurable: false });
    storages.push(storage);
    return storage;
  };
  /** Neither notifications nor the clock bring anything: this node follows when it is told to. */
  const deaf = (storage: PostgresStorage): SharedDatabase => ({
    query: (sql, values) => storage.query(sql, values),
    listen: () => () => undefined,
  });
  const node = async (
    options: Partial<PartnersOptions> & { deaf?: boolean; transaction?: (inner: Transaction) => Transaction } = {},
  ): Promise<Partners> => {
    const storage = await store();
    const inner: Transaction = (work) => storage.transaction(work);
    const partners = await openPartners({
      storage: { transaction: options.transaction?.(inner) ?? inner },
      shared: options.deaf ? deaf(storage) : storage,
      keys: { ...secrets, ring: new SealingKeyRing(sealing, 'k1') },
      clock: { now: () => time.now },
      hub: hubParty,
      ...options,
    });
    opened.push(partners);
    return partners;
  };
  const opens = (partners: Partners, token: string): boolean =>
    partners.directory.authenticate(encodeAuthorization(token)) !== undefined;

  it.each([
    ['notifications alone', { pollMs: never }],
    ['polls alone, as when notifications are lost', { deaf: true }],
  ])('a token that ends on one node ends on the others in time, by %s', async (_by, options) => {
    const [one, two, three] = [await node(), await node(options), await node(options)];
    const { partner, token } = await register(one);
    const everywhere = async (what: string, token: string, expected: boolean): Promise<void> => {
      for (const each of [two, three]) await until(what, () => opens(each, token) === expected, within);
    };
    const told: string[] = [];
    two.directory.onChange((id) => told.push(id));
    await everywhere('registered', token, true);
    await three.registry.suspend(partner.id, operator);
    await until('suspended', () => !opens(one, token), within);
    await everywhere('suspended', token, false);
    await one.registry.resume(partner.id, operator);
    await everywhere('resumed', token, true);

    const credentialId = two.directory.authenticate(encodeAuthorization(token))?.credentialId ?? '';
    const introduction = { ...partner, outboundToken: 'out 2' };
    const fresh = (await one.rotation.rotateInbound(partner.id, credentialId, introduction, operator)) ?? '';
    for (const { directory } of [two, three])
      await until('renewed', () => directory.outboundToken(partner.id) === 'out 2', within);
    await everywhere('the old token is good until the new one is used', token, true);
    expect(opens(one, fresh)).toBe(true);
    await everywhere('the first use of the new token ends the old one', token, false);
    await everywhere('the new token opens every node', fresh, true);

    await one.registry.remove(partner.id, operator);
    await everywhere('removed', fresh, false);
    expect(two.directory.outboundToken(partner.id)).toBeUndefined();
    expect(new Set(told)).toEqual(new Set([partner.id]));
  });

  it('what changes between the first reading and the first look is not missed', async () => {
    const one = await node();
    const { partner, token } = await register(one);
    let transactions = 0;
    const two = await node({
      deaf: true,
      pollMs: never,
      transaction: (inner) => async (work) => {
        const result = await inner(work);
        // Fingerprint, claims, first reading.
        if (++transactions === 3) await one.registry.suspend(partner.id, operator);
        return result;
      },
    });
    expect(transactions).toBeGreaterThanOrEqual(3);
    expect(opens(two, token)).toBe(false);
  });

  it('follows in order, whatever order readings and changes of its own come back in', async () => {
    const held: (() => void)[] = [];
    let holding = false;
    const one = await node();
    const two = await node({
      deaf: true,
      pollMs: never,
      transaction: (inner) => async (work) => {
        const result = await inner(work);
        if (holding) await new Promise<void>((resolve) => held.push(resolve));
        return result;
      },
    });
    const { partner } = await register(one);
    await two.catchUp();
    const shown: number[] = [0];
    two.directory.onChange((id) => shown.push(Number(two.directory.byId(id)?.name)));
    const random = randomOf(20260101);
    let name = 0;
    for (let round = 0; round < 12; round++) {
      holding = true;
      const going: Promise<unknown>[] = [];
      for (let step = 0; step < 6; step++) {
        const renamed = { name: String(++name) };
        const chance = random();
        if (chance < 0.4) await one.registry.update(partner.id, renamed, operator);
        else if (chance < 0.7) {
          const before = held.length;
          going.push(two.registry.update(partner.id, renamed, operator));
          await until('committed', () => held.length > before);
        } else going.push(two.catchUp());
        if (random() < 0.3) held.splice(Math.floor(random() * held.length), 1)[0]?.();
      }
      holding = false;
      // The newest first: what comes late must change nothing.
      while (held.length > 0) held.pop()?.();
      const all = Promise.all(going);
      let done = false;
      void all.finally(() => {
        done = true;
      });
      await until('all are back', () => {
        for (const release of held.splice(0)) release();
        return done;
      });
      for (const each of [one, two]) await each.catchUp();
      const [stored] = (await storages[0]?.query('SELECT name FROM partner'))?.rows ?? [];
      expect([one, two].map(({ directory }) => directory.byId(partner.id)?.name)).toEqual([stored?.name, stored?.name]);
    }
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(shown.length).toBeGreaterThan(20);
  });

  it('a claim is given back at a start only if nobody can be at it any more', async () => {
    const one = await node();
    const { invite } = await one.invites.create({ name: 'One', roles: [role] }, operator);
    expect((await one.invites.claim(invite.id)).kind).toBe('claimed');
    time.now += 119_000;
    const [listed] = await (await node()).invites.list();
    expect(listed?.state).toBe('CLAIMED');
    time.now += 1_000;
    const [later] = await (await node()).invites.list();
    expect(later?.state).toBe('OPEN');
  });

  it('a node with another key file does not start', async () => {
    await node();
    const keys = { ...secrets, pepper: randomBytes(32), ring: new SealingKeyRing(sealing, 'k1') };
    const sentence = 'The secret key file differs from the one that the other nodes on this database use.';
    await expect(node({ keys })).rejects.toThrow(sentence);
  });

  it('a node that speaks for another party does not start', async () => {
    await node();
    const hub = { country_code: 'NL', party_id: 'XXX' };
    await expect(node({ hub })).rejects.toThrow(
      /^The hub on this database is the party .*, and this node is NL\/XXX\.$/,
    );
  });

  it('a token sealed with a key that a node lacks keeps no revocation from it', async () => {
    const one = await node();
    const { partner, token } = await register(one);
    const two = await node({ deaf: true, pollMs: never });
    const newer = await node({
      keys: { ...secrets, ring: new SealingKeyRing(new Map([...sealing, ['k2', randomBytes(32)]]), 'k2') },
    });
    await newer.registry.reseal(operator);
    await newer.registry.suspend(partner.id, operator);
    await two.catchUp();
    expect(opens(two, token)).toBe(false);
  });

  it('of what several nodes have seen of a partner the latest counts', async () => {
    const [one, two] = [await node(), await node({ deaf: true, pollMs: never })];
    const { partner } = await register(one);
    await two.catchUp();
    const begin = time.now;
    time.now = begin + 3_000;
    two.directory.touch(partner.id);
    time.now = begin + 5_000;
    one.directory.touch(partner.id);
    await one.activity.flush();
    await two.activity.flush();
    expect((await node()).directory.lastSeenAt(partner.id)).toBe(begin + 5_000);
    expect(two.directory.lastSeenAt(partner.id)).toBe(begin + 5_000);
  });

  it('the first use of a token that could not be written down is written soon', async () => {
    let broken = false;
    const [one, two] = [
      await node({
        transaction: (inner) => (work) => (broken ? Promise.reject(new Error('the database failed')) : inner(work)),
      }),
      await node(),
    ];
    const { partner, token } = await register(one);
    const credentialId = one.directory.authenticate(encodeAuthorization(token))?.credentialId ?? '';
    const introduction = { ...partner, outboundToken: 'out 2' };
    const fresh = (await one.rotation.rotateInbound(partner.id, credentialId, introduction, operator)) ?? '';
    await until('known', () => opens(two, token), within);
    broken = true;
    expect(opens(one, fresh)).toBe(true);
    await until('tried', async () => true);
    broken = false;
    await until('the old token ends elsewhere', () => !opens(two, token), within);
  });

  it('many changes on all nodes at once leave one chain and one truth', async () => {
    const nodes = [await node(), await node(), await node()];
    const [one] = nodes as [Partners];
    const { partner } = await register(one);
    for (const each of nodes) await each.catchUp();
    const work = nodes.flatMap((each, n) =>
      Array.from({ length: 10 }, (_, i) => each.registry.update(partner.id, { name: `${n}/${i}` }, operator)),
    );
    await Promise.all(work);
    for (const each of nodes) await each.catchUp();
    expect(new Set(nodes.map(({ directory }) => directory.byId(partner.id)?.name)).size).toBe(1);
    expect((await one.audit.head()).seq).toBe(32);
    expect(await one.audit.firstBroken()).toBeUndefined();
  });

  it('a turn is one holder’s, and another’s once it was not renewed', async () => {
    const shared = await store();
    await node();
    let frozen = false;
    const freezing: SharedDatabase = {
      query: (sql, values) =>
        frozen && sql.startsWith('UPDATE') ? new Promise(() => undefined) : shared.query(sql, values),
      listen: () => () => undefined,
    };
    const [here, there] = [new SharedTurns(freezing, 300), new SharedTurns(shared, 300)];
    const ran: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let next: Promise<unknown> | undefined;
    const done = await here.run('x', async ({ signal }) => {
      expect(await there.run('x', async () => ran.push('there'))).toBeUndefined();
      expect(await there.run('y', async () => ran.push('other'))).toEqual({ result: 1 });
      frozen = true;
      await until('one that does not renew loses its turn', () => signal.aborted);
      await until('another gets it', () => {
        next ??= there
          .run('x', async () => {
            ran.push('there');
            await held;
          })
          .then((got) => {
            if (!got) next = undefined;
          });
        return ran.length === 2;
      });
      return 'late';
    });
    expect([done, ran]).toEqual([{ result: 'late' }, ['other', 'there']]);
    expect((await shared.query('SELECT name FROM node_turn', [])).rows).toEqual([{ name: 'x' }]);
    release();
    await next;

    // One that is renewed stays.
    await there.run('x', async ({ holder, signal }) => {
      await shared.query('SELECT pg_sleep(0.7)', []);
      const { rows } = await shared.query<{ holder: string }>('SELECT holder FROM node_turn WHERE name = $1', ['x']);
      expect([rows, signal.aborted]).toEqual([[{ holder }], false]);
    });
    expect((await shared.query('SELECT * FROM node_turn', [])).rows).toEqual([]);
  });
});

/** Numbers from 0 to 1 that are the same in each run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
