import { expect } from '@jest/globals';
import { type Answer, envelope, location, type TestHub } from '../../support/hub/index.js';
import { receiverUrl } from './forwarding.js';
import { expectCodes, fromParty, putLocation, toHub, toParty } from './kit.js';
import { elsewhere, notTestable, type Row, tested } from './row.js';

const passThrough = 'test/contract/pass-through-contract.ts';
const lifetimes = 'test/integration/callback-lifetimes.test.ts';
const atTheCpo = 'What a CPO does behind its interface.';

export const commandTypes = ['CANCEL_RESERVATION', 'RESERVE_NOW', 'START_SESSION', 'STOP_SESSION', 'UNLOCK_CONNECTOR'];
const token = { country_code: 'FR', party_id: 'EM1', uid: 'U1', type: 'RFID', contract_id: 'C1' };
const command = (hub: TestHub, fields: object = {}) => ({
  response_url: `${hub.partner('P2').origin}/cb/7?a=b`,
  token,
  location_id: 'LOC1',
  ...fields,
});
const send = (
  hub: TestHub,
  body: unknown,
  headers: Record<string, string> = toParty('DE', 'CP1'),
  type = 'START_SESSION',
) => hub.as('P2', 'POST', receiverUrl('commands', `/${type}`), { body, headers });
/** The hub's URL in what the CPO got. */
const callbackOf = (hub: TestHub): string =>
  (JSON.parse(hub.partner('P1').last.bytes.toString('utf8')) as { response_url: string }).response_url;
const report = (hub: TestHub, body: unknown): Promise<Answer> =>
  hub.as('P1', 'POST', callbackOf(hub), { body, headers: fromParty('DE', 'CP1') });

export const commandRows: readonly Row[] = [
  tested('CMD-01', 'must', 'Receiver: POST of five words; another is 404', async (hub) => {
    for (const type of commandTypes) {
      expectCodes(await send(hub, command(hub), undefined, type), 200, 1000);
      expect(hub.partner('P1').last).toMatchObject({ method: 'POST', target: `/api/receiver/commands/${type}` });
    }
    for (const type of ['OPEN_GATE', 'start_session'])
      expectCodes(await send(hub, command(hub), undefined, type), 404, 2000);
    expect(hub.partner('P1').received).toHaveLength(commandTypes.length);
  }),
  tested('CMD-02', 'MUST', 'the body has a response_url', async (hub) => {
    for (const response_url of [undefined, null, 7, '', 'nonsense'])
      expectCodes(await send(hub, command(hub, { response_url })), 200, 2001);
    expect(hub.partner('P1').received).toEqual([]);
  }),
  tested('CMD-03', 'must', 'the synchronous answer passes as it is, wrapped', async (hub) => {
    const text =
      '{ "data":{"result":"ACCEPTED","timeout":30,"x":1.0},"status_code":1000,"timestamp":"2026-05-01T12:00:00Z"}';
    hub.partner('P1').behaviour = () => ({ body: text });
    expect(expectCodes(await send(hub, command(hub)), 200, 1000).text).toBe(text);
  }),
  tested('CMD-04', 'must', 'each of its results reaches the eMSP', async (hub) => {
    for (const result of ['ACCEPTED', 'NOT_SUPPORTED', 'REJECTED', 'UNKNOWN_SESSION']) {
      hub.partner('P1').behaviour = () => ({ body: envelope({ result, timeout: 30 }) });
      expect((await send(hub, command(hub))).data).toEqual({ result, timeout: 30 });
    }
  }),
  tested(
    'CMD-05',
    'must',
    'the result goes bare to exactly response_url, and is answered in the envelope',
    async (hub) => {
      await send(hub, command(hub));
      const text = '{"result":"ACCEPTED" , "message":[]}';
      expectCodes(await report(hub, text), 200, 1000);
      const { method, target, bytes } = hub.partner('P2').last;
      expect([method, target, bytes.toString('utf8')]).toEqual(['POST', '/cb/7?a=b', text]);
    },
  ),
  tested('CMD-06', 'must', 'an unknown Location is 2003, from the hub and from a CPO', async (hub) => {
    expectCodes(await send(hub, command(hub), {}), 200, 2003);
    hub.partner('P1').behaviour = () => ({ body: { ...envelope(undefined, 2003), status_message: 'unknown' } });
    expectCodes(await send(hub, command(hub)), 200, 2003);
  }),
  elsewhere('CMD-07', 'must', 'the hub forgets where a result goes after timeout and a margin', lifetimes),
  tested('CMD-08', 'must', 'each result of a command reaches the eMSP', async (hub) => {
    for (const result of [
      'ACCEPTED',
      'CANCELED_RESERVATION',
      'EVSE_OCCUPIED',
      'EVSE_INOPERATIVE',
      'FAILED',
      'NOT_SUPPORTED',
      'REJECTED',
      'TIMEOUT',
      'UNKNOWN_RESERVATION',
    ]) {
      await send(hub, command(hub));
      expectCodes(await report(hub, { result }), 200, 1000);
      expect(JSON.parse(hub.partner('P2').last.bytes.toString('utf8'))).toEqual({ result });
    }
  }),
  elsewhere('CMD-09', 'must', 'a reservation is reported on until it ends', passThrough),
  tested('CMD-10', 'must', 'to TO, or to who owns the Location; the result to who asked', async (hub) => {
    await putLocation(hub, location());
    for (const headers of [toParty('DE', 'CP1'), {}, toHub]) {
      expectCodes(await send(hub, command(hub), headers), 200, 1000);
      expect(hub.partner('P1').last.headers).toMatchObject({ 'ocpi-to-party-id': 'CP1', 'ocpi-from-party-id': 'EM1' });
      expect(callbackOf(hub)).toMatch(`${hub.url}/ocpi/2.2.1/sender/commands/START_SESSION/`);
      await report(hub, { result: 'ACCEPTED' });
      expect(hub.partner('P2').last).toMatchObject({
        token: 'for-P2',
        headers: { 'ocpi-to-party-id': 'EM1', 'ocpi-from-party-id': 'CP1' },
      });
    }
  }),
  tested('CMD-11', 'must', 'connector_id needs evse_uid', async (hub) => {
    expectCodes(await send(hub, command(hub, { connector_id: '1' })), 200, 2001);
    expectCodes(await send(hub, command(hub, { connector_id: '1', evse_uid: 'E1' })), 200, 1000);
    expect(hub.partner('P1').received).toHaveLength(1);
  }),
  tested('CMD-12', 'MUST', "the Token is the sender's own", async (hub) => {
    for (const type of ['START_SESSION', 'RESERVE_NOW'])
      expectCodes(await send(hub, command(hub, { token: { ...token, party_id: 'EM2' } }), undefined, type), 200, 2001);
    expect(hub.partner('P1').received).toEqual([]);
  }),
  notTestable('CMD-13', 'MUST', 'no real-time authorization of a commanded Token', atTheCpo),
  tested('CMD-14', 'must', 'GET, PUT, PATCH, DELETE do not exist', async (hub) => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'])
      expectCodes(
        await hub.as('P2', method, receiverUrl('commands', '/START_SESSION'), { body: command(hub) }),
        405,
        2000,
      );
  }),
  tested('CMD-15', 'MUST', 'reservation ids pass unchanged', async (hub) => {
    const body = command(hub, { reservation_id: 'r/1 ä', expiry_date: '2026-05-01T15:00:00Z' });
    await send(hub, body, undefined, 'RESERVE_NOW');
    expect(JSON.parse(hub.partner('P1').last.bytes.toString('utf8'))).toEqual({
      ...body,
      response_url: callbackOf(hub),
    });
  }),
];
