import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closeAll, limits, success } from '../outbound/testing/raw-partner.js';
import { ForwardFailure } from './forward-failure.js';
import type { ForwardedAnswer } from './forwarding-types.js';
import { cp1, em1, newForwarder, order, platform, rawReceiver, receiverAt, reply } from './testing/raw-receiver.js';

afterEach(closeAll);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** How passing on failed. */
async function failure(answer: Promise<ForwardedAnswer>): Promise<ForwardFailure> {
  const error: unknown = await answer.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ForwardFailure) return error;
  throw error;
}

/** How a receiver's answer is handed on, or what is said instead. */
async function handedOn(answer: string | Buffer, switches = {}) {
  const { port, got } = await rawReceiver(() => answer);
  const { forwarder, refused, dropped } = newForwarder();
  const ended = await forwarder.forward(order(), receiverAt(port, { switches })).catch((error: unknown) => error);
  expect(got).toHaveLength(1);
  return { ended, refused, dropped };
}

describe('what a receiver gets', () => {
  it('is method, sub-path, query and body as received, below its own endpoint (R-07)', async () => {
    const { port, got } = await rawReceiver();
    const body = Buffer.from('{ "unknown":{"x":1.50e0},"name":"Zo\\u00eb ü","big":12345678901234567890}\n');
    await newForwarder().forwarder.forward(
      order({ method: 'PUT', path: '/DE/CP1/%41%2Fb', query: "a=%27'&a=2", body }),
      receiverAt(port),
    );
    expect(got[0]?.line).toBe("PUT /ocpi/cpo/2.2.1/module/DE/CP1/%41%2Fb?a=%27'&a=2 HTTP/1.1");
    expect(got[0]?.body.equals(body)).toBe(true);
  });

  it("is the hub's token, both ids, TO and FROM as received, and no other header (R-04, R-06, T-21)", async () => {
    const { port, got } = await rawReceiver();
    const { forwarder } = newForwarder();
    const answer = await forwarder.forward(
      order({ method: 'POST', body: Buffer.from('{}'), to: { country_code: 'de', party_id: 'cp1' } }),
      receiverAt(port),
    );
    const { 'X-Request-ID': requestId, ...headers } = got[0]?.headers ?? {};
    expect(headers).toEqual({
      Host: `127.0.0.1:${port}`,
      Authorization: `Token ${Buffer.from('token-that-the-hub-holds').toString('base64')}`,
      'X-Correlation-ID': 'correlation-of-the-caller',
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      'User-Agent': 'roamhub',
      'OCPI-to-country-code': 'de',
      'OCPI-to-party-id': 'cp1',
      'OCPI-from-country-code': 'FR',
      'OCPI-from-party-id': 'EM1',
      'Content-Type': 'application/json',
      'Content-Length': '2',
      Connection: 'keep-alive',
    });
    expect(requestId).toMatch(uuid);
    expect(answer.requestId).toBe(requestId);
  });

  it('is the token as the partner wants it (T-05)', async () => {
    const { port, got } = await rawReceiver();
    await newForwarder().forwarder.forward(order(), receiverAt(port, { switches: { outbound_raw: true } }));
    expect(got[0]?.headers.Authorization).toBe('Token token-that-the-hub-holds');
  });

  it('is nothing if the path leads outside of its endpoint, or the query cannot be sent (T8)', async () => {
    const { port, got } = await rawReceiver();
    const { forwarder } = newForwarder();
    for (const fields of [{ path: '/../tokens' }, { path: '@x/' }, { query: 'a=#b' }, { query: 'x'.repeat(5_000) }]) {
      const told = await failure(forwarder.forward(order(fields), receiverAt(port)));
      expect(told).toMatchObject({ httpStatus: 200, statusCode: 2001, mayHaveArrived: false, outcome: 'refused' });
    }
    expect(got).toEqual([]);
  });

  it('is nothing outside of the origins of its partner (T9)', async () => {
    const { port, got } = await rawReceiver();
    const receiver = receiverAt(port, { partner: platform({ origins: ['https://elsewhere.example'] }) });
    const told = await failure(newForwarder().forwarder.forward(order(), receiver));
    expect(told).toMatchObject({ statusCode: 4003, detail: 'foreign-origin', mayHaveArrived: false });
    expect(told.message).toBe('The receiving party is not connected.');
    expect(got).toEqual([]);
  });
});

describe('what the caller is told if there is no answer', () => {
  it('is 4003 if nobody listens or the name is unknown (R-12)', async () => {
    const { port } = await rawReceiver();
    await closeAll();
    const { forwarder } = newForwarder({ client: { resolve: (_name, answer) => answer(new Error('ENOTFOUND'), []) } });
    const closed = await failure(forwarder.forward(order(), receiverAt(port)));
    expect(closed).toMatchObject({ httpStatus: 200, statusCode: 4003, outcome: 'unreachable', mayHaveArrived: false });
    const origin = 'http://nowhere.localhost';
    const unknown = receiverAt(port, { url: `${origin}/x`, partner: platform({ origins: [origin] }) });
    const unnamed = await failure(forwarder.forward(order(), unknown));
    expect(unnamed).toMatchObject({ statusCode: 4003, mayHaveArrived: false, detail: 'dns: ENOTFOUND' });
    expect(unnamed.message).toBe('The receiving party is not connected.');
  });

  it('is 4003 if TLS does not come about (R-12)', async () => {
    const { port } = await rawReceiver((_got, socket) => void socket.destroy());
    const origin = `https://127.0.0.1:${port}`;
    const receiver = receiverAt(port, { url: `${origin}/x`, partner: platform({ origins: [origin] }) });
    const { forwarder } = newForwarder({ client: limits('forward', { totalMs: 1_000 }) });
    expect(await failure(forwarder.forward(order(), receiver))).toMatchObject({
      statusCode: 4003,
      mayHaveArrived: false,
    });
  });

  it('is 4002 if none came in time, no later than a quarter of a second after it (R-13, P10)', async () => {
    const { port, got } = await rawReceiver(() => undefined);
    const { forwarder } = newForwarder({ client: limits('forward', { totalMs: 300, firstByteMs: 300 }) });
    const startedAt = performance.now();
    const told = await failure(forwarder.forward(order({ method: 'POST' }), receiverAt(port)));
    const after = performance.now() - startedAt;
    expect(told).toMatchObject({ httpStatus: 200, statusCode: 4002, outcome: 'timeout', mayHaveArrived: true });
    expect(after).toBeGreaterThan(290);
    expect(after).toBeLessThan(550);
    expect(got).toHaveLength(1);
  });

  it('is 4002 if the connection broke after the message had left, and it is not sent again (R-13, P10)', async () => {
    const { port, got } = await rawReceiver((_got, socket) => void socket.resetAndDestroy());
    const { forwarder } = newForwarder();
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const told = await failure(forwarder.forward(order({ method }), receiverAt(port)));
      expect(told).toMatchObject({ statusCode: 4002, outcome: 'reset', mayHaveArrived: true });
    }
    expect(got).toHaveLength(5);
    expect(new Set(got.map(({ headers }) => headers['X-Request-ID'])).size).toBe(5);
  });

  it('is told at once when the caller has gone', async () => {
    const gone = new AbortController();
    const { port } = await rawReceiver(() => void gone.abort());
    const told = await failure(newForwarder().forwarder.forward(order({ signal: gone.signal }), receiverAt(port)));
    expect(told).toMatchObject({ outcome: 'aborted', mayHaveArrived: true });
    const before = await failure(newForwarder().forwarder.forward(order({ signal: gone.signal }), receiverAt(port)));
    expect(before).toMatchObject({ outcome: 'aborted', mayHaveArrived: false });
  });
});

describe('what the caller is told of an answer', () => {
  it.each([
    [200, 1000],
    [200, 2003],
    [200, 3001],
    [200, 4002],
    [201, 1000],
    [202, 1000],
    [400, 2001],
    [404, 2003],
    [405, 2000],
    [409, 2000],
    [413, 2001],
  ])('is the answer itself for HTTP %d with status_code %d (R-16, R-17, ST-09)', async (status, code) => {
    const body = `\uFEFF {"x" : 1.0, "status_code":${code} ,"status_message":"é"}`;
    const { ended } = await handedOn(reply(status, body));
    expect(ended).toMatchObject({ httpStatus: status, statusCode: code, from: cp1 });
    expect((ended as ForwardedAnswer).body.toString()).toBe(body);
  });

  it.each([401, 403])('is 4003 for HTTP %d, and somebody is told that our token was refused (R-16)', async (status) => {
    const { ended, refused } = await handedOn(reply(status, '{"status_code":2000}'));
    expect(ended).toMatchObject({
      httpStatus: 200,
      statusCode: 4003,
      httpStatusOfReceiver: status,
      mayHaveArrived: true,
    });
    expect(refused).toEqual(['p-1']);
  });

  it.each([300, 301, 302, 307, 308, 407, 408, 429, 500, 501, 502, 503, 504, 599])(
    'is 4000 for HTTP %d, whatever it says (R-16)',
    async (status) => {
      const { ended, refused } = await handedOn(
        reply(status, success, 'Retry-After: 1000\r\nLocation: http://127.0.0.1:1/\r\n'),
      );
      expect(ended).toMatchObject({ httpStatus: 200, statusCode: 4000, httpStatusOfReceiver: status });
      expect((ended as ForwardFailure).headers).toEqual({});
      expect(refused).toEqual([]);
    },
  );

  it.each([
    ['nothing', ''],
    ['HTML', '<html><body>It works!</body></html>'],
    ['a list', '[{"status_code":1000}]'],
    ['no code', '{"data":[]}'],
    ['a code that is no number', '{"status_code":"1000"}'],
    ['broken JSON', '{"status_code":1000'],
    ['a number', '1000'],
  ])('is 4000 for %s (R-16), and the answer itself at a partner that is believed', async (_what, body) => {
    for (const status of [200, 404])
      expect((await handedOn(reply(status, body))).ended).toMatchObject({ statusCode: 4000 });
    const lenient = await handedOn(reply(200, body), { lenient_envelope: true });
    expect(lenient.ended).toMatchObject({ httpStatus: 200, statusCode: undefined });
    expect((lenient.ended as ForwardedAnswer).body.toString()).toBe(body);
    const failed = await handedOn(reply(404, body), { lenient_envelope: true });
    expect(failed.ended).toMatchObject({ statusCode: 4000 });
  });

  it('is 4000 for what is no UTF-8', async () => {
    const body = Buffer.from(success.replace('1000', '1000,"x":"\u00ff"'), 'latin1');
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect((await handedOn(Buffer.concat([Buffer.from(head), body]))).ended).toMatchObject({ statusCode: 4000 });
  });

  it('is 4000 for an answer that is encoded, too large or no HTTP', async () => {
    const { port } = await rawReceiver(({ line }) =>
      line.includes('gzip')
        ? reply(200, success, 'Content-Encoding: gzip\r\n')
        : line.includes('large')
          ? 'HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n'
          : 'no HTTP at all\r\n\r\n',
    );
    const { forwarder } = newForwarder();
    for (const query of ['gzip', 'large', 'none']) {
      const told = await failure(forwarder.forward(order({ query }), receiverAt(port)));
      expect(told).toMatchObject({ statusCode: 4000, mayHaveArrived: true });
    }
  });
});

describe('the headers of an answer', () => {
  it('are those of a list and no others (R-51)', async () => {
    const { ended } = await handedOn(
      reply(
        200,
        success,
        'X-Total-Count: 12\r\nX-Limit: 5\r\nSet-Cookie: a=b\r\nServer: x\r\nX-Request-ID: r\r\nX-Correlation-ID: c\r\n' +
          'Keep-Alive: timeout=5\r\nConnection: keep-alive, x-hop\r\nX-Hop: 1\r\nRetry-After: 5\r\nETag: "1"\r\n' +
          'Location: https://cpo.example/x\r\nAuthorization: Token x\r\nOCPI-to-party-id: HUB\r\nDate: x\r\n',
      ),
    );
    const { headers } = ended as ForwardedAnswer;
    expect(headers).toEqual(['Content-Type', 'application/json', 'X-Total-Count', '12', 'X-Limit', '5']);
  });

  it('say that it is JSON', async () => {
    const typed = async (type: string) => {
      const { ended } = await handedOn(reply().replace('application/json', type));
      return (ended as ForwardedAnswer).headers[1];
    };
    expect(await typed('application/json; charset=UTF-8')).toBe('application/json; charset=UTF-8');
    expect(await typed('text/html')).toBe('application/json');
  });

  it('name who answered: as the receiver says, if it may (R-05, T2)', async () => {
    const answering = async (country: string, party: string) => {
      const headers = `ocpi-from-country-code: ${country}\r\nOCPI-FROM-party-id: ${party}\r\n`;
      return ((await handedOn(reply(200, success, headers))).ended as ForwardedAnswer).from;
    };
    expect(await answering('de', 'cp1')).toEqual({ country_code: 'de', party_id: 'cp1' });
    expect(await answering('NL', 'XXX')).toEqual(cp1);
    expect(await answering('NLD', 'XXXX')).toEqual(cp1);
    const { port } = await rawReceiver(() =>
      reply(200, success, 'OCPI-from-country-code: DE\r\nOCPI-from-party-id: CP2\r\n'),
    );
    const origins = [`http://127.0.0.1:${port}`];
    const both = platform({
      origins,
      roles: [cp1, { ...cp1, party_id: 'CP2' }].map((one) => ({ role: 'CPO', ...one })),
    });
    const { from } = await newForwarder().forwarder.forward(order(), receiverAt(port, { partner: both }));
    expect(from).toEqual({ country_code: 'DE', party_id: 'CP2' });
  });
});

describe('a long answer', () => {
  const list = (bytes: number): string => `{"data":["${'ö'.repeat(bytes / 2)}"],"status_code":1000}`;

  it('is handed on while it arrives, byte for byte, its code unread', async () => {
    const body = list(2_000_001);
    const { ended } = await handedOn(reply(200, body));
    const { headers, statusCode, body: stream } = ended as ForwardedAnswer;
    expect(statusCode).toBeUndefined();
    expect(headers.slice(2)).toEqual(['Content-Length', String(Buffer.byteLength(body))]);
    if (Buffer.isBuffer(stream)) throw new Error('it was collected');
    expect((await buffer(stream)).toString()).toBe(body);
  });

  it('has its code if that stands in front', async () => {
    const { ended } = await handedOn(
      reply(200, `{"timestamp":"x","status_code":1000,"data":"${'x'.repeat(200_000)}"}`),
    );
    expect(ended).toMatchObject({ statusCode: 1000 });
    await (ended as { body: { destroy(): void } }).body.destroy();
  });

  it.each([
    ['HTML', `<html>${'x'.repeat(200_000)}</html>`],
    ['a list', `[${'1,'.repeat(100_000)}1]`],
    ['another object', `{"objects":[${'1,'.repeat(100_000)}1],"status_code":1000}`],
    ['a code that is none', `{"status_code":"ok","data":"${'x'.repeat(200_000)}"}`],
    ['no UTF-8', Buffer.from(`{"data":"${'ü'.repeat(200_000)}"}`, 'latin1')],
  ])('is 4000 if it is %s', async (_what, body) => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    const { ended } = await handedOn(Buffer.concat([Buffer.from(head), Buffer.from(body)]));
    expect(ended).toMatchObject({ statusCode: 4000 });
  });

  it('is collected up to 256 kB for who wants to look into it, and 4000 beyond', async () => {
    const { port } = await rawReceiver(({ line }) => reply(200, list(line.includes('longer') ? 300_000 : 200_000)));
    const { forwarder } = newForwarder();
    const { body, statusCode } = await forwarder.forward(order(), receiverAt(port), { whole: true });
    expect(Buffer.isBuffer(body)).toBe(true);
    expect(statusCode).toBe(1000);
    const told = await failure(forwarder.forward(order({ query: 'longer' }), receiverAt(port), { whole: true }));
    expect(told).toMatchObject({ statusCode: 4000, mayHaveArrived: true });
  });

  it('breaks off in the hands of its reader if it breaks off at the receiver', async () => {
    const { port } = await rawReceiver((_got, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n{"data":"${'x'.repeat(200_000)}`, () =>
        socket.destroy(),
      );
      return undefined;
    });
    const { body } = await newForwarder().forwarder.forward(order({ from: em1 }), receiverAt(port));
    if (Buffer.isBuffer(body)) throw new Error('it was collected');
    await expect(buffer(body)).rejects.toThrow('The answer broke off: reset.');
  });
});
