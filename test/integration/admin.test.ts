import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FieldError, matches } from '../../src/admin/check.js';
import { type AdminServer, AdminTokenCheck, adminRoutes, createAdminApp, listenAdmin } from '../../src/admin/index.js';
import { problemsOf } from '../../src/admin/open-api.js';
import type { Schema } from '../../src/admin/schema.js';
import { type Answer, type CallOptions, call as send } from '../../src/admin/testing/call.js';
import { FakeDesks } from '../../src/admin/testing/fake-desks.js';
import { problemView } from '../../src/admin/views.js';
import { OcpiError } from '../../src/kernel/ocpi-error.js';
import { createEvents, createMetrics, openLog } from '../../src/platform/observability/index.js';
import { StorageUnavailable } from '../../src/platform/storage/storage-error.js';

const token = 'operator-token-operator-token';
const version = '9.9.9';
const routes = adminRoutes(version);
const actor = { name: 'operator', source: '127.0.0.1' };

let desks = new FakeDesks();
let ready = { ready: true, reasons: [] as string[], degraded: [] as string[] };
let lines: string[] = [];
let server: AdminServer;

beforeAll(async () => {
  const clock = { now: () => 0 };
  const { logger } = openLog({ level: 'debug', clock, write: (line) => lines.push(line) });
  const metrics = createMetrics({ withProcess: false });
  const app = createAdminApp({
    // The desks of the running test, so that one server serves all of them.
    ports: new Proxy(desks, { get: (_first, name) => Reflect.get(desks, name) }),
    token: new AdminTokenCheck(token),
    readiness: () => ready,
    metrics,
    events: createEvents({ logger, metrics, clock }),
    pages: [{ path: '/', contentType: 'text/html', body: '<p>page</p>', headers: { 'X-Test': '1' } }],
    version,
  });
  server = await listenAdmin(app, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

beforeEach(() => {
  desks = new FakeDesks();
  ready = { ready: true, reasons: [], degraded: [] };
  lines = [];
});
afterEach(() => {
  expect(lines.join('')).not.toContain(token);
});

/** Calls with the token, and holds every answer against what the OpenAPI document says of the route. */
async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await send(server.url, method, path, { token, ...options });
  const plain = path.split('?')[0] ?? '';
  const route = routes.find(
    (one) => one.method === method && new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(plain),
  );
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  expect(answer.headers['x-powered-by']).toBeUndefined();
  const errors: FieldError[] = [];
  if (answer.status >= 400) {
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ status: answer.status, instance: answer.headers['x-request-id'] });
    expect([matches(problemView as Schema<unknown>, answer.json, errors), errors]).toEqual([true, []]);
    if (route !== undefined) expect(Object.keys(problemsOf(route))).toContain(String(answer.status));
  } else if (route !== undefined) {
    const schema = route.responses[answer.status]?.schema;
    expect(Object.keys(route.responses)).toContain(String(answer.status));
    if (schema === undefined) expect(answer.text).toBe('');
    else expect([matches(schema, answer.json, errors), errors]).toEqual([true, []]);
  }
  return answer;
}

const invite = { name: 'CPO One', roles: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }] };

describe('invites', () => {
  it('makes one, with defaults for what is left out, and shows its token once', async () => {
    const made = await call('POST', '/api/invites', { body: invite });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ id: 'i1', token: 'token-a', versions_url: expect.any(String) });
    expect(desks.calls).toEqual([
      { what: 'invites.create', with: { ...invite, origins: [], expiresInDays: 14 }, actor },
    ]);
    const listed = await call('GET', '/api/invites');
    expect(listed.json).toMatchObject([{ id: 'i1', state: 'OPEN' }]);
    expect(listed.text).not.toContain('token');
  });

  it('hands origins on in one spelling', async () => {
    await call('POST', '/api/invites', {
      body: { ...invite, origins: ['HTTPS://A.example:443', 'https://a.example'] },
    });
    expect(desks.calls).toMatchObject([{ with: { origins: ['https://a.example'] } }]);
  });

  it.each<[string, unknown, string]>([
    ['no roles', { ...invite, roles: [] }, '/roles'],
    ['an unknown role', { ...invite, roles: [{ ...invite.roles[0], role: 'BOSS' }] }, '/roles/0/role'],
    [
      'a long country code',
      { ...invite, roles: [{ ...invite.roles[0], country_code: 'DEU' }] },
      '/roles/0/country_code',
    ],
    ['a short party id', { ...invite, roles: [{ ...invite.roles[0], party_id: 'C' }] }, '/roles/0/party_id'],
    ['no name', { roles: invite.roles }, '/name'],
    ['a name with line breaks', { ...invite, name: 'a\nb' }, '/name'],
    ['an origin with a path', { ...invite, origins: ['https://a.example/ocpi'] }, '/origins/0'],
    ['an expiry of nothing', { ...invite, expires_in_days: 0 }, '/expires_in_days'],
    ['an unknown name', { ...invite, expires: 3 }, '/expires'],
    ['no object', [], ''],
  ])('refuses %s with a pointer and does nothing', async (_name, body, pointer) => {
    const answer = await call('POST', '/api/invites', { body });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ type: 'urn:roamhub:problem:invalid-request', errors: [{ pointer }] });
    expect(desks.calls).toEqual([]);
  });

  it('answers 409 with the reason of the desk, and deletes', async () => {
    await call('POST', '/api/invites', { body: invite });
    const again = await call('POST', '/api/invites', { body: invite });
    expect([again.status, again.json]).toMatchObject([409, { detail: 'CPO One is invited already.' }]);
    expect((await call('DELETE', '/api/invites/i1')).status).toBe(204);
    expect((await call('DELETE', '/api/invites/i7')).status).toBe(404);
  });
});

describe('registrations', () => {
  const body = { name: 'Them', versions_url: 'https://them.example/versions', token: 'their-token-a' };

  it('hands over what the handshake needs and answers with the partner', async () => {
    const answer = await call('POST', '/api/registrations', { body });
    expect([answer.status, answer.json]).toMatchObject([201, { id: 'p2', status: 'CONNECTED' }]);
    expect(desks.calls[0]?.with).toEqual({
      name: 'Them',
      versionsUrl: 'https://them.example/versions',
      token: 'their-token-a',
      roles: undefined,
      origins: undefined,
    });
    expect(lines.join('')).not.toContain('their-token-a');
  });

  it('hands over the origins of a partner whose endpoints lie elsewhere than its versions', async () => {
    await call('POST', '/api/registrations', { body: { ...body, origins: ['https://API.them.example:443'] } });
    expect(desks.calls[0]?.with).toMatchObject({ origins: ['https://api.them.example'] });
  });

  it.each<[string, unknown, number, Record<string, unknown>]>([
    ['a rule of OCPI', new OcpiError(200, 3001, 'The partner answered 500.'), 502, { status_code: 3001 }],
    ['a refused address', new OcpiError(200, 2001, 'That address is not allowed.'), 422, { status_code: 2001 }],
    [
      'the database',
      new StorageUnavailable(new Error('disk full')),
      503,
      { detail: 'Nothing was changed; try again.' },
    ],
  ])('answers with the reason when it fails: %s', async (_name, fault, status, members) => {
    desks.registrationFault = fault;
    const answer = await call('POST', '/api/registrations', { body });
    expect([answer.status, answer.json]).toMatchObject([status, members]);
  });

  it('tells nothing of a bug but the id under which the log has it', async () => {
    desks.registrationFault = new Error('secret detail at /srv/hub.ts');
    const answer = await call('POST', '/api/registrations', { body, headers: { 'X-Request-ID': 'my-id' } });
    expect([answer.status, answer.json]).toMatchObject([500, { instance: 'my-id' }]);
    expect(answer.text).not.toContain('secret detail');
    expect(lines.find((line) => line.includes('secret detail'))).toContain('my-id');
  });

  it.each([
    ['a token with a space', { ...body, token: 'a b' }, '/token'],
    ['a token that is too long', { ...body, token: 'x'.repeat(65) }, '/token'],
    ['a URL of another scheme', { ...body, versions_url: 'file:///etc/passwd' }, '/versions_url'],
    ['a URL with a password', { ...body, versions_url: 'https://u:p@a.example/' }, '/versions_url'],
  ])('refuses %s', async (_name, wrong, pointer) => {
    const answer = await call('POST', '/api/registrations', { body: wrong });
    expect([answer.status, answer.json]).toMatchObject([400, { errors: [{ pointer }] }]);
    expect(answer.text).not.toContain('a b');
  });
});

describe('partners', () => {
  it('lists them and shows one', async () => {
    expect((await call('GET', '/api/partners')).json).toMatchObject([{ id: 'p1', objects: { locations: 12 } }]);
    expect((await call('GET', '/api/partners/p1')).json).toMatchObject({ id: 'p1', versions: ['2.2.1'] });
    expect((await call('GET', '/api/partners/p9')).status).toBe(404);
  });

  it.each(['suspend', 'resume'])('%s answers with the partner', async (verb) => {
    const answer = await call('POST', `/api/partners/p1/${verb}`);
    expect(answer.status).toBe(200);
    expect(desks.calls).toEqual([{ what: `partners.${verb}`, with: 'p1', actor }]);
  });

  it('says why a renewal of tokens failed', async () => {
    const answer = await call('POST', '/api/partners/p1/rotate');
    expect([answer.status, answer.json]).toMatchObject([502, { reason: 'unreachable' }]);
  });

  it.each(['rotate', 'suspend', 'resume', 'pull', 'resync'])('%s of nobody is 404 and does nothing', async (verb) => {
    expect((await call('POST', `/api/partners/p9/${verb}`)).status).toBe(404);
    expect(desks.calls).toEqual([]);
  });

  it('changes what is named', async () => {
    const body = { name: 'New', switches: { push: false }, origins: ['https://B.example'] };
    expect((await call('PATCH', '/api/partners/p1', { body })).json).toMatchObject({ name: 'New' });
    const roles = [{ country_code: 'DE', party_id: 'CP9', role: 'CPO' }];
    await call('PATCH', '/api/partners/p1', { body: { allowed_roles: roles } });
    expect(desks.changes).toEqual([
      { name: 'New', switches: { push: false }, origins: ['https://b.example'] },
      { allowedRoles: roles },
    ]);
    for (const wrong of [{}, { switches: {} }, { switches: { stale: 'maybe' } }, { status: 'CONNECTED' }])
      expect((await call('PATCH', '/api/partners/p1', { body: wrong })).status).toBe(400);
  });

  it('pulls with or without a body, resyncs, and ends the connection', async () => {
    expect((await call('POST', '/api/partners/p1/pull')).status).toBe(202);
    expect((await call('POST', '/api/partners/p1/pull', { body: { full: false } })).status).toBe(202);
    expect((await call('POST', '/api/partners/p1/pull', { body: { full: 'yes' } })).status).toBe(400);
    expect((await call('POST', '/api/partners/p1/resync')).json).toEqual({ partner_id: 'p1' });
    expect((await call('DELETE', '/api/partners/p1')).status).toBe(204);
    expect((await call('DELETE', '/api/partners/p1')).status).toBe(404);
    expect(desks.calls.map(({ what, with: given }) => [what, given])).toEqual([
      ['pulls.start', { id: 'p1', request: { full: true } }],
      ['pulls.start', { id: 'p1', request: { full: false } }],
      ['lanes.resync', 'p1'],
      ['partners.unregister', 'p1'],
    ]);
  });
});

describe('lanes, parked objects, pulls, audit, quality', () => {
  it('shows lanes and pulls', async () => {
    expect((await call('GET', '/api/lanes')).json).toMatchObject([
      { cursor: 7, head: 9, lag_objects: 2, lag_seconds: 0.5, breaker: 'closed', in_flight: 1, parked: 1 },
    ]);
    expect((await call('GET', '/api/pulls')).json).toMatchObject([{ state: 'running', total: 1000 }]);
  });

  it('filters parked objects and replays some or all', async () => {
    const parked = await call('GET', '/api/parked?partner_id=p1&limit=5');
    expect(parked.headers['x-total-count']).toBe('41');
    const from = '2026-01-01T00:00:00Z';
    expect((await call('POST', '/api/parked/replay', { body: { partner_id: 'p1', from } })).json).toEqual({
      replayed: 1,
    });
    expect((await call('POST', '/api/parked/replay')).status).toBe(200);
    expect(desks.calls.map(({ with: given }) => given)).toEqual([
      { filter: { partnerId: 'p1' }, limit: 5 },
      { partnerId: 'p1', parkedFrom: Date.parse(from) },
      {},
    ]);
    expect((await call('GET', '/api/parked?limit=x')).json).toMatchObject({ errors: [{ pointer: 'limit' }] });
    expect((await call('GET', '/api/parked?partner=p1')).json).toMatchObject({ errors: [{ pointer: 'partner' }] });
    expect((await call('POST', '/api/parked/replay', { body: { from: 'yesterday' } })).status).toBe(400);
  });

  it('shows the audit record page by page and says whether the chain is whole (T26)', async () => {
    const first = await call('GET', '/api/audit?limit=3');
    expect(first.json).toMatchObject({ chain: { intact: true, first_broken: null }, next: 2 });
    expect((await call('GET', '/api/audit?limit=3&before=2')).json).toMatchObject({
      entries: [{ seq: 1 }],
      next: null,
    });
    desks.brokenAt = 3;
    expect((await call('GET', '/api/audit')).json).toMatchObject({ chain: { intact: false, first_broken: 3 } });
    expect((await call('GET', '/api/audit?verify=false')).json).toMatchObject({ chain: null });
  });

  it('reports quality by rule and party', async () => {
    await call('GET', '/api/quality?rule=r&country_code=DE&party_id=CP1&limit=0');
    expect(desks.calls).toMatchObject([
      { with: { filter: { rule: 'r', countryCode: 'DE', partyId: 'CP1' }, samples: 0 } },
    ]);
  });
});

describe('what every call is held to', () => {
  it.each(routes.map(({ method, path }) => [method, path] as const))(
    '%s %s is closed without the token, and its body is not read (T22)',
    async (method, path) => {
      const wrong = [undefined, 'wrong', 'their-token-a'];
      for (const given of wrong) {
        const options = given === undefined ? {} : { token: given };
        const answer = await send(server.url, method, path.replace('{id}', 'p1'), { ...options, body: '{broken' });
        expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="roamhub admin"']);
        expect(answer.headers['content-type']).toBe('application/problem+json');
      }
      expect(desks.calls).toEqual([]);
    },
  );

  it("does not take a partner's token form", async () => {
    const headers = { Authorization: `Token ${Buffer.from(token).toString('base64')}` };
    expect((await send(server.url, 'GET', '/api/partners', { headers })).status).toBe(401);
  });

  it('tells strangers nothing about which paths exist', async () => {
    expect((await send(server.url, 'GET', '/api/nothing')).status).toBe(401);
    expect((await call('GET', '/api/nothing')).status).toBe(404);
    expect((await call('GET', '/api/message')).status).toBe(404);
  });

  it('names the methods that a path knows', async () => {
    const answer = await call('PUT', '/api/partners/p1');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, PATCH, DELETE']);
  });

  it.each<[string, CallOptions, number]>([
    ['broken JSON', { body: '{"name":', headers: { 'Content-Type': 'application/json' } }, 400],
    ['another type', { body: 'name=x', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, 415],
    ['no type', { body: '{}' }, 415],
    [
      'an encoded body',
      { body: 'x', headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' } },
      415,
    ],
    ['a body over 256 kB', { body: { name: 'x'.repeat(300_000) } }, 413],
    ['no body', {}, 400],
    ['a poisoned name', { body: '{"__proto__":{}}', headers: { 'Content-Type': 'application/json' } }, 400],
  ])('refuses %s and does nothing', async (_name, options, status) => {
    expect((await call('POST', '/api/invites', options)).status).toBe(status);
    expect(desks.calls).toEqual([]);
  });

  it('refuses a path that cannot be decoded', async () => {
    const answer = await send(server.url, 'GET', '/api/partners/%E0%A4%A', { token });
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json']);
  });
});

describe('the OpenAPI document', () => {
  it('describes exactly the routes that are mounted, and resolves all its references', async () => {
    const { json, text } = await call('GET', '/api/openapi.json');
    const { openapi, info, paths, components } = json as {
      openapi: string;
      info: { version: string };
      paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
      components: { schemas: Record<string, unknown> };
    };
    expect([openapi, info.version]).toEqual(['3.1.0', version]);
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`),
    );
    expect(described.sort()).toEqual(
      routes.map(({ method, path, operation }) => `${method} ${path} ${operation}`).sort(),
    );
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
      expect(Object.keys(components.schemas)).toContain(name);
    expect(new Set(routes.map(({ operation }) => operation)).size).toBe(routes.length);
  });
});

describe('what is open', () => {
  it('/health says that the process is alive', async () => {
    expect((await send(server.url, 'GET', '/health')).json).toEqual({ status: 'ok' });
  });

  it('/ready is 503 with reasons when the hub is not ready; a lack of Redis only degrades it', async () => {
    ready = { ready: true, reasons: [], degraded: ['Redis cannot be reached.'] };
    expect(await send(server.url, 'GET', '/ready')).toMatchObject({ status: 200, json: ready });
    ready = { ready: false, reasons: ['The hub is stopping.'], degraded: [] };
    expect(await send(server.url, 'GET', '/ready')).toMatchObject({ status: 503, json: ready });
  });

  it('/metrics is text for Prometheus', async () => {
    const answer = await send(server.url, 'GET', '/metrics');
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    expect(answer.text).toContain('roamhub_admin_requests_total');
  });

  it('the page is served with its own headers', async () => {
    const answer = await send(server.url, 'GET', '/');
    expect([answer.text, answer.headers['x-test'], answer.headers['content-type']]).toEqual([
      '<p>page</p>',
      '1',
      'text/html; charset=utf-8',
    ]);
  });
});
