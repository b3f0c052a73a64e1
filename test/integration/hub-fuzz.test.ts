import { createHash } from 'node:crypto';
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeAuthorization } from '../../src/kernel/credentials-token.js';
import { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { Random } from '../../src/simulator/random.js';
import { type Admin, HubInProcess } from '../support/e2e/index.js';
import { type Answer, callHttp, evse, location, tariff } from '../support/hub/index.js';

const seed = process.env.ROAMHUB_TEST_SEED ?? '1';
const rounds = Number(process.env.ROAMHUB_TEST_REQUESTS ?? 3_000);

describe(`whatever comes in (P18; ${rounds} requests, seed ${seed})`, () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const random = new Random(`fuzz/${seed}`);
  let hub: HubInProcess;
  let admin: Admin;
  let cpo: CpoSimulator;
  let other: CpoSimulator;
  let emsp: EmspSimulator;

  beforeAll(async () => {
    hub = await HubInProcess.start();
    admin = hub.admin;
    cpo = new CpoSimulator({ parties: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }], pushOnly: true });
    other = new CpoSimulator({ parties: [{ country_code: 'DE', party_id: 'CP2', role: 'CPO' }], pushOnly: true });
    emsp = new EmspSimulator({ parties: [{ country_code: 'NL', party_id: 'EM1', role: 'EMSP' }] });
    other.generate(5);
    await hub.join(cpo, other, emsp);
    await other.putAll();
  });

  afterAll(async () => {
    agent.destroy();
    await hub.close();
  });

  /** What the other party has stored, by way of the hub. */
  const othersState = async (): Promise<string> => {
    const { equal, different, missing, failed } = await other.verify();
    const partners = (await admin.partners()).map(({ name, status, origins, endpoints }) => ({
      name,
      status,
      origins,
      endpoints,
    }));
    return createHash('sha256').update(JSON.stringify({ equal, different, missing, failed, partners })).digest('hex');
  };

  const send = (): Promise<{ readonly what: string; readonly answer: Answer }> => {
    const tokens = [
      cpo.link.peer?.outboundToken ?? '',
      cpo.link.peer?.outboundToken ?? '',
      emsp.link.peer?.outboundToken ?? '',
    ];
    const { method, path, body } = random.chance(0.5) ? sensible(random) : senseless(random);
    const headers: Record<string, string | undefined> = {
      // Not so many failures that the hub stops listening to this address (T5).
      Authorization: encodeAuthorization(random.pick(tokens)),
      'Content-Type': random.chance(0.9)
        ? 'application/json'
        : random.pick(['text/plain', 'application/json; charset=utf-16', 'x']),
      ...(random.chance(0.05)
        ? { 'Content-Encoding': random.pick(['gzip', 'br', 'identity', 'gzip, '.repeat(500)]) }
        : {}),
      ...(random.chance(0.2) ? { 'X-Request-ID': junk(random), 'X-Correlation-ID': junk(random) } : {}),
      ...(random.chance(0.3)
        ? {
            'OCPI-to-country-code': random.pick(['NL', 'nl', 'DE', 'XX', '', junk(random)]),
            'OCPI-to-party-id': random.pick(['HUB', 'hub', 'CP2', 'XXX', '', junk(random)]),
            'OCPI-from-country-code': random.pick(['DE', 'NL', junk(random)]),
            'OCPI-from-party-id': random.pick(['CP1', 'CP2', 'EM1', junk(random)]),
          }
        : {}),
    };
    const what = `${method} ${path} ${JSON.stringify(headers)} ${body?.slice(0, 300)}`;
    return callHttp(method, hub.publicUrl + path, { headers, agent, ...(body === undefined ? {} : { body }) }).then(
      (answer) => ({
        what,
        answer,
      }),
    );
  };

  it('is answered in the envelope, with both ids, and never as a fault of the hub', async () => {
    const before = await othersState();
    const faults: unknown[] = [];
    const codes: Record<string, number> = {};
    const worker = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        const { what, answer } = await send();
        const code = /^\{.*"status_code":(\d{4})/s.exec(answer.text)?.[1];
        codes[`${answer.status}/${code}`] = (codes[`${answer.status}/${code}`] ?? 0) + 1;
        const ids =
          typeof answer.headers['x-request-id'] === 'string' && typeof answer.headers['x-correlation-id'] === 'string';
        const isFault = answer.status >= 500 || code === undefined || code === '3000' || !ids;
        if (isFault && faults.length < 5) faults.push({ what, status: answer.status, text: answer.text.slice(0, 300) });
        if (answer.text.length < 1_000_000) expect(() => JSON.parse(answer.text)).not.toThrow();
      }
    };
    await Promise.all(Array.from({ length: 8 }, () => worker(rounds / 8)));
    expect(faults).toEqual([]);
    // The generators reach the rules, not only the doorstep.
    for (const reached of ['200/1000', '201/1000', '200/2001', '404/2000', '405/2000', '400/2001', '415/2001'])
      expect({ reached, times: codes[reached] ?? 0 }).not.toEqual({ reached, times: 0 });
    expect(await othersState()).toBe(before);
  }, 60_000);

  it('leaves a hub that works, with partners that can read all it took', async () => {
    await emsp.pull();
    await other.runStream({ rate: 100, count: 20 });
    await hub.idle();
    const { different, missing, extra, problems } = await emsp.compare();
    expect({ different, missing, extra, problems }).toEqual({ different: 0, missing: 0, extra: 0, problems: [] });
    expect(emsp.inspector.first).toEqual([]);
  });
});

const roots = [
  'receiver/locations',
  'receiver/tariffs',
  'sender/locations',
  'sender/tariffs',
  'credentials',
  'receiver/tokens',
  '',
];

interface Shot {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
}

/** A request that fits together, but for what was changed in its body. */
function sensible(random: Random): Shot {
  const n = random.int(0, 4);
  const body = bodyOf(random, n);
  const receiver = '/ocpi/2.2.1/receiver';
  const place = `${receiver}/locations/DE/CP1/L1`;
  const shots: Shot[] = [
    { method: 'PUT', path: place, body },
    { method: 'PUT', path: `${place}/E1`, body },
    { method: 'PUT', path: `${receiver}/tariffs/DE/CP1/T1`, body },
    { method: 'PATCH', path: random.pick([place, `${place}/E1`, `${place}/E1/1`]), body },
    { method: 'PUT', path: '/ocpi/2.2.1/credentials', body },
  ];
  return shots[n] ?? senseless(random);
}

function senseless(random: Random): Shot {
  const path = pathOf(random);
  // A goodbye would be taken as one.
  const last = path.includes('/credentials') ? 'POST' : 'DELETE';
  const method = random.pick(['GET', 'PUT', 'PATCH', 'POST', 'OPTIONS', last]);
  return { method, path, body: method === 'GET' || random.chance(0.1) ? undefined : bodyOf(random) };
}

function pathOf(random: Random): string {
  if (random.chance(0.03)) return `/ocpi/${random.pick(['versions', '2.2.1', '2.3.0', ''])}`;
  const root = random.pick(roots);
  const own = random.chance(0.85)
    ? ['DE', 'CP1']
    : [random.pick(['de', 'DE', 'NL', 'D', '']), random.pick(['cp1', 'CP2', 'HUB', junk(random)])];
  const ids = ['L1', 'L1', 'L2', 'T1', 'E1', '1', junk(random), '%2E%2E', '%', '%zz', '%00', '%E0%A4%A'];
  const segments = root.startsWith('receiver') ? [...own] : [];
  const depth = random.int(0, 4);
  for (let n = 0; n < depth; n++) segments.push(random.pick(ids));
  const path = `/ocpi/2.2.1/${[root, ...segments].join('/')}`;
  if (random.chance(0.6)) return path;
  const values = [
    '0',
    '-1',
    '1e9',
    '99999999999999999999',
    '2026-01-01T00:00:00Z',
    '2026-13-45T99:99:99Z',
    'NaN',
    '',
    junk(random),
  ];
  const names = ['offset', 'limit', 'date_from', 'date_to', 'position', 'after', 'x'];
  const query = Array.from({ length: random.int(1, 4) }, () => `${random.pick(names)}=${random.pick(values)}`);
  return `${path}?${query.join('&')}`;
}

/** Printable text that may stand in a path and in a header. */
function junk(random: Random): string {
  const alphabet = "abcXYZ019-_.~!*'()%27%2F;:@$,";
  return Array.from({ length: random.int(1, random.chance(0.1) ? 300 : 12) }, () => random.pick([...alphabet])).join(
    '',
  );
}

function bodyOf(random: Random, which = random.int(0, 4)): string {
  const stamp = new Date(Date.now() - random.int(-400_000, 1_000_000)).toISOString();
  const samples = [
    location('L1', { evses: [evse('E1', { last_updated: stamp })], last_updated: stamp }),
    evse('E1', { last_updated: stamp }),
    tariff('T1', { last_updated: stamp }),
    { status: 'CHARGING', last_updated: stamp },
    { token: 'x', url: 'http://127.0.0.1:1/', roles: [] },
  ];
  const sample = structuredClone(samples[which] ?? {}) as Record<string, unknown>;
  for (let n = random.int(0, 2); n > 0; n--) mutate(sample, random);
  const text = JSON.stringify(sample);
  if (random.chance(0.9)) return text;
  return random.pick([
    text.slice(0, random.int(0, text.length)),
    text.replace('{', '{"__proto__":{"a":1},'),
    text.replace('{', '{"id":"L1","id":"L2",'),
    text.replace(/\d+/, '1e999'),
    '['.repeat(50_000),
    `${'{"a":'.repeat(30)}1${'}'.repeat(30)}`,
    `\uFEFF${text}`,
    'null',
    '"text"',
    '[]',
    '-0',
    text + text,
    `{"x":"${'y'.repeat(2_000_000)}"}`,
  ]);
}

const odd: readonly unknown[] = [
  null,
  '',
  0,
  -1,
  1.5,
  true,
  [],
  {},
  [[]],
  'x'.repeat(5_000),
  '\u0000',
  '\uD800',
  '2026-02-30T00:00:00Z',
  { toString: 1 },
  [null],
  1e21,
];

/** Replaces, takes out or renames one value somewhere. */
function mutate(value: Record<string, unknown>, random: Random): void {
  const keys = Object.keys(value);
  if (keys.length === 0) return;
  const key = random.pick(keys);
  const inner = value[key];
  if (typeof inner === 'object' && inner !== null && random.chance(0.6))
    mutate(inner as Record<string, unknown>, random);
  else if (random.chance(0.2)) delete value[key];
  else if (random.chance(0.25)) value[junk(random)] = inner;
  else value[key] = structuredClone(random.pick(odd));
}
