import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Agreement, everyone, type SharingState, sharedModules } from './agreement.js';
import { newlyAllowed, newlyDenied } from './newly-shared.js';
import { everythingOpen, type Flow, flowOf } from './sharing-policy.js';
import { SharingRules } from './sharing-rules.js';

const party = (key: string) => {
  const [country_code = '', party_id = ''] = key.split('/');
  return { country_code, party_id };
};
const flow = (giver: string, taker: string, module = 'locations'): Flow => ({
  giver: party(giver),
  taker: party(taker),
  module,
});

/** `allow DE/CP1 FR/EM1 locations`; ids are the places in the list, from `a1` on. */
function rules(lines: readonly string[], closed: readonly string[] = [], version = 1): SharingRules {
  return new SharingRules({ version, agreements: lines.map(agreement), closed: new Set(closed) });
}
function agreement(line: string, index: number): Agreement {
  const [effect, giver = '', taker = '', module = everyone] = line.split(' ');
  return { id: `a${index + 1}`, effect: effect === 'deny' ? 'deny' : 'allow', giver, taker, module, createdAt: 0 };
}

describe('SharingRules', () => {
  it.each<[string, readonly string[], readonly string[], boolean, string]>([
    ['nothing was agreed', [], [], true, 'open'],
    ['only others have agreed', ['deny DE/CP2 FR/EM1', 'deny DE/CP1 FR/EM2', 'deny FR/EM1 DE/CP1'], [], true, 'open'],
    ['the giver is closed', [], ['DE/CP1'], false, 'closed DE/CP1'],
    ['the taker is closed', [], ['FR/EM1'], false, 'closed FR/EM1'],
    ['both are closed', [], ['FR/EM1', 'DE/CP1'], false, 'closed DE/CP1'],
    ['a closed party is allowed it', ['allow DE/CP1 FR/EM1 locations'], ['DE/CP1', 'FR/EM1'], true, 'a1'],
    ['a closed party is allowed another module', ['allow DE/CP1 FR/EM1 tariffs'], ['DE/CP1'], false, 'closed DE/CP1'],
    ['a closed party gives to all', ['allow DE/CP1 *'], ['DE/CP1'], true, 'a1'],
    ['a pair beats one party', ['deny DE/CP1 * locations', 'allow DE/CP1 FR/EM1'], [], true, 'a2'],
    ['one party beats none', ['deny * * locations', 'allow * FR/EM1'], [], true, 'a2'],
    ['a module beats all modules', ['deny DE/CP1 FR/EM1', 'allow DE/CP1 FR/EM1 locations'], [], true, 'a2'],
    ['another module says nothing', ['deny DE/CP1 FR/EM1', 'allow DE/CP1 FR/EM1 tariffs'], [], false, 'a1'],
    ['a denial among equals', ['allow DE/CP1 * locations', 'deny * FR/EM1 locations'], [], false, 'a2'],
    ['a denial among equals, given first', ['deny DE/CP1 *', 'allow * FR/EM1'], [], false, 'a1'],
    ['a module among half-named pairs', ['deny DE/CP1 *', 'allow * FR/EM1 locations'], [], true, 'a2'],
    ['all to all', ['deny * *'], [], false, 'a1'],
    ['all to all, but for a module', ['deny * *', 'allow * * locations'], [], true, 'a2'],
  ])('%s', (_name, lines, closed, allowed, rule) => {
    expect(rules(lines, closed).judge(flow('DE/CP1', 'FR/EM1'))).toEqual({ allowed, rule });
  });

  it('lets a party have what is its own, whatever is agreed', () => {
    const policy = rules(['deny * *', 'deny DE/CP1 *'], ['DE/CP1']);
    expect(policy.judge(flow('DE/CP1', 'de/cp1'))).toEqual({ allowed: true, rule: 'own' });
  });

  it('D-02 compares parties and modules without regard to case', () => {
    const policy = rules(['deny DE/CP1 FR/EM1 nltnm-tokens', 'deny DE/CP1 FR/EM1 locations'], ['DE/CP9']);
    for (const [giver, taker] of [
      ['de/cp1', 'fr/em1'],
      ['De/cP1', 'FR/Em1'],
    ] as const)
      for (const module of ['locations', 'LOCATIONS', 'nltnm-tokens', 'NLTNM-Tokens'])
        expect(policy.judge(flow(giver, taker, module)).allowed).toBe(false);
    expect(policy.judge(flow('de/cp9', 'fr/em1')).rule).toBe('closed DE/CP9');
  });

  it('is open as long as nothing can be denied', () => {
    expect([rules([]), rules(['allow DE/CP1 FR/EM1']), everythingOpen].map(({ isOpen }) => isOpen)).toEqual(
      Array(3).fill(true),
    );
    expect([rules(['deny DE/CP1 FR/EM1 tokens']), rules([], ['DE/CP1'])].map(({ isOpen }) => isOpen)).toEqual([
      false,
      false,
    ]);
  });

  it('lets parties know of each other if they share anything, in either direction', () => {
    const knows = (policy: SharingRules) => policy.mayKnow(party('DE/CP1'), party('FR/EM1'));
    expect(knows(rules(['deny DE/CP1 FR/EM1']))).toBe(true);
    expect(knows(rules(['deny DE/CP1 FR/EM1', 'deny FR/EM1 DE/CP1']))).toBe(false);
    expect(knows(rules(['deny DE/CP1 FR/EM1', 'deny FR/EM1 DE/CP1', 'allow FR/EM1 DE/CP1 tokens']))).toBe(true);
    expect(knows(rules(['allow DE/CP1 FR/EM1 nltnm-tokens'], ['DE/CP1']))).toBe(true);
    expect(knows(rules(['allow DE/CP1 FR/EM2'], ['DE/CP1']))).toBe(false);
    expect(rules(['deny * *']).mayKnow(party('DE/CP1'), party('de/cp1'))).toBe(true);
    // Modules that nobody has named are shared still.
    expect(knows(rules(sharedModules.map((module) => `deny * * ${module}`)))).toBe(true);
    expect(knows(rules(['deny DE/CP1 *', ...sharedModules.map((module) => `deny FR/EM1 * ${module}`)]))).toBe(true);
    expect(knows(rules(['deny * *', ...sharedModules.map((module) => `deny DE/CP1 * ${module}`)]))).toBe(false);
  });

  it('judges hubclientinfo by whether they may know of each other, and names what they share', () => {
    const policy = rules(['allow FR/EM1 DE/CP1 tokens', 'deny NL/EM2 *'], ['DE/CP1']);
    const told = (giver: string, taker: string) => policy.judge(flow(giver, taker, 'hubclientinfo'));
    expect(told('DE/CP1', 'FR/EM1')).toEqual({ allowed: true, rule: 'a1' });
    expect(told('DE/CP1', 'NL/EM2')).toEqual({ allowed: false, rule: 'closed DE/CP1' });
    expect(told('NL/EM2', 'FR/EM1')).toEqual({ allowed: true, rule: 'open' });
  });

  it('decides as a reading of the rules one by one does', () => {
    const keys = ['DE/CP1', 'FR/EM1', 'NL/EM2'] as const;
    const modules = ['locations', 'tokens', 'nltnm-tokens'] as const;
    const name = fc.constantFrom(...keys, everyone);
    const anAgreement = fc.record({
      giver: name,
      taker: name,
      module: fc.constantFrom(...modules, everyone),
      effect: fc.constantFrom('allow' as const, 'deny' as const),
    });
    const aState = fc.record({
      agreements: fc.uniqueArray(anAgreement, {
        selector: ({ giver, taker, module }) => `${giver} ${taker} ${module}`,
        maxLength: 14,
      }),
      closed: fc.subarray([...keys]),
    });
    fc.assert(
      fc.property(aState, ({ agreements, closed }) => {
        const state: SharingState = {
          version: 1,
          agreements: agreements.map((each, index) => ({ ...each, id: `a${index}`, createdAt: 0 })),
          closed: new Set(closed),
        };
        const policy = new SharingRules(state);
        for (const giver of keys)
          for (const taker of keys) {
            for (const module of [...modules, 'cdrs']) {
              const expected = naive(state, giver, taker, module);
              const found = policy.judge(flow(giver, taker, module));
              expect(found.allowed).toBe(expected.allowed);
              expect(expected.rules).toContain(found.rule);
              expect(policy.shares(giver, taker, module)).toBe(expected.allowed);
              if (policy.isOpen) expect(found.allowed).toBe(true);
            }
            const anything = [...modules, ...sharedModules, 'xx-other'].some(
              (module) => naive(state, giver, taker, module).allowed || naive(state, taker, giver, module).allowed,
            );
            expect(policy.mayKnow(party(giver), party(taker))).toBe(anything);
            expect(policy.judge(flow(giver, taker, 'hubclientinfo')).allowed).toBe(anything);
          }
      }),
      { numRuns: 150 },
    );
  });
});

/** The rules as they are told: what matches, ordered by closeness, and of the closest the denials first. */
function naive(state: SharingState, giver: string, taker: string, module: string) {
  if (giver === taker) return { allowed: true, rules: ['own'] };
  const closeness = (each: Agreement): number =>
    (each.giver === everyone ? 0 : 2) + (each.taker === everyone ? 0 : 2) + (each.module === everyone ? 0 : 1);
  const matching = state.agreements.filter(
    (each) =>
      [giver, everyone].includes(each.giver) &&
      [taker, everyone].includes(each.taker) &&
      [module, everyone].includes(each.module),
  );
  const most = Math.max(...matching.map(closeness));
  const closest = matching.filter((each) => closeness(each) === most);
  const denials = closest.filter(({ effect }) => effect === 'deny');
  if (denials.length > 0) return { allowed: false, rules: denials.map(({ id }) => id) };
  if (closest.length > 0) return { allowed: true, rules: closest.map(({ id }) => id) };
  const shut = [giver, taker].find((key) => state.closed.has(key));
  return shut ? { allowed: false, rules: [`closed ${shut}`] } : { allowed: true, rules: ['open'] };
}

describe('newlyAllowed, newlyDenied', () => {
  const givers = ['DE/CP1', 'DE/CP2'].map(party);
  const takers = ['FR/EM1', 'NL/EM2', 'DE/CP1'].map(party);
  const names = (pairs: ReturnType<typeof newlyAllowed>) =>
    pairs.map(({ giver, taker }) => `${giver.party_id} ${taker.party_id}`);

  it('name the pairs whose judgement of a module has moved, and no others', () => {
    const before = rules(['deny DE/CP2 FR/EM1 tariffs'], ['DE/CP1']);
    const after = rules(['allow DE/CP1 FR/EM1 locations', 'deny DE/CP2 NL/EM2'], ['DE/CP1'], 2);
    expect(names(newlyAllowed(before, after, givers, takers, 'locations'))).toEqual(['CP1 EM1']);
    expect(names(newlyDenied(before, after, givers, takers, 'locations'))).toEqual(['CP2 EM2']);
    expect(names(newlyAllowed(before, after, givers, takers, 'tariffs'))).toEqual(['CP2 EM1']);
    expect(names(newlyAllowed(after, after, givers, takers, 'locations'))).toEqual([]);
    expect(names(newlyDenied(everythingOpen, after, givers, takers, 'tokens'))).toEqual([
      'CP1 EM1',
      'CP1 EM2',
      'CP2 EM2',
      'CP2 CP1',
    ]);
    expect(names(newlyAllowed(everythingOpen, after, givers, takers, 'tokens'))).toEqual([]);
  });
});

describe('flowOf', () => {
  it('what is asked of a sender flows from its owner, what comes to a receiver from whoever sends it', () => {
    const [asker, asked] = [party('FR/EM1'), party('DE/CP1')];
    expect(flowOf('SENDER', 'locations', asker, asked)).toMatchObject({ giver: asked, taker: asker });
    expect(flowOf('RECEIVER', 'tokens', asker, asked)).toMatchObject({ giver: asker, taker: asked });
  });
});
