import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeAuthorization } from '../../src/kernel/credentials-token.js';
import { cast, envelope, sendRaw, startTestHub, type TestHub } from '../support/hub/index.js';

const sessions = '/ocpi/2.2.1/receiver/sessions';
const cp1 = { 'OCPI-to-country-code': 'DE', 'OCPI-to-party-id': 'CP1' };
const em1 = { 'OCPI-to-country-code': 'FR', 'OCPI-to-party-id': 'EM1' };
const cdrToken = { country_code: 'FR', party_id: 'EM1', uid: 'u' };

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({ reachable: true });
});
beforeEach(() => hub.forget());
afterAll(() => hub.close());

describe('a hostile or careless partner', () => {
  it.each(['h', 'hh', 'hub.example', 'a'.repeat(22)])(
    'cannot shift the path that is passed on by naming the whole URL at %s (R-07, T8)',
    async (host) => {
      const body = JSON.stringify({ cdr_token: cdrToken });
      await sendRaw(
        hub.url,
        `PUT http://${host}${sessions}/DE/CP1/S1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
          `Authorization: ${encodeAuthorization(cast.P1.token)}\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect(hub.partner('P2').received.map(({ target }) => target)).toEqual(['/api/receiver/sessions/DE/CP1/S1']);
    },
  );

  it('makes no figure of its own by the name of a module (T12)', async () => {
    await hub.call('GET', '/ocpi/2.2.1/receiver/acme-anything/x');
    await hub.as('P1', 'GET', '/ocpi/2.2.1/receiver/acme-something/x');
    expect(hub.outcomes.map(({ module, httpStatus }) => [module, httpStatus])).toEqual([
      ['', 401],
      ['', 404],
    ]);
  });

  it.each([
    ['PUT', `${sessions}/DE/CP1/S2`],
    ['POST', '/ocpi/2.2.1/receiver/cdrs'],
  ])('fills no log with what cannot be a party (%s, T20)', async (method, target) => {
    const cdr_token = { ...cdrToken, country_code: 'x'.repeat(200_000) };
    const answer = await hub.as('P1', method, target, { body: { cdr_token } });
    expect(answer.body.status_code).toBe(4001);
    expect(JSON.stringify(hub.outcomes.at(-1)?.trace).length).toBeLessThan(1_000);
  });

  it('cannot PATCH what another party owns through the body (S-03, T2)', async () => {
    const body = { country_code: 'AT', party_id: 'CP3' };
    const answer = await hub.as('P1', 'PATCH', `${sessions}/DE/CP1/S3`, { headers: em1, body });
    expect([answer.body.status_code, hub.partner('P2').received]).toEqual([2001, []]);
  });

  it('is not told of a charging profile that somebody else has set (CP-07, T3)', async () => {
    const set = (who: 'P2' | 'P3', result: string) => {
      hub.partner('P1').behaviour = () => ({ body: envelope({ result, timeout: 30 }) });
      const body = { charging_profile: {}, response_url: `${hub.partner(who).origin}/result` };
      return hub.as(who, 'PUT', '/ocpi/2.2.1/receiver/chargingprofiles/S4', { headers: cp1, body });
    };
    await set('P2', 'ACCEPTED');
    await set('P3', 'REJECTED');
    hub.forget();
    await hub.as('P1', 'PUT', '/ocpi/2.2.1/sender/chargingprofiles/S4', { body: {} });
    expect([hub.partner('P2').received.length, hub.partner('P3').received.length]).toEqual([1, 0]);
  });

  it('fills no disk with answers that are remembered for a repeated command (T12, T17)', async () => {
    hub.partner('P1').behaviour = () => ({
      body: envelope({ result: 'ACCEPTED', timeout: 3, pad: 'p'.repeat(200_000) }),
    });
    const command = {
      headers: { ...cp1, 'X-Request-ID': 'long-answer' },
      body: { location_id: 'L', evse_uid: 'E', connector_id: '1', response_url: `${hub.partner('P2').origin}/result` },
    };
    const send = () => hub.as('P2', 'POST', '/ocpi/2.2.1/receiver/commands/UNLOCK_CONNECTOR', command);
    const [first, second] = [await send(), await send()];
    const largest = hub.storage.reader.prepare('SELECT max(length(answer)) AS bytes FROM request_guard').get();
    expect([first.body.status_code, second.body.status_code, hub.partner('P1').received.length]).toEqual([
      1000, 4002, 1,
    ]);
    expect((largest as { bytes: number }).bytes).toBeLessThan(32 * 1024);
  });
});
