import { expect } from '@jest/globals';
import { type TestHub, tokenA } from '../../support/hub/index.js';
import { expectCodes } from './kit.js';
import { elsewhere, type Row, tested } from './row.js';

interface Endpoint {
  identifier: string;
  role: string;
  url: string;
}

const versions = async (hub: TestHub) =>
  expectCodes(await hub.as('P2', 'GET', '/ocpi/versions'), 200, 1000).body.data as { version: string; url: string }[];
const details = async (hub: TestHub) => {
  const entry = (await versions(hub)).find((one) => one.version === '2.2.1');
  return expectCodes(await hub.as('P2', 'GET', entry?.url ?? ''), 200, 1000).data as unknown as {
    version: string;
    endpoints: Endpoint[];
  };
};
const unit = 'src/modules/versions/version-operations.test.ts';
const handshake = 'test/integration/credentials.test.ts';

export const versionRows: readonly Row[] = [
  tested('V-01', 'MUST', 'a versions endpoint', async (hub) => expect((await versions(hub)).length).toBeGreaterThan(0)),
  tested('V-02', 'must', 'version and absolute URL in each entry', async (hub) => {
    for (const { version, url } of await versions(hub)) {
      expect(version).toMatch(/^\d+\.\d+(\.\d+)?$/);
      expect(new URL(url).origin).toBe(hub.url);
    }
    expect((await versions(hub)).map((entry) => entry.version)).toContain('2.2.1');
  }),
  tested('V-03', 'MUST', 'version details with endpoints', async (hub) => {
    expect((await details(hub)).version).toBe('2.2.1');
    expect((await details(hub)).endpoints.length).toBeGreaterThan(0);
  }),
  tested('V-04', 'must', 'identifier, role and URL in each endpoint', async (hub) => {
    for (const endpoint of (await details(hub)).endpoints)
      expect(endpoint).toEqual({
        identifier: expect.stringMatching(/^[a-z]+$/),
        role: expect.stringMatching(/^(SENDER|RECEIVER)$/),
        url: expect.stringMatching(/^https?:\/\//),
      });
  }),
  tested('V-05', 'must', 'a module with both sides is listed twice', async (hub) => {
    for (const module of ['locations', 'tariffs']) {
      const roles = (await details(hub)).endpoints
        .filter((entry) => entry.identifier === module)
        .map((entry) => entry.role);
      expect(roles.sort()).toEqual(['RECEIVER', 'SENDER']);
    }
  }),
  elsewhere('V-06', 'SHOULD', 'credentials once, as SENDER', unit),
  elsewhere('V-07', 'must', 'meaning of SENDER and RECEIVER', 'test/conformance/schema-rules.test.ts'),
  tested('V-08', 'must', 'versions is not listed; identifiers are module ids', async (hub) => {
    const known = [
      'cdrs',
      'chargingprofiles',
      'commands',
      'credentials',
      'hubclientinfo',
      'locations',
      'sessions',
      'tariffs',
      'tokens',
    ];
    for (const { identifier } of (await details(hub)).endpoints) expect(known).toContain(identifier);
  }),
  tested('V-09', 'must', 'both need a token; token A will do', async (hub) => {
    for (const url of ['/ocpi/versions', '/ocpi/2.2.1']) {
      expectCodes(await hub.call('GET', url), 401, 2000);
      expectCodes(await hub.call('GET', url, { token: tokenA }), 200, 1000);
    }
  }),
  elsewhere('V-10', 'MAY', 'custom modules are not shown', unit),
  elsewhere('V-11', 'REC', "unknown versions, modules and fields in a partner's answers are ignored", handshake),
  elsewhere('V-12', 'must', 'the latest mutual version is taken', handshake),
  tested('V-13', 'REC', 'only what is really offered', async (hub) => {
    expect((await versions(hub)).map((entry) => entry.version)).toEqual(['2.2.1']);
    for (const { url, role } of (await details(hub)).endpoints)
      expect((await hub.as('P2', role === 'SENDER' ? 'GET' : 'POST', url)).status).not.toBe(500);
  }),
  tested('V-14', 'must', 'no side effects, no routing, no pages', async (hub) => {
    const head = hub.head();
    const [first, second] = [await hub.as('P2', 'GET', '/ocpi/2.2.1'), await hub.as('P2', 'GET', '/ocpi/2.2.1')];
    expect(first.data).toEqual(second.data);
    expect(first.headers).not.toHaveProperty('x-total-count');
    expect(hub.head()).toBe(head);
  }),
  tested('V-15', 'must', 'no module without what it depends on', async (hub) => {
    const listed = (await details(hub)).endpoints.map((entry) => `${entry.identifier} ${entry.role}`);
    if (listed.includes('locations RECEIVER')) expect(listed).toContain('tariffs RECEIVER');
    if (listed.includes('commands RECEIVER'))
      expect(listed).toEqual(expect.arrayContaining(['locations SENDER', 'sessions SENDER']));
    if (listed.includes('chargingprofiles RECEIVER')) expect(listed).toContain('sessions SENDER');
  }),
  tested('V-16', 'SHOULD', 'the version number is in the URLs', async (hub) => {
    for (const { url } of (await details(hub)).endpoints) expect(url).toContain('/2.2.1/');
  }),
  elsewhere('V-17', 'must', 'endpoints that moved come with PUT credentials', handshake, 'C-11'),
  tested('V-18', 'REC', 'an unknown version is 404', async (hub) => {
    for (const version of ['9.9', '2.1.1', '2.2', '..%2f2.2.1'])
      expectCodes(await hub.as('P2', 'GET', `/ocpi/${version}`), 404, 2000);
  }),
];

const initiator = 'test/integration/credentials-initiator.test.ts';

export const credentialRows: readonly Row[] = [
  elsewhere('C-01', 'must', 'GET shows how the caller reaches this hub', handshake),
  elsewhere('C-02', 'must', 'POST reads versions and details with B before it answers', handshake),
  elsewhere('C-03', 'must', 'the answer holds C', handshake),
  elsewhere('C-04', 'must', 'after success A is dead', handshake),
  elsewhere('C-05', 'REC', 'a registration that fails stores nothing, A stays', handshake),
  elsewhere('C-06', 'REC', 'A is for one use, expires and is bound', handshake),
  elsewhere('C-07', 'must', 'PATCH does not exist', handshake),
  elsewhere('C-08', 'MUST', 'POST when registered is 405', handshake),
  elsewhere('C-09', 'MUST', 'PUT when not registered is 405', handshake),
  elsewhere('C-10', 'MUST', 'DELETE when not registered is 405', handshake),
  elsewhere('C-11', 'must', 'PUT reads everything again and makes a new token', handshake),
  elsewhere('C-12', 'REC', 'the old token ends, with an overlap', handshake),
  elsewhere('C-13', 'SHOULD', "3001 if the client's API cannot be used", handshake),
  elsewhere('C-14', 'must', '3002 if it does not offer the version', handshake),
  elsewhere('C-15', 'must', '3003 if endpoints are missing', handshake),
  elsewhere('C-16', 'must', 'as initiator: no POST if endpoints are missing', initiator),
  elsewhere('C-17', 'must', 'DELETE voids the tokens of both directions', handshake),
  elsewhere('C-18', 'must', 'roles: at least one, each once', handshake),
  elsewhere('C-19', 'must', 'fields of a role', handshake),
  elsewhere('C-20', 'MUST', 'the hub reports itself only', handshake),
  elsewhere(
    'C-21',
    'must',
    'connected parties are made known through hubclientinfo',
    'src/modules/hubclientinfo/client-states.test.ts',
  ),
  elsewhere('C-22', 'must', 'url is the versions URL', handshake),
  elsewhere('C-23', 'SHOULD', 'tokens are renewed', initiator),
  elsewhere('C-24', 'MUST', 'a token update at once on suspicion', initiator),
  elsewhere('C-25', 'REC', 'a party of another platform is refused', handshake),
  elsewhere('C-26', 'REC', 'a change of roles is taken over and told', 'test/integration/hubclientinfo-cases.ts'),
  elsewhere('C-27', 'must', 'no routing headers', 'src/platform/http/request-pipeline.test.ts', 'R-02'),
  elsewhere('C-28', 'REC', "a client's URLs are not trusted", handshake),
  elsewhere('C-29', 'must', 'the hub as initiator', initiator),
  elsewhere('C-30', 'REC', 'tokens are stored hashed', 'test/integration/credentials-safety.test.ts'),
  elsewhere('C-31', 'must', 'a body that breaks the rules is 2001 and nobody is called', handshake),
];
