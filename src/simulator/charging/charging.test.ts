import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CpoSimulator } from '../cpo-simulator.js';
import { EmspSimulator } from '../emsp-simulator.js';
import { periodsOf } from '../sessions/session-merge.js';
import { TokenCopy } from '../tokens/token-copy.js';
import type { OwnToken } from '../tokens/wallet.js';
import { canonicalJson } from '../wire/canonical.js';
import { readObject } from '../wire/json-object.js';
import { anyPlace, type Place } from './place.js';

const cp1 = { country_code: 'DE', party_id: 'CP1', role: 'CPO' };
const em1 = { country_code: 'FR', party_id: 'EM1', role: 'EMSP' };

describe('a CPO and an eMSP, directly connected', () => {
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;
  let token: OwnToken;
  let place: Place;

  beforeEach(async () => {
    cpo = new CpoSimulator({ parties: [cp1], pageLimit: 2 });
    cpo.generate(5);
    emsp = new EmspSimulator({ parties: [em1] });
    await Promise.all([cpo.start(), emsp.start()]);
    await cpo.register(emsp.invite());
    const { provider } = emsp;
    const [first] = provider?.wallet.generate(3) ?? [];
    const found = anyPlace(cpo.catalogue, cp1);
    if (first === undefined || found === undefined) throw new Error('nothing to charge with');
    [token, place] = [first, found];
  });

  afterEach(async () => {
    await Promise.all([cpo.stop(), emsp.stop()]);
    expect([cpo.inspector.first, emsp.inspector.first]).toEqual([[], []]);
  });

  const provider = () => {
    if (emsp.provider === undefined) throw new Error('no eMSP party');
    return emsp.provider;
  };

  const where = (): { location_id: string; evse_uid: string; connector_id: string } => ({
    location_id: String(place.location.id),
    evse_uid: String(place.evse.uid),
    connector_id: String(place.connector.id),
  });

  const start = (members: object = where()) =>
    provider().commands.send({ command: 'START_SESSION', from: em1, token, members: { ...members } });

  it('tokens: the copy equals after PUT and PATCH; RFID and APP_USER are told apart (TK-02, TK-05)', async () => {
    const { wallet, tokens } = provider();
    expect(await tokens.push(wallet.tokens)).toEqual({ pushed: 3, refusals: {} });
    expect(await tokens.change(token, { valid: false })).toMatchObject({ pushed: 1 });
    expect(cpo.operator.tokens.received).toMatchObject({ put: 3, patch: 1, created: 3, regressions: 0 });
    for (const own of wallet.tokens) {
      expect(cpo.operator.tokens.copy()?.get(TokenCopy.key(own.owner, own.uid, own.type))).toBe(own.text);
    }
    expect(new Set(wallet.tokens.map(({ type }) => type))).toEqual(new Set(['RFID', 'APP_USER']));
  });

  it('authorize: the Token and the place come back; unknown is 404/2004, no place 2002 if one is needed (TK-10 … TK-13)', async () => {
    const location = { location_id: 'LOC1', evse_uids: ['E1'] };
    const known = await cpo.operator.authorize({ uid: token.uid, from: cp1, to: em1, location });
    expect(known).toMatchObject({ http: 200, code: 1000, by: 'FR/EM1', info: { allowed: 'ALLOWED', location } });
    expect(known.info?.token).toEqual(readObject(token.text));
    expect(known.info?.authorization_reference).toMatch(/^AR-/);
    expect(await cpo.operator.authorize({ uid: 'NOBODY', from: cp1 })).toMatchObject({ http: 404, code: 2004 });
    provider().tokens.script = { needsLocation: true, allowed: 'NO_CREDIT' };
    expect(await cpo.operator.authorize({ uid: token.uid, from: cp1 })).toMatchObject({ http: 200, code: 2002 });
    const broke = await cpo.operator.authorize({ uid: token.uid, type: 'RFID', from: cp1, location });
    expect(broke).toMatchObject({ code: 1000, info: { allowed: 'NO_CREDIT' } });
  });

  it('START_SESSION: answer, result, session, CDR, and the CDR from where its Location leads', async () => {
    cpo.operator.commands.play({ plan: { updates: 3, intervalMs: 5 } });
    const sent = await start();
    expect(sent).toMatchObject({ http: 200, code: 1000, by: 'DE/CP1', response: { result: 'ACCEPTED', timeout: 30 } });
    const result = await provider().commands.result(sent, 5_000);
    expect(result).toMatchObject({ from: 'DE/CP1', body: { result: 'ACCEPTED' } });
    const charge = await cpo.operator.charges.nth(1, 5_000);
    const [courier] = cpo.operator.courier.sent;
    expect(courier).toMatchObject({ ok: true, url: sent.response_url, attempts: 1 });
    await charge?.done;
    expect(charge?.state).toBe('completed');
    expect(charge?.steps.map(({ what, ok }) => `${what} ${ok}`)).toEqual([
      'PUT session true',
      'PATCH session true',
      'PATCH session true',
      'PATCH session true',
      'PATCH session true',
      'POST cdr true',
      'GET cdr true',
    ]);
    const held = provider().sessions.byId(charge?.facts.sessionId ?? '');
    expect(held?.text).toBe(charge?.session);
    expect(periodsOf(held?.text ?? '')).toHaveLength(3);
    expect(readObject(held?.text)).toMatchObject({ status: 'COMPLETED', kwh: 3.75, auth_method: 'COMMAND' });
    const cdr = provider().cdrs.ofSession(charge?.facts.sessionId ?? '');
    expect(canonicalJson(cdr?.text ?? '')).toBe(canonicalJson(charge?.cdr ?? ''));
    expect(charge?.cdrUrl).toContain(emsp.baseUrl);
  });

  it('STOP_SESSION ends what UNKNOWN_SESSION does not know; lists show it to its eMSP only (S-01, CDR-01)', async () => {
    cpo.operator.commands.play({ plan: { untilStopped: true, intervalMs: 1 } });
    const { commands } = provider();
    await commands.result(await start(), 5_000);
    const charge = await cpo.operator.charges.nth(1, 5_000);
    const stop = (session_id: string) => commands.send({ command: 'STOP_SESSION', from: em1, members: { session_id } });
    expect(await stop('S-NONE')).toMatchObject({ code: 1000, response: { result: 'UNKNOWN_SESSION' } });
    const preferences = { profile_type: 'GREEN' };
    const preferred = await provider().prefer(charge?.facts.sessionId ?? '', preferences, { from: em1 });
    expect([preferred.code, preferred.data]).toEqual([1000, '"ACCEPTED"']);
    await stop(charge?.facts.sessionId ?? '');
    await charge?.done;
    expect(charge?.state).toBe('completed');
    const list = async (module: string, query = ''): Promise<unknown> => {
      const answer = await emsp.send({ method: 'GET', module, role: 'SENDER', query, to: cp1 });
      return answer.code === 1000 ? (JSON.parse(answer.data ?? '') as unknown[]).length : answer.code;
    };
    expect(await list('sessions')).toBe(2001);
    expect(await list('sessions', '?date_from=2020-01-01T00:00:00Z')).toBe(1);
    expect(await list('cdrs')).toBe(1);
    const asked = { method: 'GET', module: 'cdrs', role: 'SENDER' as const, to: cp1 };
    expect((await emsp.send({ ...asked, from: { ...em1, party_id: 'EM2' } })).data).toBe('[]');
    expect(cpo.inspector.byKind).toEqual({ 'routing-from': 1 });
    cpo.inspector.clear();
  });

  it('reservations: taken, cancelled by the eMSP, cancelled by the CPO at the same URL (CMD-09)', async () => {
    const { commands } = provider();
    const expiry_date = '2030-01-01T00:00:00Z';
    const reserve = (reservation_id: string) => {
      const members = { location_id: where().location_id, reservation_id, expiry_date };
      return commands.send({ command: 'RESERVE_NOW', from: em1, token, members });
    };
    const cancel = async (reservation_id: string) => {
      const sent = await commands.send({ command: 'CANCEL_RESERVATION', from: em1, members: { reservation_id } });
      return (await commands.result(sent, 5_000))?.body.result;
    };
    await commands.result(await reserve('R1'), 5_000);
    expect([await cancel('R1'), await cancel('R1')]).toEqual(['ACCEPTED', 'UNKNOWN_RESERVATION']);
    const second = await reserve('R2');
    await commands.result(second, 5_000);
    expect(await cpo.operator.commands.cancelReservation('R2')).toBe(true);
    expect((await commands.result(second, 5_000, 2))?.body).toEqual({ result: 'CANCELED_RESERVATION' });
  });

  it.each([
    ['an unknown Location', { location_id: 'NOWHERE' }, 2003],
    ['a connector without its EVSE', { location_id: 'LOC00001', connector_id: '1' }, 2001],
    ['no Location', {}, 2001],
  ])('refuses a START_SESSION with %s', async (_what, members, code) => {
    expect(await start(members)).toMatchObject({ http: 200, code });
  });

  it('unlocks, and keeps results back until they are released', async () => {
    cpo.operator.commands.play({ hold: true });
    const { commands } = provider();
    const sent = await commands.send({ command: 'UNLOCK_CONNECTOR', from: em1, members: where() });
    expect([sent.results.length, cpo.operator.commands.holding]).toEqual([0, 1]);
    await cpo.operator.commands.release();
    expect(sent.results).toMatchObject([{ body: { result: 'ACCEPTED' } }]);
  });

  it('charging profiles: set, read, cleared, and told of (CP-01 … CP-08)', async () => {
    cpo.operator.commands.play({ plan: { untilStopped: true, intervalMs: 10 } });
    await provider().commands.result(await start(), 5_000);
    const session_id = (await cpo.operator.charges.nth(1, 5_000))?.facts.sessionId ?? '';
    const { profiles } = provider();
    const act = async (action: 'set' | 'get' | 'clear') =>
      (await profiles.send({ action, session_id, from: em1 })).result?.body;
    expect(await act('set')).toEqual({ result: 'ACCEPTED' });
    expect(await act('get')).toMatchObject({
      result: 'ACCEPTED',
      profile: { charging_profile: { min_charging_rate: 1400.5, charging_rate_unit: 'W' } },
    });
    expect(await cpo.operator.profiles.tellActive(session_id)).toBe(true);
    expect(profiles.active.get(session_id)).toMatchObject({ charging_profile: { charging_rate_unit: 'W' } });
    expect(await act('clear')).toEqual({ result: 'ACCEPTED' });
    expect(cpo.operator.profiles.profiles.size).toBe(0);
    const gone = await profiles.send({ action: 'set', session_id: 'S-NONE', from: em1 });
    expect(gone.response).toMatchObject({ result: 'UNKNOWN_SESSION' });
  });

  it('a repeated PATCH appends nothing; a repeated CDR is the same CDR (S-10, CDR-06)', async () => {
    const charge = cpo.operator.charges.start({
      owner: cp1,
      token: { ...em1, uid: token.uid, type: 'RFID', contract_id: token.contractId },
      place,
      authMethod: 'WHITELIST',
      plan: { updates: 1, intervalMs: 1 },
    });
    await charge.done;
    const { sessionId } = charge.facts;
    const held = provider().sessions.byId(sessionId);
    const [period] = periodsOf(held?.text ?? '');
    const body = `{"charging_periods":[${period}],"last_updated":"2030-01-01T00:00:00Z"}`;
    const path = ['DE', 'CP1', sessionId];
    await cpo.send({ method: 'PATCH', module: 'sessions', role: 'RECEIVER', path, body });
    expect(periodsOf(held?.text ?? '')).toEqual([period]);
    const again = { method: 'POST', module: 'cdrs', role: 'RECEIVER' as const, body: charge.cdr };
    expect((await cpo.send(again)).headers.location).toBe(charge.cdrUrl);
    expect(await cpo.send({ ...again, body: charge.cdr?.replace('EUR', 'CHF') })).toMatchObject({
      http: 200,
      code: 2001,
    });
  });

  it('both ends of a leg are in the logs, with the same ids', async () => {
    const sent = await start();
    const [out] = emsp.legs.list(sent.correlation_id);
    const [into] = cpo.legs.list(sent.correlation_id);
    expect(out).toMatchObject({
      direction: 'out',
      from: 'FR/EM1',
      to: 'DE/CP1',
      answer: { from: 'DE/CP1', to: 'FR/EM1' },
    });
    expect(into).toMatchObject({
      direction: 'in',
      request_id: out?.request_id,
      from: 'FR/EM1',
      to: 'DE/CP1',
      code: 1000,
    });
  });

  it('a custom module answers with what it was sent', async () => {
    const call = { method: 'POST', module: 'nlhub-echo', role: 'RECEIVER' as const, path: ['a', 'b c'], query: '?x=1' };
    const answer = await emsp.send({ ...call, body: '{"n":1.0}' });
    expect(JSON.parse(answer.data ?? '')).toEqual({
      method: 'POST',
      path: ['a', 'b c'],
      query: 'x=1',
      body: '{"n":1.0}',
    });
  });
});
