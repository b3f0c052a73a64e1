import { describe, expect, it } from '@jest/globals';
import type { OcpiRequest } from './define-module.js';
import { checkNotAhead, checkSameId, checkSameOwner, fieldOf, pathParam, requiredBody } from './object-checks.js';

const request = (params: Record<string, string>) => ({ params }) as unknown as OcpiRequest;

describe('ids in the URL', () => {
  it.each(['.', '..', ''])('are refused where they would steer calls elsewhere: %j (T8)', (id) => {
    expect(() => pathParam(request({ location_id: id }), 'location_id')).toThrow('location_id cannot stand in a URL.');
  });
});

describe('ids of URL and body (O-03, O-04)', () => {
  it('compare without case', () => {
    expect(() => checkSameId({ id: 'loc1' }, 'id', 'LOC1')).not.toThrow();
    expect(() =>
      checkSameOwner({ country_code: 'de', party_id: 'Cp1' }, request({ country_code: 'DE', party_id: 'CP1' })),
    ).not.toThrow();
  });

  it.each([[{ id: 'LOC2' }], [{ id: 1 }], [{ id: null }], [{}], [null], ['LOC1'], [[]]])('refuse %j', (value) =>
    expect(() => checkSameId(value, 'id', 'LOC1')).toThrow('/id'.slice(1)),
  );

  it('name the field that differs', () => {
    const check = (value: unknown) => () => checkSameOwner(value, request({ country_code: 'DE', party_id: 'CP1' }));
    expect(check({ country_code: 'FR' })).toThrow(expect.objectContaining({ pointer: '/country_code' }));
    expect(check({ party_id: 'CP2' })).toThrow(expect.objectContaining({ pointer: '/party_id' }));
    expect(check({})).not.toThrow();
  });
});

describe('stamps in the future (T25)', () => {
  const latest = Date.UTC(2026, 0, 1);
  const late = '2099-01-01T00:00:00Z';
  const fine = '2026-01-01T00:00:00Z';

  it('are found at every level, with their place', () => {
    const check = (value: unknown) => () => checkNotAhead(value, latest, ['evses', 'connectors']);
    expect(
      check({ last_updated: fine, evses: [{ last_updated: fine, connectors: [{ last_updated: fine }] }] }),
    ).not.toThrow();
    expect(check({ last_updated: late })).toThrow(expect.objectContaining({ pointer: '/last_updated' }));
    expect(check({ last_updated: fine, evses: [{ last_updated: fine }, { last_updated: late }] })).toThrow(
      expect.objectContaining({ pointer: '/evses/1/last_updated' }),
    );
    expect(check({ evses: [{ connectors: [{ last_updated: late }] }] })).toThrow(
      expect.objectContaining({ pointer: '/evses/0/connectors/0/last_updated' }),
    );
  });

  it('are allowed up to the limit itself, and what is no list or stamp is for others to judge', () => {
    expect(() => checkNotAhead({ last_updated: fine }, latest)).not.toThrow();
    expect(() => checkNotAhead({ last_updated: '2026-01-01T00:00:00.001Z' }, latest)).toThrow();
    for (const value of [null, 5, 'x', [], { evses: null }, { evses: 'x' }, { evses: [null] }, { last_updated: 5 }])
      expect(() => checkNotAhead(value, latest, ['evses'])).not.toThrow();
  });
});

it('small readers are total', () => {
  expect(fieldOf(null, 'a')).toBeUndefined();
  expect(fieldOf('a', 'length')).toBeUndefined();
  expect(() => requiredBody(request({}))).toThrow('missing');
});
