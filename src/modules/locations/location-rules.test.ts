import { describe, expect, it } from '@jest/globals';
import type { Location } from '../../generated/ocpi.js';
import type { Oddity } from '../../kernel/oddity.js';
import type { StoredDocument } from '../../platform/storage/index.js';
import {
  patchConnector,
  patchEvse,
  patchLocation,
  putConnector,
  putEvse,
  putLocation,
  type RuleContext,
} from './location-rules.js';
import type { LocationDecision } from './location-store.js';

const stamp = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`;
const instant = (minute: number) => Date.UTC(2026, 0, 1, 0, minute);
const looked: string[] = [];
const oddity: Oddity = { rule: 'T-37', pointer: '', message: 'odd' };
const context: RuleContext = {
  applyStale: false,
  extensionKeys: new Set(['vendor_ext']),
  checkWhole: (level) => void looked.push(level),
  oddities: () => [oddity],
};
const insistent = { ...context, applyStale: true };

const connector = (id: string, minute: number, extra = '') =>
  `{"id":"${id}"${extra},"last_updated":"${stamp(minute)}"}`;
const evse = (uid: string, minute: number, extra = '', connectors = connector('1', minute)) =>
  `{"uid":"${uid}","status":"AVAILABLE"${extra},"connectors":[${connectors}],"last_updated":"${stamp(minute)}"}`;
const location = (minute: number, evses = evse('E1', minute), extra = '') =>
  `{"id":"L"${extra},"evses":[${evses}],"last_updated":"${stamp(minute)}"}`;
const stored = (document: string, minute: number): StoredDocument => ({ document, lastUpdated: instant(minute) });
const put = (text: string, rules = context) => putLocation(text, JSON.parse(text) as Location, rules);
const outcome = (decision: LocationDecision): string => (decision.kind === 'store' ? 'stored' : decision.reason);
const unknown = expect.objectContaining({ httpStatus: 404, statusCode: 2003 });

function storing(decision: LocationDecision) {
  if (decision.kind !== 'store') throw new Error(`was ${decision.reason}`);
  return decision;
}

describe('stale, equal, identical (O-15)', () => {
  const current = stored(location(10), 10);
  const cases: [
    string,
    (minute: number, rules: RuleContext) => (now: StoredDocument | undefined) => LocationDecision,
  ][] = [
    ['PUT Location', (m, rules) => put(location(m, evse('E1', 1), ',"x":1'), rules)],
    ['PATCH Location', (m, rules) => patchLocation(`{"x":1,"last_updated":"${stamp(m)}"}`, rules)],
    ['PUT EVSE', (m, rules) => putEvse('E1', evse('E1', m, ',"x":1'), rules)],
    ['PATCH EVSE', (m, rules) => patchEvse('E1', `{"status":"CHARGING","last_updated":"${stamp(m)}"}`, rules)],
    ['PUT Connector', (m, rules) => putConnector('E1', '1', connector('1', m, ',"x":1'), rules)],
    ['PATCH Connector', (m, rules) => patchConnector('E1', '1', `{"x":1,"last_updated":"${stamp(m)}"}`, rules)],
  ];

  it.each(cases)('%s: older is not applied, equal and newer are', (_, make) => {
    expect(outcome(make(9, context)(current))).toBe('stale');
    expect(outcome(make(10, context)(current))).toBe('stored');
    expect(outcome(make(11, context)(current))).toBe('stored');
    expect(outcome(make(9, insistent)(current))).toBe('stored');
  });

  it('what changes nothing is identical, and nobody is told', () => {
    expect(outcome(put(current.document)(current))).toBe('identical');
    expect(outcome(putEvse('e1', evse('E1', 10), context)(current))).toBe('identical');
    expect(outcome(putConnector('E1', '1', connector('1', 10), context)(current))).toBe('identical');
    const patch = `{"status":"AVAILABLE","last_updated":"${stamp(10)}"}`;
    expect(outcome(patchEvse('E1', patch, context)(current))).toBe('identical');
    expect(outcome(patchLocation(`{"last_updated":"${stamp(10)}"}`, context)(current))).toBe('identical');
    expect(outcome(patchConnector('E1', '1', `{"last_updated":"${stamp(10)}"}`, context)(current))).toBe('identical');
  });
});

describe('unknown parents and objects', () => {
  it('are 404/2003, and a PATCH never creates (O-11, L-14)', () => {
    const patch = `{"status":"CHARGING","last_updated":"${stamp(1)}"}`;
    const current = stored(location(1), 1);
    for (const decide of [
      () => patchLocation(patch, context)(undefined),
      () => putEvse('E1', evse('E1', 1), context)(undefined),
      () => patchEvse('E1', patch, context)(undefined),
      () => patchEvse('E2', patch, context)(current),
      () => putConnector('E1', '1', connector('1', 1), context)(undefined),
      () => putConnector('E2', '1', connector('1', 1), context)(current),
      () => patchConnector('E1', '2', patch, context)(current),
      () => patchConnector('E2', '1', patch, context)(current),
    ])
      expect(decide).toThrow(unknown);
  });

  it('are made by PUT of an EVSE or Connector below what is known (L-13)', () => {
    const current = stored(location(10), 10);
    const newEvse = storing(putEvse('E2', evse('E2', 5), context)(current));
    expect(newEvse).toMatchObject({ isNew: true, lastUpdated: instant(10) });
    // With its Location, so that EVSEs stand in the same order everywhere.
    expect(newEvse.news).toEqual({ kind: 'PUT' });
    const newConnector = storing(putConnector('E1', '2', connector('2', 12), context)(current));
    expect(newConnector).toMatchObject({ isNew: true, news: { evseUid: 'E1', kind: 'PUT' }, lastUpdated: instant(12) });
    expect(newConnector.document).toBe(location(12, evse('E1', 12, '', `${connector('1', 10)},${connector('2', 12)}`)));
  });
});

describe('parents', () => {
  it('follow a later child, at every level (L-09, L-10)', () => {
    const current = stored(location(10), 10);
    expect(storing(putEvse('E1', evse('E1', 20), context)(current))).toMatchObject({
      document: location(20),
      lastUpdated: instant(20),
    });
    const patched = storing(patchConnector('E1', '1', `{"last_updated":"${stamp(30)}"}`, context)(current));
    expect(patched).toMatchObject({ document: location(30), lastUpdated: instant(30) });
  });

  it('do not follow an older one (L-12)', () => {
    const current = stored(location(30, evse('E1', 20, '', connector('1', 10))), 30);
    const decision = storing(patchConnector('E1', '1', `{"n":1,"last_updated":"${stamp(15)}"}`, context)(current));
    expect(decision.document).toBe(
      location(30, evse('E1', 20, '', '{"id":"1","last_updated":"2026-01-01T00:15:00Z","n":1}')),
    );
    expect(decision.lastUpdated).toBe(instant(30));
  });

  it('follow EVSEs inside the PATCH of a Location', () => {
    const current = stored(location(10), 10);
    const patch = `{"evses":[{"uid":"E1","last_updated":"${stamp(25)}"}],"last_updated":"${stamp(20)}"}`;
    const decision = storing(patchLocation(patch, context)(current));
    expect(JSON.parse(decision.document)).toMatchObject({ last_updated: stamp(25) });
    expect(decision.lastUpdated).toBe(instant(25));
  });
});

describe('what others are told', () => {
  const current = stored(location(10), 10);
  const told = (patch: string) => storing(patchEvse('E1', patch, context)(current)).news;

  it('is the PATCH itself if everybody must read it alike', () => {
    const status = `{"status":"CHARGING","last_updated":"${stamp(11)}"}`;
    expect(told(status)).toEqual({ evseUid: 'E1', kind: 'PATCH', patch: status });
    const plain = `{"floor_level":"-1","n":-1.50,"b":true,"last_updated":"${stamp(11)}"}`;
    expect(told(plain)).toEqual({ evseUid: 'E1', kind: 'PATCH', patch: plain });
  });

  it.each(['"floor_level":null', '"capabilities":[]', '"coordinates":{}', '"vendor_ext":{"a":1}', '"connectors":[]'])(
    'is the whole object with %s',
    (field) =>
      expect(told(`{"status":"CHARGING",${field},"last_updated":"${stamp(11)}"}`)).toEqual({
        evseUid: 'E1',
        kind: 'PUT',
      }),
  );

  it('of a Connector is its whole EVSE', () => {
    const patch = patchConnector('E1', '1', `{"n":1,"last_updated":"${stamp(11)}"}`, context);
    expect(storing(patch(current)).news).toEqual({ evseUid: 'E1', kind: 'PUT' });
  });
});

describe('judgement', () => {
  const current = stored(location(10), 10);
  const levels = (decide: (now: StoredDocument) => LocationDecision): string[] => {
    looked.length = 0;
    decide(current);
    return [...looked];
  };

  it('of the merged whole follows every PATCH but that of a status', () => {
    const time = `"last_updated":"${stamp(11)}"`;
    expect(levels(patchEvse('E1', `{"status":"CHARGING",${time}}`, context))).toEqual([]);
    expect(levels(patchEvse('E1', `{"floor_level":"1",${time}}`, context))).toEqual(['evse']);
    expect(levels(patchLocation(`{"name":"x",${time}}`, context))).toEqual(['location']);
    expect(levels(patchConnector('E1', '1', `{"n":1,${time}}`, context))).toEqual(['connector']);
  });

  it('of what is odd is made anew with every change but that of a status (T-37)', () => {
    const time = `"last_updated":"${stamp(11)}"`;
    expect(storing(patchEvse('E1', `{"status":"CHARGING",${time}}`, context)(current)).oddities).toBeUndefined();
    for (const decide of [
      patchEvse('E1', `{"floor_level":"1",${time}}`, context),
      putEvse('E1', evse('E1', 11), context),
      putConnector('E1', '1', connector('1', 11), context),
      patchConnector('E1', '1', `{"n":1,${time}}`, context),
      patchLocation(`{"name":"x",${time}}`, context),
      put(location(11)),
    ])
      expect(storing(decide(current)).oddities).toEqual([oddity]);
  });

  it('flags an EVSE that vanished without being REMOVED (L-20)', () => {
    const before = stored(
      location(10, [evse('E1', 10), evse('E2', 10), evse('E3', 10).replace('AVAILABLE', 'REMOVED')].join()),
      10,
    );
    const decision = storing(put(location(11, evse('e1', 11)))(before));
    expect(decision.oddities).toEqual([
      oddity,
      { rule: 'L-20', pointer: '/evses', message: expect.stringContaining('E2') },
    ]);
    const emptied = '{"id":"L","evses":null,"last_updated":"2026-01-01T00:11:00Z"}';
    expect(storing(put(emptied)(before)).oddities).toHaveLength(3);
    expect(storing(put(location(12))(stored(emptied, 11))).oddities).toEqual([oddity]);
  });
});

it('an older EVSE applied on request leaves the Location where it is (P6 of the cast)', () => {
  const current = stored(location(10), 10);
  const decision = storing(patchEvse('E1', `{"status":"CHARGING","last_updated":"${stamp(5)}"}`, insistent)(current));
  expect(JSON.parse(decision.document)).toMatchObject({ last_updated: stamp(10), evses: [{ last_updated: stamp(5) }] });
  expect(decision.lastUpdated).toBe(instant(10));
});
