import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { type CpoSimulator, type EmspSimulator, parseFault } from '../../src/simulator/index.js';
import { EchoingPartner } from '../support/e2e/echoing-partner.js';
import { runProgram, until, World } from '../support/e2e/index.js';
import { callHttp, location } from '../support/hub/index.js';

/** What belongs to a person and must be neither logged nor shown: planted wherever a request can carry it. */
const planted = {
  uid: 'PLANTED-UID-04A1B2C3',
  contract: 'NL-EMP-CPLANTED01-K',
  visual: 'PLANTED-VISUAL-9001',
  query: 'planted-query-token-5d1f',
  bearer: 'planted-bearer-0f8e7d',
};

describe('secrets', () => {
  let world: World;
  let cpo: CpoSimulator;
  let emsp: EmspSimulator;
  let echo: EchoingPartner;
  /** Every credentials token that was ever used, in clear. */
  const tokens = new Set<string>();

  const note = (): void => {
    for (const { link } of [cpo, emsp])
      for (const token of [link.inboundToken, link.peer?.outboundToken]) if (token !== undefined) tokens.add(token);
    for (const token of [...echo.shown, echo.tokenA, echo.tokenC]) if (token.length > 8) tokens.add(token);
  };

  const join = async (platform: CpoSimulator | EmspSimulator): Promise<void> => {
    const roles = platform.parties.map(({ country_code, party_id, role }) => ({ country_code, party_id, role }));
    const invite = await world.hub.admin.invite(platform.name, roles);
    tokens.add(invite.token);
    await platform.register(invite);
  };

  const call = (method: string, url: string, token: string, body?: unknown): ReturnType<typeof callHttp> =>
    callHttp(method, url, { token, headers: { Connection: 'close' }, ...(body === undefined ? {} : { body }) });

  beforeAll(async () => {
    world = await World.start({ env: { ROAMHUB_LOG_LEVEL: 'debug' } });
    cpo = await world.cpo('DE/CP1', { pushOnly: true });
    cpo.generate(10);
    emsp = await world.emsp('NL/EM1');
    echo = new EchoingPartner();
    await echo.listen();
  });

  afterAll(async () => {
    await echo.close();
    await world.close();
  });

  it('are used everywhere a hub uses them', async () => {
    const { admin } = world.hub;
    await join(cpo);
    await join(emsp);
    note();
    // Handshakes in every direction, good and bad.
    await emsp.rotate();
    note();
    await admin.done('POST', `/api/partners/${(await world.partnerOf(emsp)).id}/rotate`);
    note();
    echo.refusesCredentials = true;
    const refused = await admin.call('POST', '/api/registrations', {
      name: 'echo',
      versions_url: echo.versionsUrl,
      token: echo.tokenA,
    });
    expect(refused.status).toBe(502);
    note();
    for (const token of tokens)
      expect({ token, echoed: refused.text.includes(token) }).toEqual({ token, echoed: false });
    echo.refusesCredentials = false;
    await admin.register('echo', { versions_url: echo.versionsUrl, token: echo.tokenA });
    echo.refusesCredentials = true;
    expect((await admin.call('POST', `/api/partners/${(await admin.partner('echo')).id}/rotate`)).status).toBe(502);
    // Pushes that go well, that are refused with the token in the answer, and that fail.
    await cpo.putAll();
    await world.converged([emsp]);
    await emsp.setFaults(['reject2001@0.3', 'error500@0.2', 'status=409@0.2'].map((fault) => parseFault(fault)));
    await cpo.runStream({ rate: 200, count: 100 });
    await until('the echoing partner was told', () => world.hub.output.includes('"msg":"delivery.attempted"'));
    await emsp.setFaults([]);
    note();
    expect(tokens.size).toBeGreaterThan(9);
  });

  it('are planted in requests that go wrong', async () => {
    const token = cpo.link.peer?.outboundToken ?? '';
    const receiver = cpo.link.endpoint('locations', 'RECEIVER') ?? '';
    const rider = { uid: planted.uid, visual_number: planted.visual, contract_id: planted.contract, issuer: 'Me' };
    const bodies = [
      location('SEC1', { publish_allowed_to: [rider] }),
      location('SEC1', { publish_allowed_to: [{ ...rider, type: 'NONSENSE' }] }),
      location('SEC1', { publish_allowed_to: [rider], coordinates: planted.uid }),
      location('SEC1', { publish_allowed_to: [rider], last_updated: planted.uid }),
      location(planted.contract, {}),
      `{"uid":"${planted.uid}","contract_id":"${planted.contract}",`,
      `{"__proto__":{"auth_id":"${planted.uid}"}}`,
    ];
    for (const body of bodies) {
      const answer = await call('PUT', `${receiver}/DE/CP1/SEC1?token=${planted.query}`, token, body);
      expect([200, 201, 400]).toContain(answer.status);
    }
    const base = world.hub.publicUrl;
    const paths = ['/ocpi/2.2.1/receiver/tokens/NL/EM1', '/ocpi/2.2.1/sender/tokens', '/ocpi/2.2.1/sender/nothing'];
    for (const unknown of paths) {
      const url = `${base}${unknown}/${planted.uid}?contract_id=${planted.contract}`;
      expect((await call('PUT', url, token, rider)).status).toBe(404);
      expect((await call('POST', `${url}/authorize`, planted.bearer)).status).toBe(401);
    }
    for (const authorization of [`Bearer ${planted.bearer}`, `Token ${planted.bearer}`, planted.bearer]) {
      const headers = { Authorization: authorization, Connection: 'close' };
      expect((await callHttp('GET', world.hub.versionsUrl, { headers })).status).toBe(401);
      expect(
        (await callHttp('GET', `${world.hub.admin.url}/api/lanes?token=${planted.query}`, { headers })).status,
      ).toBe(401);
    }
    await world.hub.admin.call('POST', '/api/registrations', {
      name: 'x',
      versions_url: `https://user:${planted.query}@example.com/`,
      token: planted.bearer,
    });
    await world.hub.admin.call('POST', '/api/registrations', {
      name: 'x',
      versions_url: 'http://127.0.0.1:1/versions',
      token: planted.bearer,
    });
    await world.hub.admin.call('POST', '/api/invites', `{"name":"${planted.bearer}`);
  });

  it('open nothing on the wrong door (T22)', async () => {
    const token = cpo.link.peer?.outboundToken ?? '';
    for (const authorization of [
      `Bearer ${token}`,
      `Token ${token}`,
      `Token ${Buffer.from(token).toString('base64')}`,
    ]) {
      const headers = { Authorization: authorization, Connection: 'close' };
      expect((await callHttp('GET', `${world.hub.admin.url}/api/partners`, { headers })).status).toBe(401);
    }
    for (const door of ['/api/partners', '/api/openapi.json', '/api/invites', '/metrics', '/', '/console.js']) {
      for (const headers of [{ Authorization: `Bearer ${world.hub.admin.token}` }, {}]) {
        const answer = await callHttp('GET', world.hub.publicUrl + door, {
          headers: { ...headers, Connection: 'close' },
        });
        expect({ door, status: answer.status, code: answer.body.status_code }).toEqual({
          door,
          status: 401,
          code: 2000,
        });
      }
      expect((await call('GET', world.hub.publicUrl + door, token)).status).toBe(404);
    }
  });

  it('stand in no line that the hub prints, not even at debug (T20)', () => {
    const { output } = world.hub;
    expect(output.length).toBeGreaterThan(20_000);
    expect(output).toContain('"level":"debug"');
    expect(output).toContain('/ocpi/2.2.1/receiver/tokens/…');
    const lines = output.split('\n');
    const found = [...tokens, ...Object.values(planted), world.hub.admin.token]
      .map((secret) => ({ secret, line: lines.find((line) => line.includes(secret)) }))
      .filter(({ line }) => line !== undefined);
    expect(found).toEqual([]);
  });

  it('stand in clear in no file of the data directory, while it runs and after (T4)', async () => {
    const files = (): string[] =>
      readdirSync(world.hub.dataDir, { recursive: true })
        .map((name) => path.join(world.hub.dataDir, String(name)))
        .filter((file) => statSync(file).isFile());
    const found = (): string[] =>
      files().flatMap((file) => {
        const bytes = readFileSync(file);
        return [...tokens]
          .filter((token) => bytes.includes(token))
          .map((token) => `${token} in ${path.basename(file)}`);
      });
    expect(files().map((file) => path.basename(file))).toEqual(
      expect.arrayContaining(['roamhub.sqlite', 'roamhub.sqlite-wal']),
    );
    expect(found()).toEqual([]);
    await world.hub.kill();
    expect(found()).toEqual([]);
    await world.hub.start();
    expect(await world.hub.terminate()).toMatchObject({ code: 0 });
    expect(found()).toEqual([]);
    const names = files().map((file) => path.basename(file));
    expect(names).not.toContain('roamhub.sqlite-wal');
    // What is searched is what is there: other texts are found.
    expect(readFileSync(path.join(world.hub.dataDir, 'roamhub.sqlite')).includes('LOC00001')).toBe(true);
  });

  it('are behind files that only their owner can read', () => {
    for (const name of ['', 'secret-keys.json'])
      expect({ name, open: statSync(path.join(world.hub.dataDir, name)).mode & 0o077 }).toEqual({ name, open: 0 });
  });

  it('would be missed: a change of the audit is found (T26)', async () => {
    const env = { ROAMHUB_ADMIN_URL: world.hub.admin.url, ROAMHUB_ADMIN_TOKEN: world.hub.admin.token };
    const audit = (): ReturnType<typeof runProgram> => runProgram('cli/main.js', ['audit', '--limit', '3'], env);
    const tamper = async (statement: string): Promise<void> => {
      await world.hub.kill();
      const db = new Database(path.join(world.hub.dataDir, 'roamhub.sqlite'));
      expect(() => db.exec("UPDATE audit SET actor = 'nobody' WHERE seq = 1")).toThrow('append-only');
      // Whoever has the file can take the triggers away as well.
      const triggers = db
        .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
        .all();
      for (const { name } of triggers as { name: string }[]) db.exec(`DROP TRIGGER ${name}`);
      db.exec(statement);
      for (const { sql } of triggers as { sql: string }[]) db.exec(sql);
      db.close();
      await world.hub.start();
    };
    if (!world.hub.isRunning) await world.hub.start();
    const whole = await audit();
    expect({ code: whole.code, stdout: whole.stdout }).toEqual({ code: 0, stdout: expect.stringContaining('whole') });
    await tamper(
      `CREATE TABLE kept AS SELECT * FROM audit WHERE seq = 3; UPDATE audit SET actor = 'somebody else' WHERE seq = 3`,
    );
    const changed = await audit();
    expect(changed.code).toBe(1);
    expect(changed.stderr).toMatch(/entry 3 /);
    await tamper('DELETE FROM audit WHERE seq = 3; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept');
    expect((await audit()).code).toBe(0);
    await tamper('DELETE FROM audit WHERE seq = 4');
    expect((await audit()).code).toBe(1);
  });
});
