import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../support/e2e/until.js';
import { describeWithPostgres } from '../support/services/index.js';
import { denial, describeAgreements, judged, party } from './agreements-contract.js';
import { type AgreementsNode, type AgreementsUnderTest, agreementsOnPostgres } from './agreements-under-test.js';
import { operator } from './partners-under-test.js';

const never = 2 ** 30;

describeWithPostgres('contract', () => {
  describeAgreements('PostgreSQL', agreementsOnPostgres);

  describe('agreements over several nodes', () => {
    let database: AgreementsUnderTest;
    beforeEach(async () => {
      database = await agreementsOnPostgres();
    });
    afterEach(() => database.close());

    const allowed = (node: AgreementsNode): boolean => judged(node, 'DE/CP1', 'FR/EM1').allowed;

    it.each([
      ['notifications alone', { pollMs: never }],
      ['polls alone, as when notifications are lost', { deaf: true }],
    ])('what is agreed on one node holds on the others in time, by %s', async (_by, options) => {
      const [one, two] = [await database.open(), await database.open(options)];
      const told: string[] = [];
      two.agreements.policy.onChange(({ before, after }) => told.push(`${before.version} ${after.version}`));
      // The look of each second, and what a busy machine takes for it.
      const within = { deadlineMs: 5_000 };
      const { agreements } = await one.agreements.registry.add([denial], operator);
      await until('denied', () => !allowed(two), within);
      await one.agreements.registry.withdraw(agreements[0]?.id ?? '', operator);
      await until('allowed again', () => allowed(two), within);
      await one.agreements.registry.setSharing(party('DE/CP1'), 'closed', operator);
      await until('closed', () => !allowed(two), within);
      expect(two.agreements.registry.parties()).toEqual(one.agreements.registry.parties());
      expect(told).toEqual(['0 1', '1 2', '2 3']);
    });

    it('a node that hears nothing knows everything after it has asked', async () => {
      const [one, two] = [await database.open(), await database.open({ deaf: true, pollMs: never })];
      await one.agreements.registry.add([denial], operator);
      expect(allowed(two)).toBe(true);
      await two.agreements.catchUp();
      expect(allowed(two)).toBe(false);
      await two.agreements.stop();
      await one.agreements.registry.setSharing(party('DE/CP9'), 'closed', operator);
      await two.agreements.catchUp();
      expect(two.agreements.policy.version).toBe(1);
    });

    it('a node that changes something takes over what others have changed, and judges by the database, not by its memory', async () => {
      const [one, two] = [await database.open(), await database.open({ deaf: true, pollMs: never })];
      await one.agreements.registry.add([denial], operator);
      await expect(two.agreements.registry.add([{ ...denial, effect: 'allow' }], operator)).rejects.toMatchObject({
        reason: 'conflict',
      });
      await two.agreements.registry.setSharing(party('DE/CP9'), 'closed', operator);
      expect([two.agreements.policy.version, allowed(two)]).toEqual([2, false]);
    });

    it('changes of all nodes at the same time end in one state everywhere, and no version is shown twice', async () => {
      const nodes = [await database.open(), await database.open(), await database.open()];
      const shown = nodes.map(() => [0]);
      nodes.forEach(({ agreements }, index) => {
        agreements.policy.onChange(({ after }) => shown[index]?.push(after.version));
      });
      await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          nodes[n % 3]?.agreements.registry.add([{ ...denial, taker: `FR/E${10 + n}` }, denial], operator),
        ),
      );
      for (const { agreements } of nodes) await agreements.catchUp();
      for (const [index, { agreements }] of nodes.entries()) {
        expect([agreements.policy.version, agreements.registry.list().length]).toEqual([12, 13]);
        expect(shown[index]).toEqual([...new Set(shown[index])].sort((a, b) => a - b));
      }
      expect(await database.sql('SELECT count(*)::int AS n FROM agreement')).toEqual([{ n: 13 }]);
    });
  });
});
