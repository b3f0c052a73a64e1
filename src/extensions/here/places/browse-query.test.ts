import { describe, expect, it } from '@jest/globals';
import { EvError } from '../http/ev-error.js';
import { kindsOf, pageToken, parseBrowse } from './browse-query.js';
import { kindOf, typeNumber } from './facets.js';

const parse = (query: string) => parseBrowse(new URLSearchParams(query));
const refusal = (query: string): string => {
  try {
    parse(query);
  } catch (error) {
    if (error instanceof EvError && error.status === 400) return error.reason;
  }
  return 'none';
};

describe('a question to browse', () => {
  it('has defaults', () => {
    expect(parse('at=52.1,4.3')).toMatchObject({
      centre: { latitude: 52.1, longitude: 4.3 },
      maxDistance: 5_000,
      limit: 20,
      minPower: 0,
      onlyAvailable: false,
    });
  });

  it('goes from the middle of a box to its farthest corner', () => {
    const { centre, maxDistance } = parse('bbox=170,-10,-170,10');
    expect(centre).toEqual({ latitude: 0, longitude: 180 });
    expect(maxDistance).toBeGreaterThan(1_500_000);
    expect(maxDistance).toBeLessThan(1_600_000);
    expect(parse('bbox=3,50,8,54&at=52,4').centre).toEqual({ latitude: 52, longitude: 4 });
  });

  it('takes connector types by name and by number', () => {
    expect([...(parse('at=0,0&connectorTypes=34,CHADEMO').connectorTypes ?? [])]).toEqual([
      'IEC_62196_T2_COMBO',
      'CHADEMO',
    ]);
    const chademo = typeNumber('CHADEMO') ?? -1;
    expect(kindsOf(parse('at=0,0&connectorTypes=CHADEMO&current=DC'))).toEqual([kindOf(chademo, true)]);
    expect(kindsOf(parse('at=0,0&connectorTypes=CHADEMO'))).toEqual([kindOf(chademo, false), kindOf(chademo, true)]);
    expect(kindsOf(parse('at=0,0'))).toBeUndefined();
  });

  it('takes kilowatts', () => expect(parse('at=0,0&minPower=22.17').minPower).toBe(22_170));

  it('goes on where the page before ended', () => {
    const after = { distance: 1234.567, key: 'NL/CP1/LOC%2F1' };
    expect(parse(`at=0,0&page=${pageToken(after)}`).after).toEqual(after);
  });

  it.each([
    ['', 'at'],
    ['at=', 'at'],
    ['at=52', 'at'],
    ['at=52,4,1', 'at'],
    ['at=NaN,4', 'at'],
    ['at=1e1,4', 'at'],
    ['at=90.1,4', 'at'],
    ['at=52,180.1', 'at'],
    ['at=52, 4', 'at'],
    ['at=52,4&at=52,4', 'at'],
    ['at=52,4&radius=0', 'radius'],
    ['at=52,4&radius=100001', 'radius'],
    ['at=52,4&radius=5.5', 'radius'],
    ['bbox=3,50,8,54&radius=5', 'radius'],
    ['bbox=3,54,8,50', 'bbox'],
    ['bbox=3,-91,8,50', 'bbox'],
    ['bbox=-181,50,8,54', 'bbox'],
    ['bbox=3,50,8', 'bbox'],
    ['bbox=NaN,NaN,NaN,NaN', 'bbox'],
    ['at=0,0&connectorTypes=CCS', 'connectorTypes'],
    ['at=0,0&connectorTypes=', 'connectorTypes'],
    ['at=0,0&connectorTypes=34,,29', 'connectorTypes'],
    ['at=0,0&connectorTypes=constructor', 'connectorTypes'],
    ['at=0,0&minPower=-1', 'minPower'],
    ['at=0,0&minPower=many', 'minPower'],
    ['at=0,0&current=dc', 'current'],
    ['at=0,0&operator=', 'operator'],
    ['at=0,0&eMobilityServiceProviders=one', 'eMobilityServiceProviders'],
    ['at=0,0&paymentMethods=cash', 'paymentMethods'],
    ['at=0,0&available=yes', 'available'],
    ['at=0,0&limit=0', 'limit'],
    ['at=0,0&limit=101', 'limit'],
    ['at=0,0&page=x', 'page'],
    ['at=0,0&page=e30', 'page'],
    [`at=0,0&page=${Buffer.from('[-1,"k"]').toString('base64url')}`, 'page'],
  ])('refuses "%s", naming %s', (query, name) => expect(refusal(query)).toContain(`query ${name} `));
});
