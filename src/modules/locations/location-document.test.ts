import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { connectorSlot, evseSlot, instantOf } from './location-document.js';

const early = '2026-01-01T00:00:00Z';
const late = '2026-01-02T00:00:00Z';
const evse = (uid: string, stamp = early) => `{"uid":"${uid}","power":150000.0,"last_updated":"${stamp}"}`;

describe('the slot of an EVSE', () => {
  it('holds the EVSE of that uid, compared without case (D-01)', () => {
    const location = `{"evses":[${evse('A')},${evse('b')}]}`;
    expect(evseSlot(location, 'B').text).toBe(evse('b'));
    expect(evseSlot(location, 'C').text).toBeUndefined();
  });

  it.each([
    ['no list', '{"id":"L"}'],
    ['null', '{"evses":null,"id":"L"}'],
    ['an empty list', '{"id":"L","evses":[]}'],
    [
      'the uid in another place',
      '{"uid":"A","operator":{"evses":[{"uid":"A"}]},"evses":[{"x":{"uid":"A"},"uid":"B"}]}',
    ],
    ['members that are no objects', '{"evses":[null,1,"A",["A"],{}]}'],
  ])('is empty with %s', (_, location) => {
    const slot = evseSlot(location, 'A');
    expect(slot.text).toBeUndefined();
    const held = JSON.parse(slot.holding(evse('A'))) as { evses: unknown[] };
    const before = (JSON.parse(location) as { evses?: unknown[] | null }).evses ?? [];
    expect(held.evses).toEqual([...before, JSON.parse(evse('A'))]);
  });

  it('is found by escaped keys and values', () => {
    const odd = '{"\\u0075id":"\\u0041","x":1}';
    const location = `{"\\u0065vses":[${odd}],"l\\u0061st_updated":"${early}"}`;
    expect(evseSlot(location, 'a').text).toBe(odd);
    expect(evseSlot(location, 'A').holding(evse('A', late))).toBe(
      `{"\\u0065vses":[${evse('A', late)}],"l\\u0061st_updated":"${late}"}`,
    );
  });

  it.each([
    ['in front of the list', `{"last_updated":"${early}","evses":[${evse('A')}],"n":1.0}`],
    ['behind the list', `{"n":1.0,"evses":[${evse('A')}],"last_updated":"${early}"}`],
  ])('lifts last_updated that stands %s, and nothing else (L-09)', (_, location) => {
    const expected = location
      .replace(evse('A'), evse('A', late))
      .replace(/("last_updated":")[^"]+(","evses|"}$)/, `$1${late}$2`);
    expect(evseSlot(location, 'A').holding(evse('A', late))).toBe(expected);
  });

  it('never moves last_updated backwards (L-12), and keeps its spelling when it is the same instant', () => {
    const location = `{"evses":[${evse('A', late)}],"last_updated":"2026-01-02T00:00:00.000Z"}`;
    for (const stamp of [early, late]) {
      const held = evseSlot(location, 'A').holding(evse('A', stamp));
      expect(held).toBe(location.replace(evse('A', late), evse('A', stamp)));
    }
  });

  it('changes one item and no other letter, whatever the Location holds', () => {
    const rest = fc.dictionary(
      fc
        .string({ unit: 'binary' })
        .filter((key) => !/^(__proto__|constructor|prototype|evses|last_updated)$/.test(key)),
      fc.jsonValue(),
      { maxKeys: 4, noNullPrototype: true },
    );
    const uids = fc.uniqueArray(fc.stringMatching(/^[a-z0-9/%"\\ ]{1,5}$/), { maxLength: 5 });
    fc.assert(
      fc.property(rest, uids, fc.nat(5), fc.boolean(), (fields, present, pick, later) => {
        const evses = present.map((uid) => ({ uid, n: 1, last_updated: early }));
        const location = { ...fields, evses, last_updated: early };
        const uid = present[pick] ?? 'new';
        const item = { uid, n: 2, last_updated: later ? late : early };
        const held = evseSlot(JSON.stringify(location), uid.toUpperCase()).holding(JSON.stringify(item));
        const expected = {
          ...location,
          evses: present.includes(uid) ? evses.map((entry) => (entry.uid === uid ? item : entry)) : [...evses, item],
          last_updated: item.last_updated,
        };
        expect(held).toBe(JSON.stringify(expected));
      }),
    );
  });
});

it('the slot of a Connector is the same one level below', () => {
  const text = `{"uid":"A","connectors":[{"id":"1","n":1.50},{"id":"2"}],"last_updated":"${early}"}`;
  expect(connectorSlot(text, '1').text).toBe('{"id":"1","n":1.50}');
  expect(connectorSlot(text, '2').holding(`{"id":"2","last_updated":"${late}"}`)).toBe(
    `{"uid":"A","connectors":[{"id":"1","n":1.50},{"id":"2","last_updated":"${late}"}],"last_updated":"${late}"}`,
  );
});

it('instantOf reads the stamp of the object itself', () => {
  expect(instantOf(`{"evses":[${evse('A', late)}],"last_updated":"${early}"}`)).toBe(Date.UTC(2026, 0, 1));
  for (const none of ['{}', '{"last_updated":null}', '{"last_updated":5}', '{"last_updated":"soon"}'])
    expect(instantOf(none)).toBe(0);
});
