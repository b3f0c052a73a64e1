import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { type Answer, HandshakeWorld, operator } from '../support/handshake-world.js';
import { MockPartner, ok, type Received } from '../support/mock-partner.js';

const tokenB = 'zzPartnerTokenBzz';
let world: HandshakeWorld;
let partner: MockPartner;

beforeEach(async () => {
  nock.disableNetConnect();
  nock.enableNetConnect('127.0.0.1');
  world = await HandshakeWorld.open();
  partner = new MockPartner('https://cpo.example');
});
afterEach(async () => {
  await world.close();
  nock.cleanAll();
});
afterAll(() => nock.restore());

const tokenOf = (answer: Answer): string => (answer.body.data as unknown as { token: string }).token;
const count = (rows: unknown[] | undefined): number => rows?.length ?? -1;

describe('P15 the handshake is free of races', () => {
  it('of 50 parallel POSTs with one token A exactly one registers', async () => {
    const { token } = await world.invite();
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.post(token, partner.object(tokenB))));
    const outcomes = answers.map(({ status }) => status).sort();
    expect(outcomes).toEqual([200, ...Array(49).fill(503)]);
    expect(answers.find(({ status }) => status === 503)?.headers['retry-after']).toBe('2');
    expect(partner.received).toHaveLength(2);
    const rows = world.rows();
    expect([count(rows.partner), count(rows.partner_role), count(rows.sealed_token)]).toEqual([1, 1, 1]);
    const winner = answers.find(({ status }) => status === 200) as Answer;
    expect((await world.call('GET', '/versions', { token: tokenOf(winner) })).status).toBe(200);
  });

  it('of two invites for one party that register at once exactly one gets it', async () => {
    const invites = [await world.invite(), await world.invite()];
    let waiting = 0;
    let release = (): void => undefined;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    partner.details = async () => {
      if (++waiting === 2) release();
      await both;
      return ok({ version: '2.2.1', endpoints: partner.endpoints });
    };
    const answers = await Promise.all(
      invites.map(({ token }, index) => world.post(token, partner.object(`b${index}`))),
    );
    expect(answers.map(({ body }) => body.status_code).sort()).toEqual([1000, 2001]);
    expect(count(world.rows().partner)).toBe(1);
  });

  it.each(['versions', 'details'] as const)(
    'after a kill -9 during the call-back of %s the same POST registers',
    async (step) => {
      const { token } = await world.invite();
      const good = partner[step];
      let restart: (() => Promise<HandshakeWorld>) | undefined;
      partner[step] = (received: Received) => {
        restart ??= world.crashCopy();
        return good(received);
      };
      await world.post(token, partner.object(tokenB));
      await afterCrash(restart, async (crashed) => {
        const answer = await crashed.post(token, partner.object(tokenB));
        expect([answer.status, answer.body.status_code]).toEqual([200, 1000]);
        expect(crashed.partners.directory.all()).toHaveLength(1);
      });
    },
  );

  it('after a kill -9 between commit and answer the same POST gets a token, and one pair is valid', async () => {
    const { token } = await world.invite();
    const lost = tokenOf(await world.post(token, partner.object(tokenB)));
    await afterCrash(world.crashCopy(), async (crashed) => {
      crashed.now += 3_000;
      const answer = await crashed.post(token, partner.object(tokenB));
      expect((await crashed.call('GET', '/versions', { token: tokenOf(answer) })).status).toBe(200);
      expect((await crashed.call('GET', '/versions', { token: lost })).status).toBe(401);
      const rows = crashed.rows();
      expect([count(rows.partner), count(rows.sealed_token), count(rows.registration)]).toEqual([1, 1, 0]);
    });
  });

  it('tokens, sealed tokens and replaced tokens survive a restart', async () => {
    const { token } = await world.invite();
    const tokenC = tokenOf(await world.post(token, partner.object(tokenB)));
    const next = tokenOf(await world.put(tokenC, partner.object('zzPartnerTokenB2zz')));
    await afterCrash(world.crashCopy(), async (crashed) => {
      const [stored] = crashed.partners.directory.all();
      expect(crashed.partners.directory.outboundToken(stored?.id ?? '')).toBe('zzPartnerTokenB2zz');
      for (const [shown, status] of [
        [tokenC, 200],
        [next, 200],
        [tokenC, 401],
      ] as const)
        expect((await crashed.call('GET', '/versions', { token: shown })).status).toBe(status);
    });
  });
});

async function afterCrash(
  restart: (() => Promise<HandshakeWorld>) | undefined,
  check: (crashed: HandshakeWorld) => Promise<void>,
): Promise<void> {
  if (!restart) throw new Error('the moment of the crash never came');
  const crashed = await restart();
  try {
    await check(crashed);
  } finally {
    await crashed.close();
  }
}

describe('A database that fails in the middle of a handshake', () => {
  // A POST makes two transactions: claim, register; a failed one tries a third to give the claim back.
  it.each([0, 1])('leaves no trace of a POST if transaction %i fails', async (successes) => {
    const { token } = await world.invite();
    const before = world.rows();
    world.failAfter = successes;
    const answer = await world.post(token, partner.object(tokenB));
    expect([answer.status, answer.body.status_code]).toEqual([200, 3000]);
    world.failAfter = undefined;
    const after = world.rows();
    for (const table of ['partner', 'partner_role', 'partner_endpoint', 'credential', 'sealed_token'])
      expect(after[table]).toEqual(before[table]);
    expect(world.partners.directory.all()).toEqual([]);
    // The claim that could not be given back runs out by itself.
    world.now += 120_000;
    expect((await world.post(token, partner.object(tokenB))).body.status_code).toBe(1000);
  });

  it.each([
    ['partner', 'INSERT'],
    ['partner_role', 'INSERT'],
    ['partner_endpoint', 'INSERT'],
    ['sealed_token', 'INSERT'],
    ['credential', 'INSERT'],
    ['invite', 'UPDATE OF consumed_at'],
    ['audit', 'INSERT'],
  ])('leaves no trace of a POST if the row of %s cannot be written (%s)', async (table, event) => {
    const { token } = await world.invite();
    const before = world.rows();
    const trigger = `CREATE TEMP TRIGGER broken BEFORE ${event} ON main.${table}
      ${table === 'audit' ? "WHEN NEW.result = 'ok'" : ''} BEGIN SELECT RAISE(ABORT, 'broken'); END`;
    world.storage.writer.exec(trigger);
    const answer = await world.post(token, partner.object(tokenB));
    expect([answer.status, answer.body.status_code]).toEqual([200, 3000]);
    expect(world.rows()).toEqual(before);
    expect(world.partners.directory.all()).toEqual([]);
    world.storage.writer.exec('DROP TRIGGER broken');
    expect((await world.post(token, partner.object(tokenB))).body.status_code).toBe(1000);
  });

  it('leaves a PUT without effect', async () => {
    const { token } = await world.invite();
    const tokenC = tokenOf(await world.post(token, partner.object(tokenB)));
    await world.call('GET', '/versions', { token: tokenC });
    await world.partners.activity.flush();
    const before = world.rows();
    world.failAfter = 0;
    expect((await world.put(tokenC, partner.object('b2'))).body.status_code).toBe(3000);
    world.failAfter = undefined;
    expect(world.rows()).toEqual(before);
    expect((await world.call('GET', '/versions', { token: tokenC })).status).toBe(200);
  });
});

describe('What a thief of the database finds', () => {
  it('T4 C-30 none of the tokens that were ever used', async () => {
    const newB = 'zzPartnerTokenB2zz';
    const partnersA = 'zzPartnersTokenAzz';
    const partnersC = 'zzPartnersTokenCzz';
    const { token: tokenA } = await world.invite();
    const tokenC = tokenOf(await world.post(tokenA, partner.object(tokenB)));
    const newC = tokenOf(await world.put(tokenC, partner.object(newB)));
    const other = new MockPartner('https://other.example');
    other.credentials = () => ok(other.object(partnersC, ['FR/EM1/EMSP']));
    const order = { name: 'Other', versions_url: other.versionsUrl, token: partnersA };
    const { id } = await world.credentials.initiator.startRegistration(order, operator);
    await world.credentials.initiator.rotate(id, operator);
    other.credentials = () => [502, ''];
    const third = { ...order, token: `${partnersA}3` };
    await world.credentials.initiator.startRegistration(third, operator).catch(() => undefined);
    const ours = other.received.filter(({ body }) => body).map(({ body }) => (body as { token: string }).token);
    expect(ours).toHaveLength(3);

    const bytes = world.databaseBytes();
    expect(bytes.includes('Charging Ltd')).toBe(true);
    expect(bytes.includes(tokenC.slice(0, 8))).toBe(true);
    for (const token of [tokenA, tokenB, tokenC, newB, newC, partnersA, partnersC, ...ours]) {
      const secret = token.split('.')[1] ?? token;
      expect(bytes.includes(secret)).toBe(false);
      expect(bytes.includes(Buffer.from(token).toString('base64').slice(0, 20))).toBe(false);
      expect(bytes.includes(Buffer.from(secret).toString('hex'))).toBe(false);
    }
  });

  it('T26 an audit row that is changed, removed or cut off breaks the chain', async () => {
    const { token } = await world.invite();
    await world.post(token, partner.object(tokenB));
    await world.invite();
    const noted = await world.partners.audit.head();
    expect(noted.seq).toBe(3);
    expect(await world.partners.audit.firstBroken(noted)).toBeUndefined();
    const { writer } = world.storage;
    const change = "UPDATE audit SET result = 'ok', actor = 'nobody' WHERE seq = 2";
    expect(() => writer.exec(change)).toThrow('append-only');
    expect(() => writer.exec('DELETE FROM audit')).toThrow('append-only');
    writer.exec('DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete');
    const [row] = writer.prepare('SELECT * FROM audit WHERE seq = 2').all() as [{ actor: string }];
    writer.exec(change);
    expect(await world.partners.audit.firstBroken()).toBe(2);
    writer.prepare('UPDATE audit SET actor = ? WHERE seq = 2').run(row.actor);
    expect(await world.partners.audit.firstBroken()).toBeUndefined();
    writer.exec('DELETE FROM audit WHERE seq = 3');
    expect(await world.partners.audit.firstBroken()).toBeUndefined();
    expect(await world.partners.audit.firstBroken(noted)).toBe(3);
  });

  it('audits who did what from where, and holds no token', async () => {
    const { invite, token } = await world.invite();
    await world.post(token, partner.object(tokenB));
    const [newest] = await world.partners.audit.list(1);
    expect(newest).toMatchObject({
      actor: `invite:${invite.id}`,
      action: 'credentials.register',
      subject: `partner:${world.partners.directory.all()[0]?.id}`,
      result: 'ok',
      source: '127.0.0.1',
    });
    expect(newest?.detail).toContain('"url":"https://cpo.example/ocpi/versions"');
  });
});
