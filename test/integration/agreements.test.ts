import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { matches } from '../../src/admin/check.js';
import {
  type AdminServer,
  AdminTokenCheck,
  type AgreementView,
  adminRoutes,
  createAdminApp,
  listenAdmin,
} from '../../src/admin/index.js';
import { problemsOf } from '../../src/admin/open-api.js';
import { type CallOptions, call as send } from '../../src/admin/testing/call.js';
import { FakeDesks } from '../../src/admin/testing/fake-desks.js';
import { agreementDesk } from '../../src/app/desks/agreement-desk.js';
import { auditDesk } from '../../src/app/desks/record-desks.js';
import { runCli } from '../../src/cli/run-cli.js';
import { createEvents, createMetrics, silentLogger } from '../../src/platform/observability/index.js';
import { judged } from '../contract/agreements-contract.js';
import {
  type AgreementsNode,
  type AgreementsUnderTest,
  agreementsOnSqlite,
} from '../contract/agreements-under-test.js';
import { register } from '../contract/partners-contract.js';

const token = 'operator-token-operator-token';
const routes = adminRoutes('1.2.3');
let database: AgreementsUnderTest;
let node: AgreementsNode;
let server: AdminServer;

beforeEach(async () => {
  database = await agreementsOnSqlite();
  node = await database.open();
  const metrics = createMetrics({ withProcess: false });
  const desks = new FakeDesks();
  const ports = new Proxy(desks, {
    get: (_desks, name) =>
      Reflect.get({ agreements: agreementDesk(node.agreements), audit: auditDesk(node.partners) }, name) ??
      Reflect.get(desks, name),
  });
  const app = createAdminApp({
    ports,
    token: new AdminTokenCheck(token),
    readiness: () => ({ ready: true, reasons: [], degraded: [] }),
    metrics,
    events: createEvents({ logger: silentLogger, metrics, clock: { now: () => 0 } }),
    pages: [],
    version: '1.2.3',
  });
  server = await listenAdmin(app, { host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await server.close();
  await database.close();
});

/** Calls with the token, and holds the answer against what the OpenAPI document says of the route. */
async function call(method: string, path: string, options: CallOptions = {}) {
  const answer = await send(server.url, method, path, { token, ...options });
  const plain = path.split('?')[0] ?? '';
  const fits = routes.filter(
    (one) => one.method === method && new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(plain),
  );
  const route = fits.find((one) => one.path === plain) ?? fits[0];
  const schema = route?.responses[answer.status]?.schema;
  if (route && answer.status >= 400) expect(Object.keys(problemsOf(route))).toContain(String(answer.status));
  else if (schema) expect([matches(schema, answer.json, []), answer.json]).toEqual([true, answer.json]);
  return answer;
}

const denial = { giver: 'DE/CP1', taker: 'FR/EM1', module: 'locations', effect: 'deny' };

/** Runs one command line as the shell would. */
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

describe('the admin API of agreements', () => {
  it('makes, lists and withdraws agreements, which hold from the answer on', async () => {
    const made = await call('POST', '/api/agreements', { body: { ...denial, giver: 'de/cp1', note: 'unpaid' } });
    const at = new Date(database.time.now).toISOString();
    expect([made.status, made.json]).toEqual([
      201,
      [{ ...denial, id: expect.any(String), note: 'unpaid', created_at: at }],
    ]);
    expect(judged(node, 'DE/CP1', 'FR/EM1').allowed).toBe(false);
    expect((await call('POST', '/api/agreements', { body: denial })).status).toBe(200);
    expect((await call('GET', '/api/agreements')).json).toEqual(made.json);
    const [{ id } = { id: '' }] = made.json as readonly AgreementView[];
    expect((await call('DELETE', `/api/agreements/${id}`)).status).toBe(204);
    expect(judged(node, 'DE/CP1', 'FR/EM1').allowed).toBe(true);
    expect((await call('DELETE', `/api/agreements/${id}`)).status).toBe(404);
    const { entries } = (await call('GET', '/api/audit')).json as { entries: readonly Record<string, unknown>[] };
    expect(entries.map(({ action, actor, source }) => [action, actor, source])).toEqual([
      ['agreement.withdraw', 'operator', '127.0.0.1'],
      ['agreement.add', 'operator', '127.0.0.1'],
    ]);
  });

  it('makes both directions at once, for all modules if none is named', async () => {
    const { module: _module, ...rest } = denial;
    const made = await call('POST', '/api/agreements', { body: { ...rest, both: true } });
    expect((made.json as readonly AgreementView[]).map(({ giver, module }) => [giver, module])).toEqual([
      ['DE/CP1', '*'],
      ['FR/EM1', '*'],
    ]);
  });

  it('narrows the list to a party or a module', async () => {
    for (const body of [denial, { ...denial, taker: 'NL/EM2', module: 'tokens' }])
      await call('POST', '/api/agreements', { body });
    const takers = async (query: string) =>
      ((await call('GET', `/api/agreements?${query}`)).json as readonly AgreementView[]).map(({ taker }) => taker);
    expect(await takers('party=nl/em2')).toEqual(['NL/EM2']);
    expect(await takers('module=locations')).toEqual(['FR/EM1']);
    expect((await takers('module=*')).length).toBe(2);
  });

  it('409 and no change where one of the two directions says the opposite', async () => {
    await call('POST', '/api/agreements', { body: { ...denial, giver: 'FR/EM1', taker: 'DE/CP1' } });
    const answer = await call('POST', '/api/agreements', { body: { ...denial, effect: 'allow', both: true } });
    expect([answer.status, answer.json]).toMatchObject([
      409,
      { detail: expect.stringMatching(/^Agreement \S+ says deny for locations from FR\/EM1 to DE\/CP1; withdraw/) },
    ]);
    expect(node.agreements.registry.list()).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['a party that is none', { giver: 'DE-CP1' }, '/giver'],
    ['a party with a star', { taker: 'DE/*' }, '/taker'],
    ['the same party twice', { taker: 'de/cp1' }, '/taker'],
    ['hubclientinfo', { module: 'hubclientinfo' }, '/module'],
    ['a module that is none', { module: 'locations2' }, '/module'],
    ['two modules', { module: 'locations\ntokens' }, '/module'],
    ['no effect', { effect: undefined }, '/effect'],
    ['an unknown name', { modul: 'tokens' }, '/modul'],
    ['the hub', { giver: 'NL/HUB' }, undefined],
  ])('refuses %s and changes nothing', async (_name, wrong, pointer) => {
    const answer = await call('POST', '/api/agreements', { body: { ...denial, ...wrong } });
    expect([answer.status, answer.json]).toMatchObject([400, pointer === undefined ? {} : { errors: [{ pointer }] }]);
    expect(node.agreements.policy.version).toBe(0);
  });

  it('shows and sets how parties share', async () => {
    const { partner } = await register(node.partners);
    const closed = await call('PATCH', '/api/parties/de/cp1', { body: { sharing: 'closed' } });
    expect([closed.status, closed.json]).toEqual([200, { country_code: 'DE', party_id: 'CP1', sharing: 'closed' }]);
    await call('PATCH', '/api/parties/FR/EM9', { body: { sharing: 'closed' } });
    expect((await call('GET', '/api/parties')).json).toEqual([
      {
        country_code: 'DE',
        party_id: 'CP1',
        role: 'CPO',
        partner_id: partner.id,
        partner: 'One',
        status: 'CONNECTED',
        sharing: 'closed',
      },
      {
        country_code: 'FR',
        party_id: 'EM9',
        role: null,
        partner_id: null,
        partner: null,
        status: null,
        sharing: 'closed',
      },
    ]);
    expect((await call('PATCH', '/api/parties/DE/CP12', { body: { sharing: 'open' } })).status).toBe(404);
    expect((await call('PATCH', '/api/parties/NL/HUB', { body: { sharing: 'closed' } })).status).toBe(400);
    expect((await call('PATCH', '/api/parties/DE/CP1', { body: { sharing: 'half' } })).status).toBe(400);
  });

  it('says how something is judged, and why', async () => {
    const decide = async (query: string) => (await call('GET', `/api/agreements/decision?${query}`)).json;
    const [{ id } = { id: '' }] = (await call('POST', '/api/agreements', { body: denial }))
      .json as readonly AgreementView[];
    await call('PATCH', '/api/parties/NL/EM2', { body: { sharing: 'closed' } });
    expect(await decide('giver=de/cp1&taker=FR/EM1&module=locations')).toMatchObject({
      allowed: false,
      rule: id,
      agreement: { ...denial, id },
    });
    expect(await decide('giver=DE/CP1&taker=FR/EM1&module=tokens')).toEqual({ allowed: true, rule: 'open' });
    expect(await decide('giver=DE/CP1&taker=NL/EM2&module=hubclientinfo')).toEqual({
      allowed: false,
      rule: 'closed NL/EM2',
    });
    expect((await call('GET', '/api/agreements/decision?giver=*&taker=FR/EM1&module=tokens')).status).toBe(400);
    expect((await call('GET', '/api/agreements/decision?giver=DE/CP1&taker=FR/EM1')).status).toBe(400);
  });

  it('is closed to whoever has no token', async () => {
    for (const { method, path } of routes.filter((one) => /agreements|parties/.test(one.path)))
      expect((await send(server.url, method, path.replace(/\{\w+\}/g, 'x'))).status).toBe(401);
  });
});

describe('roamhub agreements, roamhub parties', () => {
  it('allows, denies, lists, explains and withdraws', async () => {
    const denied = await run('agreements deny de-cp1 all --module tariffs --note unpaid');
    expect(denied).toMatchObject({ code: 0, complaints: '' });
    expect(denied.out).toMatch(
      /^ID +GIVER +TAKER +MODULE +EFFECT +SINCE +NOTE\n\S+ +DE\/CP1 +\* +tariffs +deny .*unpaid$/,
    );
    expect((await run('agreements allow DE-CP1 FR*EM1 --both')).out.split('\n')).toHaveLength(3);
    expect((await run('agreements')).out.split('\n')).toHaveLength(4);
    expect((await run('agreements --module tariffs --party NL-EM2')).out.split('\n')).toHaveLength(2);
    expect((await run('agreements why DE-CP1 NL-EM2 tariffs')).out).toMatch(/^Denied: agreement \S+ says so\.\nID /);
    expect((await run('agreements why DE-CP1 NL-EM2 tokens')).out).toBe(
      'Allowed: no agreement says otherwise, and both parties are open.',
    );
    expect((await run('agreements why DE-CP1 DE-CP1 tokens')).out).toBe('Allowed: a party has what is its own.');
    const agreed = JSON.parse((await run('agreements --json')).out) as readonly AgreementView[];
    const id = agreed.find(({ module }) => module === 'tariffs')?.id;
    expect(await run(`agreements withdraw ${id}`)).toMatchObject({ code: 0, out: `Agreement ${id} is withdrawn.` });
    expect(await run(`agreements withdraw ${id}`)).toMatchObject({
      code: 1,
      complaints: 'There is no such agreement.',
    });
    expect(judged(node, 'DE/CP1', 'NL/EM2', 'tariffs').allowed).toBe(true);
    expect(await run('agreements deny FR-EM1 DE-CP1')).toMatchObject({
      code: 1,
      complaints: expect.stringMatching(/withdraw it first/),
    });
  });

  it('opens and closes parties', async () => {
    await register(node.partners);
    expect(await run('parties close DE-CP1')).toMatchObject({ code: 0, out: 'DE/CP1 is closed.' });
    expect((await run('parties')).out).toMatch(/^PARTY .*\nDE-CP1 +CPO +One +CONNECTED +closed$/);
    expect((await run('agreements why FR-EM1 DE-CP1 tokens')).out).toBe(
      'Denied: DE/CP1 shares only what is agreed, and this is not.',
    );
    expect(await run('parties open de-cp1')).toMatchObject({ code: 0, out: 'DE/CP1 is open.' });
    expect(node.agreements.policy.isOpen).toBe(true);
  });

  it('ends with 2 when it is used wrongly', async () => {
    for (const line of [
      'agreements nonsense',
      'agreements allow DE-CP1',
      'agreements allow DE FR-EM1',
      'agreements why all FR-EM1 tokens',
      'agreements --party all',
      'parties close',
      'parties close all',
    ])
      expect([line, (await run(line)).code]).toEqual([line, 2]);
  });
});
