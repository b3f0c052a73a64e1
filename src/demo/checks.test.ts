import { describe, expect, it } from '@jest/globals';
import { type ComparableEmsp, checkCopies, compareOwner, merged, showsStatus } from './checks.js';

describe('compareOwner', () => {
  it('tells equal, different and missing objects apart', () => {
    const own = new Map([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
    const hub = new Map([
      ['a', '1'],
      ['b', 'other'],
      ['x', '9'],
    ]);
    expect(compareOwner(own, hub)).toEqual({ equal: 1, different: ['b'], missing: ['c'] });
  });
});

describe('showsStatus', () => {
  const acknowledged = { key: 'k', uid: 'E1', status: 'CHARGING', last_updated: '2026-01-02T00:00:00.000Z' };
  const location = (uid: string, status: string, last_updated: string): string =>
    JSON.stringify({ evses: [{ uid: 'other' }, { uid, status, last_updated }] });

  it.each([
    ['the very state', location('E1', 'CHARGING', acknowledged.last_updated), true],
    ['a newer one', location('E1', 'AVAILABLE', '2026-01-02T00:00:00.001Z'), true],
    ['an older one', location('E1', 'AVAILABLE', '2026-01-01T23:59:59.999Z'), false],
    ['another status of the same time', location('E1', 'AVAILABLE', acknowledged.last_updated), false],
    ['another EVSE only', location('E2', 'CHARGING', acknowledged.last_updated), false],
    ['no EVSEs', '{"evses":null}', false],
    ['nothing', '{}', false],
  ])('a Location with %s', (_what, text, expected) => {
    expect(showsStatus(text, acknowledged)).toBe(expected);
  });
});

describe('checkCopies', () => {
  const equal = { equal: 5, different: 0, missing: 0, extra: 0, examples: [], problems: [] };
  const emsp = (name: string, result: object): ComparableEmsp => ({
    role: { name, parties: ['NL/AAA', 'NL/BBB:NSP'] },
    process: { compare: (party) => Promise.resolve(party === 'NL/BBB' ? { ...equal, ...result } : equal) },
  });

  it('holds when every party has equal objects only', async () => {
    const { check, allEqual } = await checkCopies([emsp('One', {}), emsp('Two', {})], () => undefined);
    expect(allEqual).toBe(true);
    expect(check.problems).toEqual([]);
    expect(check.found).toContain('4 copies, 20 objects');
  });

  it.each([
    [{ different: 1, examples: [{ key: 'k', problem: 'different' }] }, 'Two NL/BBB: 1 different, 0 missing, 0 extra'],
    [{ missing: 2 }, 'Two NL/BBB: 0 different, 2 missing, 0 extra'],
    [{ extra: 3 }, 'Two NL/BBB: 0 different, 0 missing, 3 extra'],
    [{ problems: ['no answer'] }, 'Two NL/BBB: the comparison did not end: no answer'],
    [{ equal: 0 }, 'Two NL/BBB: there was nothing to compare'],
  ])('does not hold with %j in one copy', async (result, problem) => {
    const { check, allEqual } = await checkCopies([emsp('One', {}), emsp('Two', result)], () => undefined);
    expect(allEqual).toBe(false);
    expect(check.problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe('merged', () => {
  it('counts reasons together that differ in a position only, and keeps the codes', () => {
    const refused = [
      { reason: '200/2001 /evses/0/status: is missing', count: 1, example: 'a' },
      { reason: '200/2001 /name: is too long', count: 2, example: 'b' },
      { reason: '200/2001 /evses/17/status: is missing', count: 3, example: 'c' },
    ];
    expect(merged(refused)).toEqual([
      { reason: '200/2001 /evses/*/status: is missing', count: 4, example: 'a' },
      { reason: '200/2001 /name: is too long', count: 2, example: 'b' },
    ]);
  });
});
