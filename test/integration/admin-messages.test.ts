import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FieldError, matches } from '../../src/admin/check.js';
import {
  type AdminServer,
  AdminTokenCheck,
  adminRoutes,
  createAdminApp,
  listenAdmin,
  type MessageView,
  partnerView,
} from '../../src/admin/index.js';
import { call } from '../../src/admin/testing/call.js';
import { FakeDesks, samplePartner } from '../../src/admin/testing/fake-desks.js';
import { runCli } from '../../src/cli/run-cli.js';
import { createEvents, createMetrics, silentLogger } from '../../src/platform/observability/index.js';
import { defaultSwitches, type Partner } from '../../src/platform/partners/index.js';

const token = 'operator-token-operator-token';
const vendorObjects = ['acme_ext', 'other_ext'];
let desks = new FakeDesks();
let server: AdminServer;

beforeAll(async () => {
  const metrics = createMetrics({ withProcess: false });
  const app = createAdminApp({
    ports: new Proxy(desks, { get: (_first, name) => Reflect.get(desks, name) }),
    token: new AdminTokenCheck(token),
    readiness: () => ({ ready: true, reasons: [], degraded: [] }),
    metrics,
    events: createEvents({ logger: silentLogger, metrics, clock: { now: () => 0 } }),
    pages: [],
    version: '1.2.3',
    vendorObjects,
  });
  server = await listenAdmin(app, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());
beforeEach(() => {
  desks = new FakeDesks();
});

/** One command line of a person at a shell. */
async function run(line: string) {
  const out: string[] = [];
  const complaints: string[] = [];
  const code = await runCli(line.split(' '), {
    env: { ROAMHUB_ADMIN_URL: server.url, ROAMHUB_ADMIN_TOKEN: token },
    readFile: () => undefined,
    cwd: '/',
    print: (text) => out.push(text),
    complain: (text) => complaints.push(text),
    version: '1.2.3',
  });
  return { code, out: out.join('\n'), complaints: complaints.join('\n') };
}

const message: MessageView = {
  seq: 12,
  at: '2026-01-01T00:00:00.000Z',
  duration_ms: 4_012.34,
  partner_id: 'p1',
  partner: 'Partner p1',
  from: 'FR/EM1',
  to: 'DE/CP1',
  module: 'commands',
  interface: 'RECEIVER',
  method: 'POST',
  path: '/ocpi/2.2.1/receiver/commands/START_SESSION',
  scenario: 'direct',
  rules: ['R-04', 'a7'],
  candidates: [
    {
      party: 'DE/CP1',
      partner_id: 'p2',
      partner: 'Partner p2',
      why: 'named by the OCPI-to headers',
      leg: { request_id: 'second', http_status: null, status_code: null, outcome: 'timeout', duration_ms: 4_000 },
    },
    { party: 'DE/CP2', partner_id: null, partner: null, why: 'not connected (OFFLINE)' },
  ],
  candidates_left_out: 3,
  http_status: 200,
  status_code: 4002,
  outcome: 'timeout',
  request_id: 'first',
  correlation_id: 'the-charge',
};

describe('GET /api/messages', () => {
  const get = (query: string) => call(server.url, 'GET', `/api/messages${query}`, { token });
  const schema = adminRoutes('0').find(({ path }) => path === '/api/messages')?.responses[200]?.schema;

  it('answers with what was found, as its description says', async () => {
    desks.logged = [message];
    const { status, json } = await get('?limit=1');
    expect([status, json]).toEqual([200, { messages: [message], next: 7 }]);
    const errors: FieldError[] = [];
    expect(schema).toBeDefined();
    if (schema) expect([matches(schema, json, errors), errors]).toEqual([true, []]);
  });

  it('hands on every filter, parties in upper case and times as numbers', async () => {
    await get('');
    await get(
      '?partner_id=p1&party=de%2Fcp1&module=cdrs&correlation_id=c&request_id=r&outcome=timeout&scenario=direct' +
        '&since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z&limit=1000&before=9',
    );
    expect(desks.calls.map(({ with: given }) => given)).toEqual([
      { filter: {}, limit: 100, before: undefined },
      {
        filter: {
          partnerId: 'p1',
          party: 'DE/CP1',
          module: 'cdrs',
          correlationId: 'c',
          requestId: 'r',
          outcome: 'timeout',
          scenario: 'direct',
          since: Date.UTC(2026, 0, 1),
          until: Date.UTC(2026, 0, 2),
        },
        limit: 1000,
        before: 9,
      },
    ]);
  });

  it.each([
    '?limit=1001',
    '?limit=0',
    '?party=CP1',
    '?outcome=good',
    '?since=yesterday',
    '?before=x',
    '?corelation_id=c',
  ])('refuses %s', async (query) => {
    expect((await get(query)).status).toBe(400);
    expect(desks.calls).toEqual([]);
  });

  it('needs the token', async () => {
    expect((await call(server.url, 'GET', '/api/messages')).status).toBe(401);
  });
});

describe('roamhub messages', () => {
  it('tells of one message in sentences: where it went, why, and what came back', async () => {
    desks.logged = [message];
    const { code, out } = await run('messages --correlation the-charge');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      '2026-01-01T00:00:00.000Z  POST /ocpi/2.2.1/receiver/commands/START_SESSION',
      'From FR/EM1 (Partner p1) to DE/CP1, module commands (receiver interface).',
      'It named a party, so it was for that party alone.',
      'The rules that decided: R-04, a7.',
      '  - DE/CP1 (Partner p2) was asked: named by the OCPI-to headers. timeout, after 4000 ms, X-Request-ID second.',
      '  - DE/CP2 was not asked: not connected (OFFLINE).',
      '3 more parties are not listed.',
      'The answer was HTTP 200, OCPI 4002 (timeout), after 4012.3 ms.',
      'X-Request-ID first, X-Correlation-ID the-charge.',
    ]);
  });

  it('shows several as a table, and in sentences when asked why', async () => {
    desks.logged = [message, { ...message, seq: 11, to: null, scenario: null, candidates: [], rules: [] }];
    const { out } = await run('messages --limit 2');
    expect(out).toMatch(/^SEQ +WHEN +FROM +TO +WHAT +WAY +OUTCOME +HTTP +OCPI +MS +CORRELATION\n/);
    expect(out).toMatch(
      /\n +12 .* FR\/EM1 +DE\/CP1 +POST commands RECEIVER +direct +timeout +200 +4002 +4012 +the-charge\n/,
    );
    expect(out).toMatch(/\nMore: --before 7$/);
    expect((await run('messages --why')).out.match(/The answer was/g)).toHaveLength(2);
  });

  it('asks for what its options say', async () => {
    expect(
      (await run('messages --party de-cp1 --partner p1 --module cdrs --outcome refused --request r --before 9')).out,
    ).toBe('No message fits.');
    expect(desks.calls.at(-1)?.with).toEqual({
      filter: { party: 'DE/CP1', partnerId: 'p1', module: 'cdrs', outcome: 'refused', requestId: 'r' },
      limit: 100,
      before: 9,
    });
    expect(await run('messages --party CP1')).toMatchObject({ code: 2 });
    expect(await run('messages --outcome good')).toMatchObject({
      code: 1,
      complaints: expect.stringContaining('one of'),
    });
  });

  it('lets nothing that a partner sent work on the terminal', async () => {
    desks.logged = [{ ...message, path: '/x\u001b[2J' }];
    expect((await run('messages')).out).not.toContain('\u001b');
  });
});

describe('switches of a partner', () => {
  const change = async (switches: unknown) =>
    (await call(server.url, 'PATCH', '/api/partners/p1', { token, body: { switches } })).status;

  it('shows each vendor object as a switch of its own', () => {
    const partner = {
      roles: [],
      switches: { ...defaultSwitches, withheld: ['acme_ext', 'forgotten_ext'] },
      createdAt: 0,
      credentialsAt: 0,
    };
    const { switches } = partnerView(partner as unknown as Partner, {}, vendorObjects);
    expect(switches).toMatchObject({ acme_ext: false, other_ext: true, push: true, rate_limit: null });
    expect(switches).not.toHaveProperty('withheld');
    expect(switches).not.toHaveProperty('forgotten_ext');
  });

  it('describes them in the document, and no others', async () => {
    const { json } = await call(server.url, 'GET', '/api/openapi.json', { token });
    const { properties } = (json as { components: { schemas: { PartnerSwitches: { properties: object } } } }).components
      .schemas.PartnerSwitches;
    const { withheld: _withheld, ...others } = defaultSwitches;
    expect(Object.keys(properties).sort()).toEqual([...Object.keys(others), ...vendorObjects].sort());
  });

  it('changes them apart from the rest', async () => {
    expect(await change({ acme_ext: false, other_ext: true, push: false })).toBe(200);
    expect(await change({ acme_ext: true })).toBe(200);
    expect(
      await change({ rate_limit: 5, max_in_flight: null, custom_modules: ['nlhub-tasks'], validation_http: 400 }),
    ).toBe(200);
    expect(desks.changes).toEqual([
      { switches: { push: false }, withhold: { acme_ext: true, other_ext: false } },
      { withhold: { acme_ext: false } },
      { switches: { rate_limit: 5, max_in_flight: null, custom_modules: ['nlhub-tasks'], validation_http: 400 } },
    ]);
  });

  it.each([
    { nobodys_ext: true },
    { withheld: ['acme_ext'] },
    { acme_ext: 'no' },
    { rate_limit: 0 },
    { rate_limit: 1.5 },
    { max_in_flight: 'many' },
    { custom_modules: ['locations'] },
    { custom_modules: ['NLHUB-tasks'] },
    { custom_modules: 'nlhub-tasks' },
    { validation_http: 404 },
    { list_without_to: 'maybe' },
    { keep_sessions: null },
  ])('refuses %j', async (switches) => {
    expect(await change(switches)).toBe(400);
    expect(desks.changes).toEqual([]);
  });

  it('are set on the command line: lists by commas, and what is left to the hub as default', async () => {
    const [partner] = desks.partners.list();
    expect(partner).toEqual(samplePartner('p1'));
    const line =
      'partner set p1 rate_limit=50 max_in_flight=default custom_modules=nlhub-a,nlhub-b keep_sessions=true acme_ext=false';
    expect(await run(line)).toMatchObject({ code: 0 });
    expect(await run('partner set p1 custom_modules=none')).toMatchObject({ code: 0 });
    expect(desks.changes).toEqual([
      {
        switches: { rate_limit: 50, max_in_flight: null, custom_modules: ['nlhub-a', 'nlhub-b'], keep_sessions: true },
        withhold: { acme_ext: true },
      },
      { switches: { custom_modules: [] } },
    ]);
  });
});
