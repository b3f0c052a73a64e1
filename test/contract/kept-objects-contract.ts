import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cdrDocuments, cdrPullSink } from '../../src/modules/cdrs/index.js';
import { sessionDocuments, sessionPullSink } from '../../src/modules/sessions/index.js';
import { fixedPolicy, SharingRules } from '../../src/platform/agreements/index.js';
import { KeptObjects, visibleRelations } from '../../src/platform/forwarding/index.js';
import { PagedList } from '../../src/platform/http/index.js';
import type { PullSink } from '../../src/platform/pull/index.js';
import { SchemaRegistry } from '../../src/platform/schema/index.js';
import { partnerOf } from '../support/hub/index.js';
import type { OpenStorage, StorageUnderTest } from './storage-under-test.js';

const now = Date.UTC(2026, 4, 2);
const day = 24 * 3_600_000;
const party = (key: string) => ({ country_code: key.slice(0, 2), party_id: key.slice(3) });
const cp1 = party('DE/CP1');
const context = { correlationId: 'c', applyStale: false };

const cdrToken = (emsp: string) => ({ ...party(emsp), uid: 'U1', type: 'RFID', contract_id: 'C1' });
const session = (id: string, emsp: string, fields: object = {}) => ({
  ...cp1,
  id,
  start_date_time: '2026-05-01T10:00:00Z',
  kwh: 1.5,
  cdr_token: cdrToken(emsp),
  auth_method: 'WHITELIST',
  location_id: 'LOC1',
  evse_uid: 'E1',
  connector_id: '1',
  currency: 'EUR',
  status: 'ACTIVE',
  last_updated: '2026-05-01T12:00:00Z',
  ...fields,
});
const cdr = (id: string, emsp: string, fields: object = {}) => ({
  ...cp1,
  id,
  start_date_time: '2026-05-01T10:00:00Z',
  end_date_time: '2026-05-01T11:00:00Z',
  cdr_token: cdrToken(emsp),
  auth_method: 'WHITELIST',
  cdr_location: {
    id: 'LOC1',
    address: 'Markt 1',
    city: 'Ulm',
    country: 'DEU',
    coordinates: { latitude: '48.39841', longitude: '9.99155' },
    evse_uid: 'E1',
    evse_id: 'DE*CP1*E1',
    connector_id: '1',
    connector_standard: 'IEC_62196_T2',
    connector_format: 'SOCKET',
    connector_power_type: 'AC_3_PHASE',
  },
  currency: 'EUR',
  charging_periods: [{ start_date_time: '2026-05-01T10:00:00Z', dimensions: [{ type: 'ENERGY', volume: 1 }] }],
  total_cost: { excl_vat: 1 },
  total_energy: 1,
  total_time: 1,
  last_updated: '2026-05-01T12:00:00Z',
  ...fields,
});

/** Sessions and CDRs that are kept for GET All, whichever the database. */
export function describeKeptObjects(name: string, open: OpenStorage): void {
  describe(`kept Sessions and CDRs, on ${name}`, () => {
    let under: StorageUnderTest;
    let time = now;
    let sessions: KeptObjects;
    let cdrs: KeptObjects;
    let sessionSink: PullSink;
    let cdrSink: PullSink;
    const p1 = partnerOf('P1', { parties: ['DE/CP1/CPO'] });
    const p2 = partnerOf('P2', { parties: ['FR/EM1/EMSP'] });
    const p3 = partnerOf('P3', { parties: ['BE/EM2/EMSP'] });
    /** A party of the same name as the CPO's, with another role, on another platform. */
    const p5 = partnerOf('P5', { parties: ['DE/CP1/EMSP'] });
    const all = [p1, p2, p3, p5];
    const parties = {
      partiesIn: (wanted: readonly string[]) =>
        all.flatMap(({ roles }) => roles.filter(({ role }) => wanted.includes(role))),
    };
    const open_ = new SharingRules({ version: 0, agreements: [], closed: new Set() });

    beforeAll(async () => {
      under = await open();
      const { storage } = under;
      sessions = new KeptObjects(storage.documents(sessionDocuments), false);
      cdrs = new KeptObjects(storage.documents(cdrDocuments), true);
      const schemas = SchemaRegistry.load();
      const clock = { now: () => time };
      const knows = ({ party_id }: { party_id: string }): boolean => party_id !== 'XXX';
      const shared = { schemas, clock, maxAheadMs: 60_000, keepMs: 90 * day, knows };
      sessionSink = sessionPullSink({ kept: sessions, ...shared });
      cdrSink = cdrPullSink({ kept: cdrs, ...shared });
    });
    afterAll(() => under.release());

    const take = (sink: PullSink, value: object) => sink.accept(cp1, value, JSON.stringify(value), context);
    const listOf = async (
      objects: KeptObjects,
      partner: (typeof all)[number],
      policy = fixedPolicy(open_),
      module: 'sessions' | 'cdrs' = 'sessions',
    ) => {
      const [role] = partner.roles;
      if (!role) throw new Error('no role');
      const relations = visibleRelations({ parties, policy }, module, partner, role);
      const page = await new PagedList(objects.list).serve(
        'u',
        new URLSearchParams('date_from=2026-01-01T00:00:00Z'),
        relations,
      );
      const { body } = await objects.list.page({ offset: 0, limit: 100, owners: relations });
      const ids = (JSON.parse(`[${body.toString('utf8')}]`) as { id: string }[]).map(({ id }) => id);
      expect(page.totalCount).toBe(ids.length);
      return ids;
    };

    it('R-41, T3: each is seen by its CPO and by the owner of cdr_token, and by nobody else', async () => {
      expect(await take(sessionSink, session('S1', 'FR/EM1'))).toBe('stored');
      expect(await take(sessionSink, session('S2', 'BE/EM2'))).toBe('stored');
      expect(await listOf(sessions, p1)).toEqual(['S1', 'S2']);
      expect(await listOf(sessions, p2)).toEqual(['S1']);
      expect(await listOf(sessions, p3)).toEqual(['S2']);
      expect(await listOf(sessions, p5)).toEqual([]);
    });

    it('R-41: and only as long as the CPO shares with it', async () => {
      const agreements = [
        { id: 'a1', giver: 'DE/CP1', taker: 'FR/EM1', module: 'sessions', effect: 'deny', createdAt: 0 } as const,
      ];
      const policy = fixedPolicy(new SharingRules({ version: 1, agreements, closed: new Set() }));
      expect(await listOf(sessions, p2, policy)).toEqual([]);
      expect(await listOf(sessions, p3, policy)).toEqual(['S2']);
      expect(await listOf(sessions, p1, policy)).toEqual(['S1', 'S2']);
    });

    it('S-04: a newer Session replaces, an older one does not; one that changes hands is another', async () => {
      expect(await take(sessionSink, session('s1', 'FR/EM1', { kwh: 2, last_updated: '2026-05-01T12:00:01Z' }))).toBe(
        'stored',
      );
      expect(await take(sessionSink, session('S1', 'FR/EM1', { kwh: 3 }))).toBe('unchanged');
      expect(await listOf(sessions, p2)).toEqual(['s1']);
      await take(sessionSink, session('S1', 'BE/EM2', { last_updated: '2026-05-01T12:00:02Z' }));
      expect(await listOf(sessions, p2)).toEqual(['s1']);
      expect(await listOf(sessions, p3)).toEqual(['S2', 'S1']);
    });

    it('S-11, S-15: judged as if pushed; nothing is kept that nobody here could read', async () => {
      await expect(take(sessionSink, session('S9', 'FR/EM1', { status: 'RESERVED' }))).rejects.toThrow();
      await expect(take(sessionSink, session('S9', 'FR/EM1', { cdr_token: { uid: 'U1' } }))).rejects.toThrow();
      expect(await take(sessionSink, session('S9', 'DE/XXX'))).toBe('unchanged');
      expect(await listOf(sessions, p1)).not.toContain('S9');
    });

    it('CDR-01, CDR-06, CDR-15: a CDR is kept once and to the letter', async () => {
      expect(await take(cdrSink, cdr('C1', 'FR/EM1'))).toBe('stored');
      expect(await take(cdrSink, cdr('C1', 'FR/EM1'))).toBe('unchanged');
      const other = cdr('C1', 'FR/EM1', { total_energy: 2, last_updated: '2026-05-01T13:00:00Z' });
      await expect(take(cdrSink, other)).rejects.toThrow('never changed');
      expect(await listOf(cdrs, p2, undefined, 'cdrs')).toEqual(['C1']);
      expect(await listOf(cdrs, p3, undefined, 'cdrs')).toEqual([]);
      const { body } = await cdrs.list.page({ offset: 0, limit: 10 });
      expect(body.toString('utf8')).toBe(JSON.stringify(cdr('C1', 'FR/EM1')));
    });

    it('T-40: only age takes them out', async () => {
      expect([sessionSink.addsOnly, cdrSink.addsOnly, sessionSink.listFrom?.()]).toEqual([true, true, now - 90 * day]);
      expect(sessionSink.isWanted?.(p1)).toBe(false);
      const wanted = { ...p1, switches: { ...p1.switches, keep_sessions: true } };
      expect([sessionSink.isWanted?.(wanted), cdrSink.isWanted?.(wanted)]).toEqual([true, true]);
      expect(await sessions.purge(now - 2 * day, { correlationId: 'c', now })).toBe(0);
      time = now + day;
      await take(sessionSink, session('S3', 'FR/EM1'));
      expect(await sessions.purge(now + 1, { correlationId: 'c', now: time })).toBe(3);
      expect(await listOf(sessions, p1)).toEqual(['S3']);
    });
  });
}
