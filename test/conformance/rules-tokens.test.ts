import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedPolicy, SharingRules } from '../../src/platform/agreements/index.js';
import { at, envelope, startTestHub, type TestHub, token } from '../support/hub/index.js';
import { describeRows } from './rows/describe-rows.js';
import { expectCodes, onAnotherHub } from './rows/kit.js';
import { authorize, putToken, tokenRows, tokenUrl } from './rows/tokens.js';

const reachable = { reachable: true };
describeRows('Tokens', tokenRows, reachable);

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub(reachable);
});
beforeEach(() => hub.clear());
afterEach(() => expect(hub.outcomes.filter(({ fault }) => fault !== undefined)).toEqual([]));
afterAll(() => hub.close());

const patch = (body: object) => hub.as('P2', 'PATCH', tokenUrl(hub), { body: { last_updated: at(1), ...body } });
const held = async () => expectCodes(await hub.as('P2', 'GET', tokenUrl(hub)), 200, 1000).data;
const em2 = { country_code: 'BE', party_id: 'EM2' };

describe('a Token as an object of its owner', () => {
  it('is new once, replaced as a whole, and served as it was sent (O-07, O-08, T-36)', async () => {
    const text = JSON.stringify(token()).replace('"valid":true', '"valid":true,"x_n":150000.0');
    expectCodes(await hub.as('P2', 'PUT', tokenUrl(hub), { body: text }), 201, 1000);
    expect((await hub.as('P1', 'GET', hub.sender.tokens)).text).toContain(text);
    await putToken(hub, token('04AB12CD', { visual_number: null, last_updated: at(1) }), 200);
    expect(await held()).not.toHaveProperty('x_n');
  });

  it('keeps what a PATCH does not name, and loses what it nulls (O-09, O-13, O-19)', async () => {
    const energy_contract = { supplier_name: 'A', contract_id: '1' };
    await putToken(hub, token('04AB12CD', { energy_contract, x_a: [1], here_ext: { a: 1, b: 2 } }));
    expectCodes(
      await patch({ visual_number: null, energy_contract: { supplier_name: 'B' }, here_ext: { b: 3 } }),
      200,
      1000,
    );
    const { visual_number: _gone, ...kept } = token('04AB12CD', { x_a: [1], last_updated: at(1) });
    expect(await held()).toEqual({ ...kept, energy_contract: { supplier_name: 'B' }, here_ext: { a: 1, b: 3 } });
  });

  it('is not changed by a PATCH that breaks a rule (O-12, O-13, T25)', async () => {
    await putToken(hub);
    const head = hub.head();
    for (const body of [
      { issuer: null },
      { valid: 'no' },
      { uid: 'OTHER' },
      { type: 'APP_USER' },
      { party_id: 'EM2' },
      { last_updated: '2099-01-01T00:00:00Z' },
    ])
      expectCodes(await patch(body), 200, 2001);
    expectCodes(await patch({ uid: '04ab12cd', type: 'RFID', party_id: 'em1' }), 200, 1000);
    expect((await hub.changes(head)).length).toBe(1);
  });

  it('does not go back in time, and is told to nobody if it is the same (O-15)', async () => {
    await putToken(hub, token('04AB12CD', { last_updated: at(5) }));
    const head = hub.head();
    hub.forget();
    await putToken(hub, token('04AB12CD', { valid: false }), 200);
    expectCodes(await patch({ valid: false }), 200, 1000);
    await putToken(hub, token('04AB12CD', { last_updated: at(5) }), 200);
    expect([hub.effects, await hub.changes(head)]).toEqual([['stale', 'stale', 'unchanged'], []]);
    expect(await held()).toMatchObject({ valid: true });
    const future = token('04AB12CD', { last_updated: '2099-01-01T00:00:00Z' });
    expectCodes(await hub.as('P2', 'PUT', tokenUrl(hub), { body: future }), 200, 2001);
  });

  it('leaves no trace of its uid in what is told of it, and in what is odd (T20)', async () => {
    await putToken(hub, token('04AB12CD', { type: 'APP_USER' }));
    const shown = JSON.stringify([await hub.changes(), await hub.stores.tokens.oddities()]);
    expect(shown).toContain('TK-17');
    expect(shown).not.toMatch(/04ab12cd/i);
    const refused = await hub.as('P2', 'PUT', tokenUrl(hub), { body: token('04AB12CD', { valid: 1 }) });
    expect(expectCodes(refused, 200, 2001).text).not.toMatch(/04ab12cd/i);
  });
});

describe('who is asked whether a Token may be used', () => {
  const received = () => (['P2', 'P3', 'P5'] as const).map((name) => hub.partner(name).received.length);
  const allow = (name: 'P2' | 'P3', allowed: string) => {
    hub.partner(name).behaviour = () => ({ body: envelope({ allowed, token: token() }) });
  };
  const unknown = { status: 404, body: { ...envelope(undefined, 2004), status_message: 'unknown' } };

  it('is its owner, and nobody else (R-34)', async () => {
    await putToken(hub);
    const answer = expectCodes(await authorize(hub, '04ab12cd'), 200, 1000);
    expect(received()).toEqual([1, 0, 0]);
    expect(answer.headers).toMatchObject({ 'ocpi-from-party-id': 'EM1', 'ocpi-to-party-id': 'CP1' });
    expect(hub.partner('P2').last.headers).toMatchObject({ 'ocpi-to-party-id': 'EM1', 'ocpi-from-party-id': 'CP1' });
  });

  it('are all owners of such a Token, if there are several', async () => {
    await putToken(hub);
    const body = token('04AB12CD', em2);
    expectCodes(await hub.as('P3', 'PUT', `${hub.receiver.tokens}/BE/EM2/04AB12CD`, { body }), 201, 1000);
    hub.partner('P2').behaviour = () => unknown;
    allow('P3', 'BLOCKED');
    const answer = expectCodes(await authorize(hub), 200, 1000);
    expect([received(), answer.data.allowed, answer.headers['ocpi-from-party-id']]).toEqual([
      [1, 1, 0],
      'BLOCKED',
      'EM2',
    ]);
  });

  it('are all eMSPs, if nobody is known to own it; the first success is the answer (R-35)', async () => {
    // Known as a card, asked for as an app's.
    await putToken(hub);
    for (const name of ['P2', 'P5'] as const) hub.partner(name).behaviour = () => unknown;
    allow('P3', 'ALLOWED');
    const answer = expectCodes(await authorize(hub, '04AB12CD', { query: '?type=APP_USER' }), 200, 1000);
    expect([received(), answer.headers['ocpi-from-party-id']]).toEqual([[1, 1, 1], 'EM2']);
  });

  it('is not an eMSP that shares no Tokens with the CPO, nor does its list show them (R-41, T21)', async () => {
    const deny = { giver: 'FR/EM1', taker: 'DE/CP1', module: 'tokens', effect: 'deny' } as const;
    const agreements = [{ ...deny, id: 'a1', createdAt: 0 }];
    const policy = fixedPolicy(new SharingRules({ version: 1, agreements, closed: new Set() }));
    await onAnotherHub({ ...reachable, policy }, async (other) => {
      await putToken(other);
      const list = expectCodes(await other.as('P1', 'GET', other.sender.tokens), 200, 1000);
      expect([list.list, list.headers['x-total-count']]).toEqual([[], '0']);
      expect((await other.as('P6', 'GET', other.sender.tokens)).list).toHaveLength(1);
      for (const name of ['P2', 'P3', 'P5'] as const) other.partner(name).behaviour = () => unknown;
      // As if nobody had it: that it is known here is not shown either.
      expectCodes(await authorize(other), 404, 2004);
      expect(other.partner('P2').received).toEqual([]);
      expect([other.partner('P3').received.length, other.partner('P5').received.length]).toEqual([1, 1]);
    });
  });
});
