import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import nock from 'nock';
import { encodeAuthorization } from '../../src/kernel/credentials-token.js';
import { until } from '../support/e2e/until.js';
import { type Answer, HandshakeWorld, operator } from '../support/handshake-world.js';
import { MockPartner, ok } from '../support/mock-partner.js';
import { createDatabase, describeWithPostgres, type TestDatabase } from '../support/services/index.js';

const tokenB = 'zzPartnerTokenBzz';
const tokenOf = (answer: Answer): string => (answer.body.data as unknown as { token: string }).token;
/** A token that has ended opens nothing anywhere within this time, ms. */
const revokedWithin = { deadlineMs: 5_000 };

describeWithPostgres('handshakes over three nodes', () => {
  let database: TestDatabase;
  let keys: string;
  let nodes: HandshakeWorld[];
  let partner: MockPartner;

  beforeEach(async () => {
    nock.disableNetConnect();
    nock.enableNetConnect('127.0.0.1');
    database = await createDatabase();
    keys = mkdtempSync(path.join(os.tmpdir(), 'roamhub-keys-'));
    nodes = [];
    for (let n = 0; n < 3; n++) nodes.push(await HandshakeWorld.node(database.url, keys));
    partner = new MockPartner('https://cpo.example');
  });
  afterEach(async () => {
    for (const node of nodes) await node.close();
    await database.drop();
    rmSync(keys, { recursive: true });
    nock.cleanAll();
  });
  afterAll(() => nock.restore());

  const node = (n: number): HandshakeWorld => nodes[n % nodes.length] as HandshakeWorld;
  const opens = async (token: string, at: HandshakeWorld): Promise<boolean> =>
    (await at.call('GET', '/versions', { token })).status === 200;
  const register = async (at = node(0)): Promise<{ tokenA: string; tokenC: string }> => {
    const { token } = await at.invite();
    return { tokenA: token, tokenC: tokenOf(await at.post(token, partner.object(tokenB))) };
  };
  /** As after so much time: what nodes follow one another by in a second has come. */
  const pass = async (ms: number): Promise<void> => {
    for (const each of nodes) {
      each.now += ms;
      await each.partners.catchUp();
    }
  };
  const ended = async (token: string, at = nodes): Promise<void> => {
    for (const each of at) await until('the token has ended', async () => !(await opens(token, each)), revokedWithin);
  };
  const partnersOf = (at: HandshakeWorld): string[] => at.partners.directory.all().map(({ id }) => id);

  it('P15 of 50 parallel POSTs with one token A exactly one registers', async () => {
    const { token } = await node(0).invite();
    const posts = Array.from({ length: 50 }, (_, n) => node(n).post(token, partner.object(tokenB)));
    const answers = await Promise.all(posts);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(49).fill(503)]);
    expect(partner.received).toHaveLength(2);
    const winner = tokenOf(answers.find(({ status }) => status === 200) as Answer);
    expect(await Promise.all(nodes.map((each) => opens(winner, each)))).toEqual([true, true, true]);
    expect(nodes.map(partnersOf)).toEqual(
      Array(3).fill([node(0).registered, node(1).registered, node(2).registered].flat()),
    );
  });

  it.each([0, 1, 2, 3])('P15 after a node is gone at step %i the same POST registers at another', async (step) => {
    const { token } = await node(0).invite();
    await node(1).partners.catchUp();
    node(0).failAfter = step;
    const first = await node(0).post(token, partner.object(tokenB));
    const acknowledged = first.status === 200 && first.body.status_code === 1000;
    expect(acknowledged).toBe(step >= 2);
    // Whoever has the turn takes the claim of the gone node over; what it has registered is answered anew after two seconds.
    await pass(3_000);
    const second = await node(1).post(token, partner.object(tokenB));
    expect([second.status, second.body.status_code]).toEqual([200, 1000]);
    expect(await opens(tokenOf(second), node(2))).toBe(true);
    expect([partnersOf(node(1)).length, partnersOf(node(2)).length]).toEqual([1, 1]);
    if (acknowledged) await ended(tokenOf(first), nodes.slice(1));
  });

  it('a node that starts takes no claim from one that is at it', async () => {
    const { token } = await node(0).invite();
    let other: Answer | undefined;
    partner.versions = async () => {
      const fourth = await HandshakeWorld.node(database.url, keys);
      nodes.push(fourth);
      other = await fourth.post(token, partner.object('zzAnotherTokenzz'));
      return ok([{ version: '2.2.1', url: `${partner.origin}/ocpi/2.2.1` }]);
    };
    const answer = await node(0).post(token, partner.object(tokenB));
    expect([answer.status, other?.status]).toEqual([200, 503]);
    expect(partner.received).toHaveLength(2);
  });

  it('a lost answer is given again by another node, unless the token was used at a third', async () => {
    const { tokenA, tokenC } = await register();
    await pass(3_000);
    const fresh = tokenOf(await node(1).post(tokenA, partner.object(tokenB)));
    expect(await opens(fresh, node(2))).toBe(true);
    await ended(tokenC);
    await node(2).partners.activity.flush();
    expect((await node(0).post(tokenA, partner.object(tokenB))).status).toBe(401);
  });

  it('A-38 a token from a PUT opens every node at once, and its first use ends the old one everywhere', async () => {
    const { tokenC } = await register();
    const answer = await node(1).put(tokenC, partner.object('zzNewTokenBzz'));
    const fresh = tokenOf(answer);
    expect(await Promise.all(nodes.map((each) => opens(tokenC, each)))).toEqual([true, true, true]);
    expect(await opens(fresh, node(2))).toBe(true);
    await ended(tokenC);
    for (const each of nodes) {
      expect(await opens(fresh, each)).toBe(true);
      expect(each.partners.directory.all().map(({ id }) => each.partners.directory.outboundToken(id))).toEqual([
        'zzNewTokenBzz',
      ]);
    }
  });

  it.each([0, 1])('C-12 a PUT that a node did not bring to its end (%i) is repeated at another', async (step) => {
    const { tokenC } = await register();
    expect(await opens(tokenC, node(0))).toBe(true);
    await node(0).partners.activity.flush();
    await node(1).partners.catchUp();
    node(0).failAfter = step;
    const lost = await node(0).put(tokenC, partner.object('zzNewTokenBzz'));
    expect(lost.status === 200 && lost.body.status_code === 1000).toBe(step === 1);
    const fresh = tokenOf(await node(1).put(tokenC, partner.object('zzNewTokenBzz')));
    expect(await opens(fresh, node(2))).toBe(true);
    await ended(tokenC, nodes.slice(1));
    if (step === 1) await ended(tokenOf(lost), nodes.slice(1));
  });

  it('a token that another node has ended neither renews nor unregisters', async () => {
    const { tokenC } = await register();
    await node(2).partners.catchUp();
    const known = node(2).partners.directory.authenticate(encodeAuthorization(tokenC));
    if (!known) throw new Error('the token opens nothing');
    const fresh = tokenOf(await node(1).put(tokenC, partner.object('zzNewTokenBzz')));
    expect(await opens(fresh, node(1))).toBe(true);
    await node(1).partners.activity.flush();
    // As the third node knows the token while it has not heard of its end.
    const context = { sourceAddress: '', correlationId: '' };
    const { operations } = node(2).credentials;
    const put = operations.putCredentials(known, partner.object('zzStolenzz'), context);
    await expect(put).rejects.toMatchObject({ httpStatus: 401 });
    await expect(operations.deleteCredentials(known, context)).rejects.toMatchObject({ httpStatus: 401 });
    expect(await opens(fresh, node(0))).toBe(true);
  });

  it('exchanges of tokens with one partner go one at a time', async () => {
    const { tokenC } = await register();
    let other: Answer | undefined;
    partner.details = async () => {
      other ??= await node(1).put(tokenC, partner.object('zzOtherzz'));
      return ok({ version: '2.2.1', endpoints: partner.endpoints });
    };
    await node(2).partners.catchUp();
    const [{ id = '' } = {}] = node(2).partners.directory.all();
    const answer = await node(0).put(tokenC, partner.object('zzNewTokenBzz'));
    expect([answer.status, other?.status, other?.headers['retry-after']]).toEqual([200, 503, '2']);
    partner.credentials = async () => {
      other = await node(1).put(tokenOf(answer), partner.object('zzOtherzz'));
      return ok(partner.object('zzRenewedzz'));
    };
    await node(2).credentials.initiator.rotate(id, operator);
    expect(other?.status).toBe(503);
    await node(0).partners.catchUp();
    expect(node(0).partners.directory.outboundToken(id)).toBe('zzRenewedzz');
  });

  it('the call-back of a partner at which the hub registers may come to any node', async () => {
    const seen: boolean[] = [];
    partner.credentials = async ({ body }) => {
      for (const each of nodes) seen.push(await opens((body as { token: string }).token, each));
      return ok(partner.object('zzTokenCzz'));
    };
    const order = { name: 'One', versions_url: partner.versionsUrl, token: 'zzTokenAzz' };
    const both = [node(0), node(1)].map((each) => each.credentials.initiator.startRegistration(order, operator));
    const ends = (await Promise.allSettled(both)).map(({ status }) => status).sort();
    expect([ends, seen]).toEqual([
      ['fulfilled', 'rejected'],
      [true, true, true],
    ]);
    await node(2).partners.catchUp();
    expect(partnersOf(node(2))).toHaveLength(1);
  });
});
