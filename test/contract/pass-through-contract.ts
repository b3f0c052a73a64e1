import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/kernel/clock.js';
import {
  enveloped,
  from,
  type NodeOptions,
  type Received,
  routeOf,
  TestNode,
  TestPlatform,
  to,
} from './pass-through-world.js';
import type { OpenStorage, StorageUnderTest } from './storage-under-test.js';

const ids = (id: string) => ({ 'X-Request-ID': id, 'X-Correlation-ID': `c-${id}` });
const accepted = enveloped({ result: 'ACCEPTED', timeout: 30 });
const result = '{ "result" : "ACCEPTED", "x": 1.50 }';
const token = { country_code: 'FR', party_id: 'EM1', uid: 'U1', type: 'RFID', contract_id: 'C1' };

/** What passes through the hub and comes back later, whichever the database. */
export function describePassThrough(name: string, open: OpenStorage): void {
  describe(`what passes through, on ${name}`, () => {
    const cpo = new TestPlatform('P1', ['DE/CP1/CPO']);
    const emsp = new TestPlatform('P2', ['FR/EM1/EMSP']);
    const other = new TestPlatform('P3', ['BE/EM2/EMSP']);
    const twin = new TestPlatform('P5', ['DE/CP2/CPO']);
    const scsp = new TestPlatform('P7', ['NL/SCS/SCSP']);
    const platforms = [cpo, emsp, other, twin, scsp];
    let under: StorageUnderTest;
    let hub: TestNode;
    let count = 0;

    beforeAll(async () => {
      under = await open();
      for (const platform of platforms) await platform.listen();
    });
    afterAll(async () => {
      for (const platform of platforms) await platform.silence();
      await under.release();
    });
    beforeEach(async () => {
      hub = await start();
      for (const platform of platforms) {
        platform.received.length = 0;
        platform.status = 'CONNECTED';
        platform.answer = () => enveloped();
      }
      cpo.answer = () => accepted;
    });
    afterEach(() => hub.end());

    const start = (options: Partial<NodeOptions> = {}): Promise<TestNode> =>
      TestNode.start({ storage: under.storage, clock: systemClock, platforms, ...options });
    const fresh = (): string => `r${++count}`;

    /** START_SESSION of EM1, with odd white space, a number and a field that must all survive. */
    const startBody = (fields: object = {}): string =>
      `{ "response_url" :"${emsp.origin}/cb?for=1&x=%20" ,\n "token":${JSON.stringify(token)},"location_id": "LOC1", "x": 1.50,` +
      `"more":${JSON.stringify(fields)}}`;
    const command = (headers: Record<string, string> = to('DE/CP1'), type = 'START_SESSION', body = startBody()) =>
      hub.as(emsp, 'POST', `receiver/commands/${type}`, { body, headers: { ...ids(fresh()), ...headers } });
    const callbackOf = ({ body }: Received): string => (JSON.parse(body) as { response_url: string }).response_url;
    const callBack = (url: string, by = cpo, body = result, node = hub, headers = from('DE/CP1')) =>
      node.as(by, 'POST', url, { body, headers: { ...ids(fresh()), ...headers } });
    const codes = ({ status, body }: { status: number; body: { status_code: number } }) => [status, body.status_code];

    describe('commands', () => {
      it('CMD-10, R-44: the receiver gets a URL of the hub and all else byte for byte', async () => {
        const answer = await command();
        expect(answer.text).toBe(accepted.body);
        expect(routeOf(cpo.last)).toBe('DE/CP1 < FR/EM1');
        const url = callbackOf(cpo.last);
        expect(url).toMatch(`${hub.url}/ocpi/2.2.1/sender/commands/START_SESSION/`);
        expect(cpo.last.body).toBe(startBody().replace(`${emsp.origin}/cb?for=1&x=%20`, url));
      });

      it('CMD-05, CMD-08, R-44: the result goes bare to the very URL, with the token of its platform, and the answer back', async () => {
        await command();
        emsp.answer = () => enveloped('heard');
        const headers = { ...from('DE/CP1'), 'X-Correlation-ID': 'c-result', 'X-Request-ID': 'r-result' };
        const answer = await callBack(callbackOf(cpo.last), cpo, result, hub, headers);
        expect([answer.text, answer.headers['ocpi-from-party-id']]).toEqual([enveloped('heard').body, 'EM1']);
        const { method, url, body, headers: sent } = emsp.last;
        expect([method, url, body]).toEqual(['POST', '/cb?for=1&x=%20', result]);
        expect(routeOf(emsp.last)).toBe('FR/EM1 < DE/CP1');
        expect(sent.authorization).toBe(`Token ${Buffer.from('hub-token-for-P2').toString('base64')}`);
        expect([sent['x-correlation-id'], sent['x-request-id'] === 'r-result']).toEqual(['c-result', false]);
        expect(hub.traces.at(-1)).toMatchObject({ scenario: 'callback', candidates: [{ party: 'FR/EM1' }] });
      });

      it('A-62: a wrapped result is passed on as it is', async () => {
        await command();
        const wrapped = '{"data":{"result":"ACCEPTED"},"status_code":1000,"timestamp":"2026-05-01T12:00:00Z"}';
        expect(codes(await callBack(callbackOf(cpo.last), cpo, wrapped))).toEqual([200, 1000]);
        expect(emsp.last.body).toBe(wrapped);
      });

      it('T10: a result is taken once, from who was asked, under its own command', async () => {
        await command();
        const url = callbackOf(cpo.last);
        for (const wrong of [
          url.replace('START_SESSION', 'STOP_SESSION'),
          `${url}x`,
          url.replace(/commands.*/, 'commands/START_SESSION/x'),
        ])
          expect(codes(await callBack(wrong))).toEqual([404, 2000]);
        expect(codes(await callBack(url, twin, result, hub, from('DE/CP2')))).toEqual([404, 2000]);
        expect(emsp.received).toEqual([]);
        expect(codes(await callBack(url))).toEqual([200, 1000]);
        expect(codes(await callBack(url))).toEqual([404, 2000]);
        expect(emsp.received).toHaveLength(1);
      });

      it('T10: a result that its originator refuses may come again', async () => {
        await command();
        emsp.answer = () => ({ ...enveloped(undefined, 2001), status: 400 });
        expect(codes(await callBack(callbackOf(cpo.last)))).toEqual([400, 2001]);
        emsp.answer = () => enveloped();
        expect(codes(await callBack(callbackOf(cpo.last)))).toEqual([200, 1000]);
      });

      it('CMD-09: a reservation may be called back again until it ends', async () => {
        const reservation = JSON.stringify({
          response_url: `${emsp.origin}/cb`,
          token,
          location_id: 'LOC1',
          reservation_id: 'RES1',
          expiry_date: '2099-01-01T00:00:00Z',
        });
        await command(to('DE/CP1'), 'RESERVE_NOW', reservation);
        const url = callbackOf(cpo.last);
        for (let n = 0; n < 3; n++) expect(codes(await callBack(url))).toEqual([200, 1000]);
        expect(emsp.received).toHaveLength(3);
        // R-34: and its number leads to the CPO that took it, for this eMSP.
        const cancel = JSON.stringify({ response_url: `${emsp.origin}/cb`, reservation_id: 'res1' });
        expect(codes(await command({}, 'CANCEL_RESERVATION', cancel))).toEqual([200, 1000]);
        expect(cpo.last.url).toBe('/receiver/commands/CANCEL_RESERVATION');
        const foreign = await hub.as(other, 'POST', 'receiver/commands/CANCEL_RESERVATION', {
          body: cancel.replace(emsp.origin, other.origin),
          headers: ids(fresh()),
        });
        expect(codes(foreign)).toEqual([200, 4001]);
      });

      it('CMD-09: one that comes while another is under way is asked to come again, and not told that nobody waits for it', async () => {
        const body = startBody({ reservation_id: 'RES2' }).replace(
          /}$/,
          ',"reservation_id":"RES2","expiry_date":"2099-01-01T00:00:00Z"}',
        );
        await command(to('DE/CP1'), 'RESERVE_NOW', body);
        const url = callbackOf(cpo.last);
        let second: Promise<Awaited<ReturnType<typeof callBack>>> | undefined;
        emsp.answer = async () => {
          second ??= callBack(url);
          expect(codes(await second)).toEqual([503, 3000]);
          return enveloped();
        };
        expect(codes(await callBack(url))).toEqual([200, 1000]);
        expect((await second)?.headers['retry-after']).toBe('1');
        emsp.answer = () => enveloped();
        expect(codes(await callBack(url))).toEqual([200, 1000]);
      });

      it('CMD-05: a result that was taken with an empty answer is not brought again', async () => {
        await command();
        emsp.answer = () => ({ status: 204, body: '' });
        expect(codes(await callBack(callbackOf(cpo.last)))).toEqual([200, 1000]);
        expect(await hub.waitingResults()).toBe(0);
        expect(emsp.received).toHaveLength(1);
      });

      it('T10: a second response_url in the query is refused', async () => {
        const answer = await hub.as(
          emsp,
          'POST',
          'receiver/commands/START_SESSION?response_url=https%3A%2F%2Fevil.example',
          {
            body: startBody(),
            headers: { ...ids(fresh()), ...to('DE/CP1') },
          },
        );
        expect(codes(answer)).toEqual([200, 2001]);
        expect(cpo.received).toEqual([]);
      });

      it('T10: no result goes to a third host', async () => {
        for (const url of ['http://127.0.0.1:1/cb', 'https://elsewhere.example/cb', other.origin]) {
          const answer = await command(to('DE/CP1'), 'START_SESSION', startBody().replace(/http:[^"]+/, url));
          expect([...codes(answer), answer.body.status_message]).toEqual([
            200,
            2001,
            expect.stringMatching(/another host/),
          ]);
        }
        for (const url of ['ftp://x/y', 'nonsense', 'http://user@127.0.0.1/', '']) {
          const answer = await command(to('DE/CP1'), 'START_SESSION', startBody().replace(/http:[^"]+/, url));
          expect(codes(answer)).toEqual([200, 2001]);
        }
        expect(cpo.received).toEqual([]);
        expect(hub.foreign).toEqual(['P2 http://127.0.0.1:1', 'P2 https://elsewhere.example', `P2 ${other.origin}`]);
      });

      it('CMD-02, CMD-11, CMD-12: what breaks a rule is refused, named receiver or not', async () => {
        const good = { response_url: `${emsp.origin}/cb`, token, location_id: 'LOC1' };
        const bad = [
          { ...good, response_url: undefined },
          { ...good, response_url: 7 },
          { ...good, connector_id: '1' },
          { ...good, token: { ...token, party_id: 'EM2' } },
          [],
        ];
        for (const headers of [to('DE/CP1'), {}, to('NL/HUB')])
          for (const body of bad)
            expect(codes(await command(headers, 'START_SESSION', JSON.stringify(body)))).toEqual([200, 2001]);
        expect(cpo.received).toEqual([]);
        expect(
          codes(
            await command(
              to('DE/CP1'),
              'START_SESSION',
              JSON.stringify({ ...good, token: { ...token, party_id: 'em1' } }),
            ),
          ),
        ).toEqual([200, 1000]);
      });

      it('CMD-01, CMD-14: no other word, no other method', async () => {
        expect(codes(await command(to('DE/CP1'), 'OPEN_GATE'))).toEqual([404, 2000]);
        for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'])
          expect(codes(await hub.as(emsp, method, 'receiver/commands/START_SESSION'))).toEqual([405, 2000]);
        expect(cpo.received).toEqual([]);
      });

      it('R-34, R-46, CMD-06: by its Location; an unknown one has a word of its own', async () => {
        for (const headers of [{}, to('NL/HUB')]) {
          expect(codes(await command(headers))).toEqual([200, 1000]);
          expect(routeOf(cpo.last)).toBe('DE/CP1 < FR/EM1');
        }
        expect(codes(await command({}, 'START_SESSION', startBody().replace('LOC1', 'NOWHERE')))).toEqual([200, 2003]);
        expect(codes(await command({}, 'UNLOCK_CONNECTOR', startBody().replace('LOC1', 'TWICE')))).toEqual([200, 2001]);
        expect(codes(await command({}, 'STOP_SESSION', startBody()))).toEqual([200, 4001]);
        expect(cpo.received).toHaveLength(2);
      });

      it('a result that nobody hears is taken over and tried again, three times in all', async () => {
        await command();
        const tries: string[] = [];
        emsp.answer = ({ body }) => {
          tries.push(body);
          return tries.length < 3 ? undefined : enveloped();
        };
        expect(codes(await callBack(callbackOf(cpo.last)))).toEqual([200, 1000]);
        await hub.settled();
        expect(tries).toEqual([result, result, result]);
        expect(hub.dropped).toEqual([]);
        expect(emsp.received.map(routeOf)).toEqual(Array(3).fill('FR/EM1 < DE/CP1'));
        expect(codes(await callBack(callbackOf(cpo.last)))).toEqual([404, 2000]);
      });

      it('and then dropped, with a word to the operator', async () => {
        await command();
        emsp.answer = () => ({ status: 502, body: 'no' });
        expect(codes(await callBack(callbackOf(cpo.last)))).toEqual([200, 1000]);
        await hub.settled();
        await hub.callbacks.sweep();
        await hub.settled();
        expect(emsp.received).toHaveLength(3);
        expect(hub.dropped).toMatchObject([{ partnerId: 'P2', command: 'START_SESSION', party: 'FR/EM1', tries: 3 }]);
      });

      it('a restart loses no callback, and nothing leaves for an originator that is away', async () => {
        await command();
        const url = callbackOf(cpo.last);
        await hub.end();
        await under.reopen();
        hub = await start();
        emsp.status = 'OFFLINE';
        expect(codes(await callBack(url.replace(/^http:..[^/]+/, hub.url)))).toEqual([200, 1000]);
        await hub.settled();
        expect([emsp.received, hub.dropped.length]).toEqual([[], 1]);
      });

      it('a result that waits is brought by the process that starts next', async () => {
        await command();
        const url = callbackOf(cpo.last);
        await hub.end();
        // A process that takes results and never tries again, as one that is killed right after its answer.
        hub = await start({ works: false });
        emsp.answer = () => undefined;
        expect(codes(await callBack(url.replace(/^http:..[^/]+/, hub.url)))).toEqual([200, 1000]);
        await hub.end();
        await under.reopen();
        emsp.received.length = 0;
        emsp.answer = () => enveloped();
        hub = await start();
        await hub.callbacks.sweep();
        await hub.settled();
        expect(emsp.received.map(({ body }) => body)).toEqual([result]);
      });
    });

    describe('replays', () => {
      const repeat = (id: string, body = startBody(), node = hub) =>
        node.as(emsp, 'POST', 'receiver/commands/START_SESSION', { body, headers: { ...ids(id), ...to('DE/CP1') } });

      it('T17: the same request again gets the same answer and leaves once', async () => {
        const id = fresh();
        const [first, second, third] = [await repeat(id), await repeat(id), await repeat(id)];
        expect([second.text, third.text]).toEqual([first.text, first.text]);
        expect(second.headers['ocpi-from-party-id']).toBe('CP1');
        expect(cpo.received).toHaveLength(1);
      });

      it('T17: at the same time, at any node', async () => {
        const node = await start({ alone: false, pollMs: 5 });
        try {
          const id = fresh();
          let release = (): void => undefined;
          const released = new Promise<void>((resolve) => {
            release = resolve;
          });
          cpo.answer = async ({ headers }) => {
            if (headers['x-correlation-id'] === `c-${id}`) await released;
            return accepted;
          };
          const body = startBody();
          const calls = Array.from({ length: 6 }, (_, n) => repeat(id, body, n % 2 === 0 ? hub : node));
          // Whatever came before these has come so far that it waits.
          for (let n = 0; n < 3; n++) for (const one of [hub, node]) await repeat(fresh(), body, one);
          release();
          expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(Array(6).fill(accepted.body));
          expect(cpo.received.filter(({ headers }) => headers['x-correlation-id'] === `c-${id}`)).toHaveLength(1);
        } finally {
          await node.end();
        }
      });

      it('T17: another partner, or another id, is another request', async () => {
        const id = fresh();
        await repeat(id);
        await repeat(fresh());
        const body = startBody().replace(emsp.origin, other.origin).replace('"EM1"', '"EM2"').replace('"FR"', '"BE"');
        const answer = await hub.as(other, 'POST', 'receiver/commands/START_SESSION', {
          body,
          headers: { ...ids(id), ...to('DE/CP1') },
        });
        expect([codes(answer), cpo.received.length]).toEqual([[200, 1000], 3]);
      });

      it('T17: other content under the same id is refused', async () => {
        const id = fresh();
        await repeat(id);
        expect(codes(await repeat(id, startBody({ another: 1 })))).toEqual([200, 2001]);
        expect(cpo.received).toHaveLength(1);
      });

      it('P10: what may have arrived is not sent again, also after a crash', async () => {
        const id = fresh();
        cpo.answer = () => undefined;
        expect(codes(await repeat(id))).toEqual([200, 4002]);
        expect(codes(await repeat(id))).toEqual([200, 4002]);
        const lost = fresh();
        let arrived = (): void => undefined;
        const there = new Promise<void>((resolve) => {
          arrived = resolve;
        });
        cpo.answer = () => {
          arrived();
          return new Promise(() => undefined);
        };
        const broken = repeat(lost).catch(() => undefined);
        await there;
        // What the process still does when it is broken off must not count: a killed one does nothing.
        await Promise.all([hub.die(), broken]);
        hub = await start({ alone: true });
        expect(codes(await repeat(lost))).toEqual([200, 4002]);
        expect(cpo.received).toHaveLength(2);
      });

      it('what did not leave may be sent again', async () => {
        const id = fresh();
        await cpo.silence();
        expect(codes(await repeat(id))).toEqual([200, 4003]);
        await cpo.listen();
        expect(codes(await repeat(id))).toEqual([200, 1000]);
        expect(cpo.received).toHaveLength(1);
      });
    });

    describe('charging profiles', () => {
      const profileBody = () =>
        `{"charging_profile":{"charging_rate_unit":"W","min_charging_rate":8.10},"response_url":"${scsp.origin}/cp"}`;

      it('CP-01, CP-03, CP-08: response_url in the query, with a query of its own', async () => {
        const original = `${scsp.origin}/cp?a=1&b=%26`;
        for (const [method, query] of [
          ['GET', 'duration=900&'],
          ['DELETE', ''],
        ] as const) {
          const text = `${query}x=%C3%BC&response_url=${encodeURIComponent(original)}&y=1+1`;
          const answer = await hub.as(scsp, method, `receiver/chargingprofiles/S%201?${text}`, {
            headers: { ...ids(fresh()), ...to('DE/CP1') },
          });
          expect(answer.text).toBe(accepted.body);
          const sent = new URL(`http://x${cpo.last.url}`);
          const url = sent.searchParams.get('response_url') ?? '';
          expect(cpo.last.url).toBe(
            `/receiver/chargingprofiles/S%201?${text.replace(encodeURIComponent(original), encodeURIComponent(url))}`,
          );
          expect(url).toMatch(`${hub.url}/ocpi/2.2.1/sender/chargingprofiles/callbacks/`);
          expect(codes(await callBack(url))).toEqual([200, 1000]);
          expect([scsp.last.url, scsp.last.body]).toEqual(['/cp?a=1&b=%26', result]);
        }
      });

      it('CP-02, CP-05, CP-06, CP-07: a profile is set, its result comes back, and changes go to who set it', async () => {
        await hub.as(scsp, 'PUT', 'receiver/chargingprofiles/S1', {
          body: profileBody(),
          headers: { ...ids(fresh()), ...to('DE/CP1') },
        });
        const url = callbackOf(cpo.last);
        expect(cpo.last.body).toBe(profileBody().replace(`${scsp.origin}/cp`, url));
        expect((await callBack(url)).body).not.toHaveProperty('data');
        const active = await hub.as(cpo, 'PUT', 'sender/chargingprofiles/s1', { body: { start_date_time: 'x' } });
        expect(codes(active)).toEqual([200, 1000]);
        expect([scsp.last.method, scsp.last.url, routeOf(scsp.last)]).toEqual([
          'PUT',
          '/sender/chargingprofiles/s1',
          'NL/SCS < DE/CP1',
        ]);
        expect(codes(await hub.as(cpo, 'PUT', 'sender/chargingprofiles/S9', { body: {} }))).toEqual([200, 4001]);
      });

      it('CP-01…CP-03: what is required must be there', async () => {
        const call = (method: string, query: string, body?: object) =>
          hub.as(scsp, method, `receiver/chargingprofiles/S1?${query}`, {
            ...(body ? { body } : {}),
            headers: { ...ids(fresh()), ...to('DE/CP1') },
          });
        const url = encodeURIComponent(`${scsp.origin}/cp`);
        for (const answer of [
          await call('GET', 'duration=900'),
          await call('GET', `response_url=${url}`),
          await call('GET', `duration=x&response_url=${url}`),
          await call('GET', `duration=9&response_url=${url}&response_url=${url}`),
          await call('GET', 'duration=9&response_url=%E0%A4%A'),
          await call('DELETE', ''),
          await call('DELETE', `response_url=${encodeURIComponent('https://third.example/x')}`),
          await call('PUT', '', { charging_profile: {} }),
          await call('PUT', '', { response_url: `${scsp.origin}/cp` }),
        ])
          expect(codes(answer)).toEqual([200, 2001]);
        expect(cpo.received).toEqual([]);
      });
    });

    describe('sessions', () => {
      const session = (fields: object = {}) => ({
        country_code: 'DE',
        party_id: 'CP1',
        id: 'S1',
        cdr_token: token,
        kwh: 1,
        ...fields,
      });
      const tell = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
        hub.as(cpo, method, `receiver/sessions/${path}`, {
          ...(body ? { body } : {}),
          headers: { ...ids(fresh()), ...headers },
        });

      it('R-34: to the owner of cdr_token, and then by its id in both directions', async () => {
        const id = `S-${name}`;
        expect(codes(await tell('PATCH', `DE/CP1/${id}`, { kwh: 2 }))).toEqual([200, 4001]);
        const text = `{ "country_code":"DE","party_id":"CP1","id":"${id}","cdr_token":${JSON.stringify(token)}, "kwh": 1.50 }`;
        expect(codes(await tell('PUT', `DE/CP1/${id}`, text))).toEqual([200, 1000]);
        expect([emsp.last.body, routeOf(emsp.last)]).toEqual([text, 'FR/EM1 < DE/CP1']);
        for (const method of ['PATCH', 'GET']) {
          const answer = await tell(method, `de/cp1/${id.toLowerCase()}`, method === 'GET' ? undefined : { kwh: 2 });
          expect(codes(answer)).toEqual([200, 1000]);
          expect([emsp.last.method, emsp.last.url]).toEqual([method, `/receiver/sessions/de/cp1/${id.toLowerCase()}`]);
        }
        // S-05, A-33: the eMSP of the Session finds its CPO.
        cpo.answer = () => enveloped('ACCEPTED');
        for (const headers of [{}, to('NL/HUB')]) {
          const answer = await hub.as(emsp, 'PUT', `sender/sessions/${id}/charging_preferences`, {
            body: { profile_type: 'FAST' },
            headers,
          });
          expect(answer.body.data).toBe('ACCEPTED');
        }
        const stop = JSON.stringify({ response_url: `${emsp.origin}/cb`, session_id: id });
        cpo.answer = () => accepted;
        expect(codes(await command({}, 'STOP_SESSION', stop))).toEqual([200, 1000]);
        const foreign = await hub.as(other, 'PUT', `sender/sessions/${id}/charging_preferences`, { body: {} });
        expect(codes(foreign)).toEqual([200, 4001]);
        // An SCSP that steers it finds the CPO, too.
        const query = `response_url=${encodeURIComponent(`${scsp.origin}/cp`)}`;
        const cleared = await hub.as(scsp, 'DELETE', `receiver/chargingprofiles/${id}?${query}`, {
          headers: ids(fresh()),
        });
        expect([codes(cleared), cpo.last.method]).toEqual([[200, 1000], 'DELETE']);
      });

      it('R-27: not for everybody', async () => {
        for (const method of ['GET', 'PUT', 'PATCH'])
          expect(
            codes(await tell(method, 'DE/CP1/S1', method === 'GET' ? undefined : session(), to('NL/HUB'))),
          ).toEqual([200, 2001]);
        expect(emsp.received).toEqual([]);
      });

      it('S-03, T2: only Sessions of its own, and the one that the URL names', async () => {
        for (const fields of [{ party_id: 'CP2' }, { country_code: 'AT' }, { id: 'S2' }])
          for (const headers of [{}, to('FR/EM1')])
            expect(codes(await tell('PUT', 'DE/CP1/S1', session(fields), headers))).toEqual([200, 2001]);
        expect(codes(await tell('PUT', 'DE/CP2/S1', session({ party_id: 'CP2' }), to('FR/EM1')))).toEqual([404, 2001]);
        expect(codes(await tell('PUT', 'DE/CP1/S1', session(), { ...to('FR/EM1'), ...from('DE/CP2') }))).toEqual([
          200, 2001,
        ]);
        expect(emsp.received).toEqual([]);
      });

      it('S-02, S-08: no other method, no deeper URL', async () => {
        for (const method of ['POST', 'DELETE'])
          expect(codes(await tell(method, 'DE/CP1/S1', session(), to('FR/EM1')))).toEqual([405, 2000]);
        expect(codes(await tell('PATCH', 'DE/CP1/S1/charging_periods', {}, to('FR/EM1')))).toEqual([404, 2000]);
      });

      it('a Session that its eMSP refused leads nowhere', async () => {
        const id = `S-refused-${name}`;
        emsp.answer = () => enveloped(undefined, 2001);
        expect(codes(await tell('PUT', `DE/CP1/${id}`, session({ id })))).toEqual([200, 2001]);
        expect(codes(await tell('PATCH', `DE/CP1/${id}`, { kwh: 2 }))).toEqual([200, 4001]);
      });
    });

    describe('cdrs', () => {
      const cdr = (fields: object = {}) => ({
        country_code: 'DE',
        party_id: 'CP1',
        id: 'C1',
        cdr_token: token,
        ...fields,
      });
      const post = (body: unknown, headers: Record<string, string> = {}) =>
        hub.as(cpo, 'POST', 'receiver/cdrs', { body, headers: { ...ids(fresh()), ...headers } });

      it('CDR-02…CDR-04, CDR-13, R-45: by cdr_token, and read again through the hub', async () => {
        emsp.answer = ({ method }) =>
          method === 'POST'
            ? { ...enveloped(), status: 201, headers: { Location: `${emsp.origin}/receiver/cdrs/77` } }
            : enveloped(cdr());
        const text = ` ${JSON.stringify(cdr({ total_cost: { excl_vat: 'x' } }))}\n`;
        const answer = await post(text);
        expect([...codes(answer), emsp.last.body]).toEqual([201, 1000, text]);
        const location = String(answer.headers.location);
        expect(location).toMatch(`${hub.url}/ocpi/2.2.1/receiver/cdrs/`);
        const read = await hub.as(cpo, 'GET', location);
        expect([read.data, emsp.last.url]).toEqual([cdr(), '/receiver/cdrs/77']);
        // Bound to who posted it.
        expect(codes(await hub.as(twin, 'GET', location))).toEqual([404, 2001]);
        expect(codes(await hub.as(cpo, 'GET', `${location.slice(0, -4)}AAAA`))).toEqual([404, 2001]);
      });

      it('R-27, CDR-05, T2: not for everybody, not changed, not of another', async () => {
        expect(codes(await post(cdr(), to('NL/HUB')))).toEqual([200, 2001]);
        expect(codes(await post(cdr({ cdr_token: {} })))).toEqual([200, 4001]);
        for (const headers of [{}, to('FR/EM1')])
          expect(codes(await post(cdr({ party_id: 'CP2' }), headers))).toEqual([200, 2001]);
        for (const method of ['PUT', 'PATCH', 'DELETE'])
          expect(codes(await hub.as(cpo, method, 'receiver/cdrs', { body: cdr() }))).toEqual([405, 2000]);
        expect(emsp.received).toEqual([]);
      });
    });

    describe('custom modules', () => {
      it('V-10: pass to the party that they name, byte for byte, for those who may use them', async () => {
        emsp.customModules = ['nlhub-tasks'];
        const body = ' { "x": 1.50 }\n';
        for (const [method, path] of [
          ['PUT', '/a%2Fb/c?d=%7E&e'],
          ['POST', ''],
          ['PATCH', '/1'],
          ['GET', '/1/2/3?x=1'],
          ['DELETE', '/1'],
        ] as const)
          for (const side of ['sender', 'receiver']) {
            const content = method === 'GET' || method === 'DELETE' ? {} : { body };
            const call = (headers: Record<string, string>, id = 'nlhub-tasks', by = emsp) =>
              hub.as(by, method, `${side}/${id}${path}`, { ...content, headers });
            cpo.received.length = 0;
            expect((await call(to('DE/CP1'))).text).toBe(accepted.body);
            expect([cpo.last.method, cpo.last.url, routeOf(cpo.last)]).toEqual([
              method,
              `/${side}/nlhub-tasks${path}`,
              'DE/CP1 < FR/EM1',
            ]);
            expect(cpo.last.body).toBe('body' in content ? body : '');
            for (const headers of [{}, to('NL/HUB')]) expect(codes(await call(headers))).toEqual([200, 2001]);
            expect(codes(await call(to('DE/CP1'), 'nlhub-tasks', other))).toEqual([404, 2000]);
            expect(codes(await call(to('DE/CP1'), 'nlhub-others'))).toEqual([404, 2000]);
            expect(cpo.received).toHaveLength(1);
          }
      });
    });
  });
}
