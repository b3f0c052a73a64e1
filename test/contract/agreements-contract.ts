import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgreementRefusal, type AgreementWish, type PolicyChange } from '../../src/platform/agreements/index.js';
import type { AgreementsNode, AgreementsUnderTest } from './agreements-under-test.js';
import { register } from './partners-contract.js';
import { operator } from './partners-under-test.js';

export const party = (key: string) => {
  const [country_code = '', party_id = ''] = key.split('/');
  return { country_code, party_id };
};
export const judged = ({ agreements }: AgreementsNode, giver: string, taker: string, module = 'locations') =>
  agreements.policy.judge({ giver: party(giver), taker: party(taker), module });

export const denial: AgreementWish = { giver: 'DE/CP1', taker: 'FR/EM1', module: 'locations', effect: 'deny' };
const back: AgreementWish = { ...denial, giver: denial.taker, taker: denial.giver };
const allowance: AgreementWish = { ...denial, effect: 'allow' };

/** What agreements promise, whatever they are stored in. */
export function describeAgreements(name: string, openDatabase: () => Promise<AgreementsUnderTest>): void {
  describe(`agreements on ${name}`, () => {
    let database: AgreementsUnderTest;
    let node: AgreementsNode;
    beforeEach(async () => {
      database = await openDatabase();
      node = await database.open();
    });
    afterEach(() => database.close());

    const audited = async () =>
      (await node.partners.audit.list(10)).map(({ action, actor, detail }) => [action, actor, detail]);

    it('begins with everything open', () => {
      const { policy, registry } = node.agreements;
      expect([policy.isOpen, policy.version, registry.list(), registry.parties()]).toEqual([true, 0, [], []]);
      expect(judged(node, 'DE/CP1', 'FR/EM1')).toEqual({ allowed: true, rule: 'open' });
    });

    it('an agreement is in force when it is made, and no more when it is withdrawn', async () => {
      const { policy, registry } = node.agreements;
      const { agreements, made } = await registry.add([{ ...denial, giver: 'de/cp1', note: 'unpaid' }], operator);
      const [agreement] = agreements;
      expect([agreements, made]).toEqual([
        [{ id: expect.any(String), ...denial, note: 'unpaid', createdAt: database.time.now }],
        1,
      ]);
      expect(judged(node, 'DE/CP1', 'FR/EM1')).toEqual({ allowed: false, rule: agreement?.id });
      expect(judged(node, 'FR/EM1', 'DE/CP1').allowed).toBe(true);
      expect([policy.isOpen, policy.version]).toEqual([false, 1]);
      expect(await registry.withdraw(agreement?.id ?? '', operator)).toBe(true);
      expect(judged(node, 'DE/CP1', 'FR/EM1')).toEqual({ allowed: true, rule: 'open' });
      expect([policy.isOpen, policy.version, registry.list()]).toEqual([true, 2, []]);
      expect(await registry.withdraw(agreement?.id ?? '', operator)).toBe(false);
      expect(policy.version).toBe(2);
    });

    it('has everything again after a restart, with the version', async () => {
      const { registry } = node.agreements;
      await registry.add([denial, back], operator);
      await registry.setSharing(party('NL/EM2'), 'closed', operator);
      const after = await database.open();
      expect(after.agreements.registry.list()).toEqual(registry.list());
      expect(registry.list()).toHaveLength(2);
      expect(judged(after, 'DE/CP1', 'nl/em2').rule).toBe('closed NL/EM2');
      expect(judged(after, 'DE/CP1', 'FR/EM1').allowed).toBe(false);
      expect(after.agreements.policy.version).toBe(node.agreements.policy.version);
    });

    it('writes down who has changed what', async () => {
      const { registry } = node.agreements;
      const { agreements } = await registry.add([denial], operator);
      await registry.setSharing(party('de/cp1'), 'closed', operator);
      await registry.withdraw(agreements[0]?.id ?? '', operator);
      expect(await audited()).toEqual([
        ['agreement.withdraw', 'operator', JSON.stringify(denial)],
        ['party.sharing', 'operator', '{"sharing":"closed"}'],
        ['agreement.add', 'operator', expect.stringContaining('"effect":"deny"')],
      ]);
      expect((await node.partners.audit.list(10)).map(({ subject }) => subject)).toEqual([
        `agreement:${agreements[0]?.id}`,
        'party:DE/CP1',
        `agreement:${agreements[0]?.id}`,
      ]);
      expect(await node.partners.audit.firstBroken()).toBeUndefined();
    });

    it('takes what is agreed already as it is, and refuses the opposite', async () => {
      const { policy, registry } = node.agreements;
      const first = await registry.add([{ ...denial, note: 'first' }], operator);
      database.time.now += 1000;
      expect(await registry.add([{ ...denial, taker: 'fr/em1', note: 'second' }], operator)).toEqual({
        ...first,
        made: 0,
      });
      await expect(registry.add([allowance], operator)).rejects.toMatchObject({ reason: 'conflict' });
      expect([policy.version, (await audited()).length]).toEqual([1, 1]);
      expect((await registry.add([{ ...allowance, module: '*' }], operator)).made).toBe(1);
    });

    it('makes several or none', async () => {
      const { policy, registry } = node.agreements;
      await registry.add([back], operator);
      await expect(registry.add([allowance, { ...back, effect: 'allow' }], operator)).rejects.toThrow(AgreementRefusal);
      expect([registry.list().length, policy.version, (await audited()).length]).toEqual([1, 1, 1]);
      expect((await registry.add([denial, back], operator)).made).toBe(1);
      const all = { giver: '*', taker: '*', module: '*', effect: 'deny' } as const;
      expect((await registry.add([all, all], operator)).made).toBe(1);
      expect(await database.sql('SELECT count(*) AS n FROM agreement WHERE giver = taker')).toEqual([{ n: 1 }]);
    });

    it.each<[string, Partial<AgreementWish>]>([
      ['a party and itself', { giver: 'FR/em1' }],
      ['a party that is none', { giver: 'DE/CP12' }],
      ['a star in a party', { giver: 'DE/*' }],
      ['the hub', { giver: 'nl/hub' }],
      ['hubclientinfo, which follows from the rest', { module: 'hubclientinfo' }],
      ['credentials', { module: 'credentials' }],
      ['a module that is none', { module: 'Locations' }],
    ])('refuses an agreement about %s', async (_name, wrong) => {
      const { policy, registry } = node.agreements;
      await expect(registry.add([{ ...denial, ...wrong }], operator)).rejects.toMatchObject({ reason: 'invalid' });
      expect([policy.version, await audited()]).toEqual([0, []]);
    });

    it('opens and closes parties, each once, and never the hub', async () => {
      const { policy, registry } = node.agreements;
      for (const key of ['DE/CP1', 'de/cp1']) await registry.setSharing(party(key), 'closed', operator);
      expect([policy.version, judged(node, 'FR/EM1', 'DE/CP1').rule]).toEqual([1, 'closed DE/CP1']);
      for (const key of ['DE/CP1', 'de/cp1']) await registry.setSharing(party(key), 'open', operator);
      expect([policy.version, policy.isOpen, (await audited()).length]).toEqual([2, true, 2]);
      await expect(registry.setSharing(party('NL/HUB'), 'closed', operator)).rejects.toThrow('the hub itself');
    });

    it('lists every party in its roles, and those that are closed while nobody speaks for them', async () => {
      const { partner } = await register(node.partners);
      const { registry } = node.agreements;
      await registry.setSharing(party('FR/EM9'), 'closed', operator);
      const one = { party: party('DE/CP1'), role: 'CPO', partner, sharing: 'open' };
      const nine = { party: party('FR/EM9'), role: undefined, partner: undefined, sharing: 'closed' };
      expect(registry.parties()).toEqual([one, nine]);
      await registry.setSharing(party('DE/CP1'), 'closed', operator);
      expect(registry.parties()).toEqual([{ ...one, sharing: 'closed' }, nine]);
    });

    it('lists what bears on a party or a module, by name or by star', async () => {
      const { registry } = node.agreements;
      await registry.add(
        [denial, { ...denial, giver: '*', module: 'tokens' }, { ...denial, giver: 'NL/EM2', taker: '*', module: '*' }],
        operator,
      );
      const modules = (filter: Parameters<typeof registry.list>[0]) =>
        registry
          .list(filter)
          .map(({ module }) => module)
          .sort();
      expect(modules({ party: party('de/cp1') })).toEqual(['*', 'locations', 'tokens']);
      expect(modules({ party: party('DE/CP1'), module: 'tokens' })).toEqual(['*', 'tokens']);
      expect(modules({ module: 'cdrs' })).toEqual(['*']);
    });

    it('tells listeners what was and what is, once the policy answers so', async () => {
      const { policy, registry } = node.agreements;
      const told: [PolicyChange, boolean][] = [];
      const stop = policy.onChange((change) => told.push([change, judged(node, 'DE/CP1', 'FR/EM1').allowed]));
      const start = policy.snapshot();
      const { agreements } = await registry.add([denial], operator);
      await registry.add([denial], operator);
      stop();
      await registry.withdraw(agreements[0]?.id ?? '', operator);
      const flow = { giver: party('DE/CP1'), taker: party('FR/EM1'), module: 'locations' };
      expect(told).toHaveLength(1);
      const [[change, allowed] = []] = told;
      expect([change?.before === start, allowed]).toEqual([true, false]);
      expect([change?.before.judge(flow).allowed, change?.after.judge(flow).allowed]).toEqual([true, false]);
    });

    it('follows nothing that was not committed', async () => {
      const { policy, registry } = node.agreements;
      database.failNext(new Error('the disk is full'));
      await expect(registry.add([denial], operator)).rejects.toThrow('the disk is full');
      expect([policy.version, judged(node, 'DE/CP1', 'FR/EM1').allowed, registry.list()]).toEqual([0, true, []]);
      expect((await registry.add([denial], operator)).made).toBe(1);
    });

    it('can be taken out of the database and put in again', async () => {
      await node.agreements.registry.add([denial], operator);
      expect(await database.downAndUp()).toBe(0);
      const after = await database.open();
      expect([after.agreements.policy.isOpen, after.agreements.policy.version]).toEqual([true, 0]);
    });
  });
}
