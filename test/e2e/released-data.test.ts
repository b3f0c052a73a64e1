import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { HubProcess } from '../support/e2e/index.js';
import { callHttp } from '../support/hub/http-call.js';

interface Secrets {
  readonly secretKeys: unknown;
  /** What each partner presents. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly openInvite: { readonly id: string; readonly token: string };
}

const fixture = (name: string): string => readFileSync(path.resolve('test/fixtures/released', name), 'utf8');

describe.each(['0.1.0'])('a hub that takes over the data of %s', (release) => {
  const { secretKeys, tokens, openInvite } = JSON.parse(fixture(`${release}.json`)) as Secrets;
  let hub: HubProcess;
  let before: SqliteDatabase;

  beforeAll(async () => {
    before = new Database(':memory:');
    before.exec(fixture(`${release}.sql`));
    hub = await HubProcess.prepare();
    const db = new Database(path.join(hub.dataDir, 'roamhub.sqlite'));
    db.exec(`BEGIN; ${fixture(`${release}.sql`)} COMMIT;`);
    db.close();
    writeFileSync(path.join(hub.dataDir, 'secret-keys.json'), JSON.stringify(secretKeys), { mode: 0o600 });
    await hub.start();
  });

  afterAll(async () => {
    before.close();
    await hub.remove();
  });

  const column = (sql: string): unknown[] => before.prepare(sql).pluck().all();
  const get = (name: string, url: string) => callHttp('GET', hub.publicUrl + url, { token: tokens[name] ?? '' });

  it('knows its partners, by their names and by their tokens', async () => {
    const names = (await hub.admin.partners()).map((partner) => partner.name);
    expect(names.sort()).toEqual(column('SELECT name FROM partner ORDER BY name'));
    expect(Object.keys(tokens).sort()).toEqual(names);
    for (const name of names) expect([name, (await get(name, '/ocpi/2.2.1')).body.status_code]).toEqual([name, 1000]);
  });

  it('serves every object to the letter', async () => {
    for (const [module, table] of [
      ['locations', 'location'],
      ['tariffs', 'tariff'],
    ]) {
      const answer = await get('NL/EM1', `/ocpi/2.2.1/sender/${module}?limit=1000`);
      expect(answer.text).toContain(`[${column(`SELECT document FROM ${table} ORDER BY id`).join(',')}]`);
    }
  });

  it('has its invites, lanes, refused objects and audit', async () => {
    const invites = await hub.admin.done<{ id: string; state: string }[]>('GET', '/api/invites');
    expect(invites.find((invite) => invite.id === openInvite.id)?.state).toBe('OPEN');
    expect((await callHttp('GET', `${hub.publicUrl}/ocpi/versions`, { token: openInvite.token })).status).toBe(200);
    for (const lane of await hub.admin.lanes()) {
      const { id } = await hub.admin.partner(lane.partner);
      const [cursor] = column(`SELECT cursor_seq FROM push_lane WHERE partner = '${id}'`);
      expect([lane.partner, lane.cursor >= Number(cursor)]).toEqual([lane.partner, true]);
    }
    const db = new Database(path.join(hub.dataDir, 'roamhub.sqlite'), { readonly: true });
    const exceptions = 'SELECT partner, party, module, object FROM push_exception ORDER BY 1, 2, 3, 4';
    expect(db.prepare(exceptions).raw().all()).toEqual(before.prepare(exceptions).raw().all());
    db.close();
    const { chain, entries } = await hub.admin.audit();
    expect(chain).toEqual({ intact: true, first_broken: null });
    expect(entries.length).toBeGreaterThanOrEqual(column('SELECT seq FROM audit').length);
  });
});
