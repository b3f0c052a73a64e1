import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TokenKey, tokenDigest } from '../../src/modules/tokens/token-key.js';
import { patchToken, putToken } from '../../src/modules/tokens/token-rules.js';
import { TokenStore, tokenDocuments } from '../../src/modules/tokens/token-store.js';
import type { OpenStorage, StorageUnderTest } from './storage-under-test.js';

const em1 = { country_code: 'FR', party_id: 'EM1' };
const em2 = { country_code: 'BE', party_id: 'EM2' };
const context = { correlationId: 'corr', now: 77 };
const key = (uid: string, type = 'RFID', owner = em1): TokenKey => ({ ...owner, uid, type });
const stamp = (second: number) => `"last_updated":"2026-05-01T12:00:0${second}Z"`;
const text = ({ country_code, party_id, uid, type }: TokenKey, rest = stamp(0)) =>
  `{"country_code":"${country_code}","party_id":"${party_id}","uid":${JSON.stringify(uid)},"type":"${type}",${rest}}`;

/** What the store of Tokens must do over every storage. */
export function describeTokenStore(name: string, open: OpenStorage): void {
  describe(`the token store over ${name}`, () => {
    let under: StorageUnderTest;
    let store: TokenStore;
    const look = (): void => {
      store = new TokenStore(under.storage.documents(tokenDocuments));
    };
    beforeEach(async () => {
      under = await open();
      look();
    });
    afterEach(() => under.release());

    const put = (at: TokenKey, document = text(at), fields: { applyStale?: boolean; rule?: string } = {}) => {
      const { applyStale = false, rule } = fields;
      const oddities = () => (rule === undefined ? [] : [{ rule, pointer: '/whitelist', message: 'is odd' }]);
      return store.change(at, context, putToken(document, JSON.parse(document), { applyStale, oddities }));
    };
    const patch = (at: TokenKey, change: string, checkWhole: (value: unknown) => void = () => undefined) =>
      store.change(
        at,
        context,
        patchToken(change, { applyStale: false, oddities: () => [], checkWhole, extensionKeys: new Set(['acme']) }),
      );
    const listed = async (): Promise<string> => (await store.list.page({ offset: 0, limit: 100 })).body.toString();
    const told = async (): Promise<string[]> =>
      (await under.storage.changes.changesAfter(0, 100)).map((row) => `${row.kind} ${row.object}`);

    it('keeps a document to the letter, over a restart', async () => {
      const document = text(key('U1'), `"n":12345678901234567890.10,${stamp(0)}`);
      expect(await put(key('U1'), document)).toMatchObject({ kind: 'store', isNew: true });
      await under.reopen();
      look();
      expect(await store.find(key('u1', 'rfid'))).toBe(document);
      expect(await listed()).toBe(document);
    });

    it('tells Tokens apart by owner, uid and type (TK-02)', async () => {
      const keys = [key('U1'), key('U1', 'APP_USER'), key('U2'), key('U1', 'RFID', em2)];
      for (const one of keys) expect(await put(one)).toMatchObject({ isNew: true });
      for (const one of keys) expect(await store.find(one)).toBe(text(one));
      expect([await store.countOf(), await store.countOf([em1]), await store.countOf([em2])]).toEqual([4, 3, 1]);
      expect(await store.find(key('U2', 'APP_USER'))).toBeUndefined();
    });

    it('replaces what is not older, and tells nobody of what is older or the same (O-15)', async () => {
      const at = key('U1');
      await put(at, text(at, stamp(1)));
      expect(await put(at, text(at, stamp(1)))).toEqual({ kind: 'unchanged', reason: 'identical' });
      expect(await put(at, text(at, stamp(0)))).toEqual({ kind: 'unchanged', reason: 'stale' });
      expect(under.storage.changes.head()).toBe(1);
      expect(await put(at, text(at, `"valid":true,${stamp(1)}`))).toMatchObject({ kind: 'store', isNew: false });
      expect(await put(at, text(at, stamp(0)), { applyStale: true })).toMatchObject({ kind: 'store', isNew: false });
      expect(await listed()).toBe(text(at, stamp(0)));
    });

    it('patches what is there and creates nothing (O-09, O-11, O-15)', async () => {
      const at = key('U1');
      await expect(patch(at, `{"valid":false,${stamp(1)}}`)).rejects.toMatchObject({
        httpStatus: 404,
        statusCode: 2004,
      });
      expect([await store.countOf(), under.storage.changes.head()]).toEqual([0, 0]);
      await put(at, text(at, `"valid":true,"issuer":"I","n":0.50,"acme":{"a":1,"b":2},${stamp(0)}`));
      expect(await patch(at, `{"valid":false,"acme":{"a":null,"c":3},${stamp(1)}}`)).toMatchObject({ kind: 'store' });
      const patched = text(at, `"valid":false,"issuer":"I","n":0.50,"acme":{"b":2,"c":3},${stamp(1)}`);
      expect(await store.find(at)).toBe(patched);
      expect(await patch(at, `{"valid":true,${stamp(0)}}`)).toEqual({ kind: 'unchanged', reason: 'stale' });
      expect(await patch(at, `{"valid":false,${stamp(1)}}`)).toEqual({ kind: 'unchanged', reason: 'identical' });
      const refuse = () => {
        throw new Error('no');
      };
      await expect(patch(at, `{"issuer":null,${stamp(2)}}`, refuse)).rejects.toThrow('no');
      expect(await store.find(at)).toBe(patched);
      // Others are told the whole Token.
      expect((await told()).map((line) => line.split(' ')[0])).toEqual(['PUT']);
    });

    it('decides one after another also within one commit', async () => {
      const at = key('U1');
      const outcomes = await Promise.all([
        put(at, text(at, stamp(1))),
        put(at, text(at, stamp(1))),
        patch(at, `{"valid":false,${stamp(2)}}`),
        put(at, text(at, stamp(1))),
      ]);
      expect(outcomes.map((one) => (one.kind === 'store' ? one.isNew : one.reason))).toEqual([
        true,
        'identical',
        false,
        'stale',
      ]);
    });

    it('finds the owners of a uid and type, of those that are asked about (R-34)', async () => {
      for (const one of [key('U1'), key('U1', 'RFID', em2), key('U1', 'APP_USER'), key('U2')]) await put(one);
      expect(await store.ownersOf('u1', 'RFID', undefined)).toEqual([em1, em2]);
      expect(await store.ownersOf('U1', 'RFID', ['BE/EM2', 'NL/NO1'])).toEqual([em2]);
      expect(await store.ownersOf('U1', 'APP_USER', undefined)).toEqual([em1]);
      expect(await store.ownersOf('U3', 'RFID', undefined)).toEqual([]);
      expect(await store.ownersOf('U1', 'RFID', [])).toEqual([]);
    });

    it('shows no uid in the change sequence and in what is odd (T20)', async () => {
      const at = key('04AB12CD', 'APP_USER');
      await put(at, text(at), { rule: 'TK-17' });
      const shown = `FR/EM1/${tokenDigest('04AB12CD', 'APP_USER')}`;
      expect(await told()).toEqual([`PUT ${shown}`]);
      expect(await store.findByKey(shown)).toBe(text(at));
      expect(await store.oddities()).toEqual([
        { rule: 'TK-17', owner: 'FR/EM1', objects: 1, sample: `${shown} /whitelist: is odd` },
      ]);
      const rows = await under.storage.changes.changesAfter(0, 100);
      expect(JSON.stringify([rows, await store.oddities()])).not.toMatch(/04AB12CD/i);
    });

    it('compares uids without case and tells odd ones apart (D-01, T15)', async () => {
      const uids = ['a/b', 'a%2Fb', 'a', "' OR 1=1 --", '%', '\u0000', '..', 'a\nb'];
      for (const uid of uids) await put(key(uid));
      for (const uid of uids) expect(await store.find(key(uid.toUpperCase()))).toBe(text(key(uid)));
      expect(await store.find(key(''))).toBeUndefined();
      expect(await store.countOf()).toBe(uids.length);
    });
  });
}
