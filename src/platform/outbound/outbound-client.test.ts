import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { systemClock } from '../../kernel/clock.js';
import { OutboundClient } from './outbound-client.js';
import { isSuccess, type OutboundRequest } from './outbound-types.js';

const origin = 'https://ocpi.partner.example';
const success = { status_code: 1000, timestamp: '2026-01-01T00:00:00Z' };
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const client = new OutboundClient({ policy: { development: false, allowedNetworks: [] }, clock: systemClock });

function push(overrides: Partial<OutboundRequest> = {}): OutboundRequest {
  return {
    method: 'PATCH',
    url: `${origin}/ocpi/locations/NL/ABC/L1`,
    token: 'secret-token',
    origins: [origin],
    profile: 'push',
    body: '{"status":"CHARGING","price":150000.0}',
    ...overrides,
  };
}

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(async () => {
  await client.close();
  nock.restore();
});

describe('OutboundClient', () => {
  it('sends the token in Base64, both message ids and JSON (T-01, T-02, T-11, T-19, T-23)', async () => {
    let headers: Record<string, string> = {};
    let body = '';
    nock(origin)
      .patch('/ocpi/locations/NL/ABC/L1', (sent) => {
        body = JSON.stringify(sent);
        return true;
      })
      .reply(function () {
        headers = this.req.headers;
        return [200, success];
      });
    const outcome = await client.send(push({ headers: { 'OCPI-to-party-id': 'XYZ' } }));
    expect(outcome).toMatchObject({ kind: 'answered', httpStatus: 200, statusCode: 1000, envelope: true });
    expect(headers).toMatchObject({
      authorization: `Token ${Buffer.from('secret-token').toString('base64')}`,
      'content-type': 'application/json',
      'content-length': '38',
      'accept-encoding': 'identity',
      'ocpi-to-party-id': 'XYZ',
      host: 'ocpi.partner.example',
    });
    expect(headers['x-request-id']).toMatch(uuid);
    expect(headers['x-correlation-id']).toMatch(uuid);
    expect(headers['x-request-id']).not.toBe(headers['x-correlation-id']);
    expect(outcome).toMatchObject({ requestId: headers['x-request-id'] });
    expect(JSON.parse(body)).toEqual({ status: 'CHARGING', price: 150000 });
  });

  it('sends the raw token to a partner that is flagged for it, and the ids it was given (T-05, T-21)', async () => {
    nock(origin, {
      reqheaders: { authorization: 'Token secret-token', 'x-request-id': 'r-1', 'x-correlation-id': 'c-1' },
    })
      .get('/versions')
      .reply(200, success);
    const outcome = await client.send({
      method: 'GET',
      url: `${origin}/versions`,
      token: 'secret-token',
      tokenForm: 'raw',
      origins: [`${origin.toUpperCase()}/`],
      profile: 'handshake',
      requestId: 'r-1',
      correlationId: 'c-1',
    });
    expect(isSuccess(outcome)).toBe(true);
  });

  it('gives requests without body no Content-Type', async () => {
    let headers: Record<string, string> = {};
    nock(origin)
      .delete('/x')
      .reply(function () {
        headers = this.req.headers;
        return [200, success];
      });
    await client.send({ method: 'DELETE', url: `${origin}/x`, token: 't', origins: [origin], profile: 'push' });
    expect(headers).not.toHaveProperty('content-type');
  });

  it.each([
    ['a 2xx with 1xxx', 201, '{"status_code":1000}', true, 1000],
    ['a 2xx with 2xxx', 200, '{"status_code":2001,"status_message":"bad"}', false, 2001],
    ['a 2xx with 3xxx', 200, '{"status_code":3000}', false, 3000],
    ['a 4xx with 1xxx', 404, '{"status_code":1000}', false, 1000],
    ['a 4xx with 2xxx', 400, '{"status_code":2001}', false, 2001],
    ['an empty 204', 204, '', false, undefined],
    ['HTML', 200, '<html></html>', false, undefined],
    ['an envelope behind a byte order mark', 200, '\uFEFF{"status_code":1000}', true, 1000],
  ])('judges %s by both codes (ST-11)', async (_name, httpStatus, text, isGood, statusCode) => {
    nock(origin).patch(/.*/).reply(httpStatus, text);
    const outcome = await client.send(push());
    expect(outcome).toMatchObject({ kind: 'answered', httpStatus, statusCode, envelope: statusCode !== undefined });
    expect(isSuccess(outcome)).toBe(isGood);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %i', async (status) => {
    nock(origin)
      .patch('/ocpi/locations/NL/ABC/L1')
      .reply(status, '', { Location: `${origin}/elsewhere` });
    const elsewhere = nock(origin).get('/elsewhere').reply(200, success).patch('/elsewhere').reply(200, success);
    const outcome = await client.send(push());
    expect(outcome).toMatchObject({ kind: 'answered', httpStatus: status });
    expect(isSuccess(outcome)).toBe(false);
    expect(elsewhere.pendingMocks()).toHaveLength(2);
  });

  it('gives the token to no origin but those of the partner (T9)', async () => {
    const other = nock('https://other.example').patch(/.*/).reply(200, success);
    for (const url of ['https://other.example/x', `${origin}:8443/x`, `${origin}.evil.example/x`]) {
      expect(await client.send(push({ url }))).toEqual({ kind: 'refused', reason: 'foreign-origin' });
    }
    expect(await client.send(push({ origins: [] }))).toEqual({ kind: 'refused', reason: 'foreign-origin' });
    expect(other.isDone()).toBe(false);
  });

  it('refuses header values that would split the request', async () => {
    const outcome = await client.send(push({ headers: { 'OCPI-to-party-id': 'A\r\nX-Evil: 1' } }));
    expect(outcome).toEqual({ kind: 'refused', reason: 'bad-header' });
  });

  it.each([
    ['ENOTFOUND', { kind: 'unreachable', reason: 'dns' }],
    ['ECONNREFUSED', { kind: 'unreachable', reason: 'connect' }],
    ['ECONNRESET', { kind: 'ambiguous', reason: 'reset', bytesSent: true }],
  ])('turns %s into an outcome', async (code, outcome) => {
    nock(origin)
      .patch(/.*/)
      .replyWithError(Object.assign(new Error(code), { code }));
    expect(await client.send(push())).toMatchObject(outcome);
  });

  it('refuses what comes after close', async () => {
    const closed = new OutboundClient({ policy: { development: false, allowedNetworks: [] }, clock: systemClock });
    await closed.close();
    expect(await closed.send(push())).toEqual({ kind: 'refused', reason: 'closed' });
  });
});
