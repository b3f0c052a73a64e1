import { describe, expect, it } from '@jest/globals';
import { type Change, mergeObject, partOf, patchPart, putPart } from './merge.js';

const connector = '{"id":"1","standard":"IEC_62196_T2","max_voltage":230.0,"last_updated":"2026-01-01T00:00:00Z"}';
const evse = `{"uid":"E1","status":"AVAILABLE","here_ext":{"a":1,"b":2},"connectors":[${connector}],"last_updated":"2026-01-02T00:00:00Z"}`;
const location = `{"id":"L1","factor":1.000,"evses":[${evse}],"name":"x","last_updated":"2026-01-03T00:00:00Z"}`;

const textOf = (change: Change): string => (change.kind === 'missing' ? 'missing' : change.text);

describe('PATCH of an EVSE', () => {
  const stamp = '2026-01-04T00:00:00Z';
  const patched = textOf(patchPart(location, ['e1'], `{"status":"CHARGING","last_updated":"${stamp}"}`, stamp));

  it('changes only what it names and keeps numbers as written (O-09)', () => {
    const value = JSON.parse(patched);
    expect(value.evses[0].status).toBe('CHARGING');
    expect(value.evses[0].connectors).toEqual([JSON.parse(connector)]);
    expect(patched).toContain('"factor":1.000');
    expect(patched).toContain('"max_voltage":230.0');
  });

  it('lifts the last_updated of EVSE and Location (L-09)', () => {
    const value = JSON.parse(patched);
    expect([value.last_updated, value.evses[0].last_updated]).toEqual([stamp, stamp]);
  });

  it('does not move a newer Location back (L-12), and tells the stamp of before', () => {
    const old = '2026-01-02T12:00:00Z';
    const change = patchPart(location, ['E1'], `{"status":"BLOCKED","last_updated":"${old}"}`, old);
    expect(JSON.parse(textOf(change)).last_updated).toBe('2026-01-03T00:00:00Z');
    expect(change).toMatchObject({ before: '2026-01-02T00:00:00Z' });
  });

  it('merges the vendor object one level deep, null removes (O-19)', () => {
    const body = `{"here_ext":{"b":null,"c":[3]},"last_updated":"${stamp}"}`;
    expect(JSON.parse(textOf(patchPart(location, ['E1'], body, stamp))).evses[0].here_ext).toEqual({ a: 1, c: [3] });
  });

  it('takes nulls out of a vendor object that was not there before (O-19)', () => {
    expect(JSON.parse(mergeObject('{"id":"L1"}', '{"here_ext":{"b":null,"c":[3]}}')).here_ext).toEqual({ c: [3] });
  });

  it('is refused for an unknown EVSE (O-11)', () => {
    expect(patchPart(location, ['E2'], '{"status":"BLOCKED"}', stamp).kind).toBe('missing');
  });
});

describe('PATCH and PUT of a Connector', () => {
  const stamp = '2026-02-01T00:00:00Z';

  it('lifts EVSE and Location (L-10)', () => {
    const body = `{"tariff_ids":["T"],"last_updated":"${stamp}"}`;
    const value = JSON.parse(textOf(patchPart(location, ['E1', '1'], body, stamp)));
    expect([value.last_updated, value.evses[0].last_updated, value.evses[0].connectors[0].last_updated]).toEqual(
      Array(3).fill(stamp),
    );
    expect(value.evses[0].connectors[0].tariff_ids).toEqual(['T']);
  });

  it('PUT adds a new one and replaces a known one (L-13)', () => {
    const second = `{"id":"2","last_updated":"${stamp}"}`;
    const added = putPart(location, ['E1', '2'], second, stamp);
    expect(added.kind).toBe('created');
    expect(partOf(textOf(added), ['E1', '2'])).toBe(second);
    const replaced = putPart(textOf(added), ['E1', '1'], `{"id":"1","last_updated":"${stamp}"}`, stamp);
    expect(replaced.kind).toBe('updated');
    expect(JSON.parse(textOf(replaced)).evses[0].connectors).toHaveLength(2);
  });

  it('PUT under an unknown EVSE is missing (L-14)', () => {
    expect(putPart(location, ['E9', '1'], connector, stamp).kind).toBe('missing');
  });
});

describe('PUT of an EVSE', () => {
  const added = '{"uid":"N","last_updated":"2026-03-01T00:00:00Z"}';

  it.each(['{"id":"L"}', '{"id":"L","evses":null}', '{"id":"L","evses":[]}'])('is added to %s', (bare) => {
    const value = JSON.parse(textOf(putPart(bare, ['N'], added, '2026-03-01T00:00:00Z')));
    expect(value).toEqual({ id: 'L', evses: [JSON.parse(added)], last_updated: '2026-03-01T00:00:00Z' });
  });
});

describe('PATCH of a Location', () => {
  it('replaces plain lists and nested objects, merges EVSEs by uid (O-14, L-19)', () => {
    const body = '{"name":null,"directions":[],"evses":[{"uid":"e1","status":"REMOVED"},{"uid":"E2"}]}';
    const value = JSON.parse(mergeObject(location, body));
    expect(value).toMatchObject({ name: null, directions: [], factor: 1 });
    expect(value.evses[0]).toMatchObject({ status: 'REMOVED', connectors: [JSON.parse(connector)] });
    expect(value.evses[1]).toEqual({ uid: 'E2' });
  });

  it('works on an empty object', () => expect(JSON.parse(mergeObject('{}', '{"a":1,"b":2}'))).toEqual({ a: 1, b: 2 }));
});
