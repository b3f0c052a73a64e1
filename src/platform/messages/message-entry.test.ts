import { describe, expect, it } from '@jest/globals';
import { newTrace } from '../routing/index.js';
import { entryOf, type MessageServed } from './message-entry.js';

const served: MessageServed = {
  method: 'PUT',
  path: '/ocpi/2.2.1/receiver/locations/DE/CP1/L1',
  module: 'locations',
  interfaceRole: 'RECEIVER',
  partnerId: 'p1',
  ids: { requestId: 'r1', correlationId: 'c1' },
  httpStatus: 200,
  statusCode: 1000,
  durationMs: 1.23456,
};
const of = (changes: Partial<MessageServed>) => entryOf({ ...served, ...changes }, 7);

describe('entryOf', () => {
  it('tells who asked what, how it was routed and why, and what came back', () => {
    const trace = newTrace();
    Object.assign(trace, { scenario: 'direct', from: 'FR/EM1', to: 'DE/CP1' });
    trace.rules.push('R-04', 'a7');
    const leg = { requestId: 'r2', httpStatus: 200, statusCode: 1000, outcome: 'answered', durationMs: 3.13579 };
    trace.candidates.push({ party: 'DE/CP1', partnerId: 'p2', why: 'named by TO', leg });
    expect(of({ trace })).toEqual({
      at: 7,
      durationMs: 1.23,
      partnerId: 'p1',
      from: 'FR/EM1',
      to: 'DE/CP1',
      module: 'locations',
      interfaceRole: 'RECEIVER',
      method: 'PUT',
      path: '/ocpi/2.2.1/receiver/locations/DE/CP1/L1',
      scenario: 'direct',
      rules: ['R-04', 'a7'],
      candidates: [{ party: 'DE/CP1', partnerId: 'p2', why: 'named by TO', leg: { ...leg, durationMs: 3.14 } }],
      httpStatus: 200,
      statusCode: 1000,
      outcome: 'answered',
      requestId: 'r1',
      correlationId: 'c1',
    });
  });

  it('is not made for strangers', () => {
    expect(of({ partnerId: undefined, httpStatus: 401, statusCode: 2000 })).toBeUndefined();
  });

  it('does not change with the trace afterwards', () => {
    const trace = newTrace();
    const entry = of({ trace });
    trace.rules.push('late');
    trace.candidates.push({ party: 'DE/CP1', partnerId: 'p2', why: 'late' });
    expect(entry).toMatchObject({ rules: [], candidates: [] });
  });

  it.each([
    ['answered', {}],
    ['answered', { httpStatus: 201 }],
    ['refused', { statusCode: 2001 }],
    ['refused', { httpStatus: 404, statusCode: 2003 }],
    ['refused', { statusCode: 4001 }],
    ['timeout', { statusCode: 4002 }],
    ['unreachable', { statusCode: 4003 }],
    ['failed', { statusCode: 4000 }],
    ['failed', { statusCode: 3001 }],
    ['failed', { httpStatus: 500, statusCode: 1000 }],
    ['failed', { statusCode: 3000, fault: new Error('boom') }],
    ['limited', { httpStatus: 429, statusCode: 2000 }],
    ['shed', { httpStatus: 503, statusCode: 3000 }],
  ])('says %s of %j', (outcome, changes) => {
    expect(of(changes)?.outcome).toBe(outcome);
  });

  it('keeps those that were asked when there were many candidates, and says how many it left out', () => {
    const trace = newTrace();
    for (let n = 0; n < 200; n++) trace.candidates.push({ party: `DE/${n}`, partnerId: 'p', why: 'not connected' });
    const leg = { requestId: 'r2', httpStatus: 200, statusCode: 1000, outcome: 'answered', durationMs: 1 };
    trace.candidates.push({ party: 'FR/EM1', partnerId: 'q', why: 'asked', leg });
    const entry = of({ trace });
    expect(entry?.candidates).toHaveLength(50);
    expect(entry?.candidates[0]).toMatchObject({ party: 'FR/EM1', leg: { requestId: 'r2' } });
    expect(entry?.candidatesLeftOut).toBe(151);
  });
});

describe('what an entry does not hold (T20)', () => {
  const secret = '04A2B3C4D5E6F7';
  const root = '/ocpi/2.2.1';
  it.each<[string, Partial<MessageServed>, string]>([
    [
      'the uid of a token that is pushed',
      { module: 'tokens', path: `${root}/receiver/tokens/DE/EM1/${secret}` },
      `${root}/receiver/tokens/DE/EM1/[redacted]`,
    ],
    [
      'the uid of a token that is put where the party belongs',
      { module: 'tokens', path: `${root}/receiver/tokens/${secret}/x/y` },
      `${root}/receiver/tokens/[redacted]/[redacted]/[redacted]`,
    ],
    [
      'the uid of a token that is asked for',
      { module: 'tokens', interfaceRole: 'SENDER', path: `${root}/sender/tokens/${secret}/authorize` },
      `${root}/sender/tokens/[redacted]/authorize`,
    ],
    [
      'the id of a callback',
      { module: 'commands', interfaceRole: 'SENDER', path: `${root}/sender/commands/START_SESSION/${secret}` },
      `${root}/sender/commands/START_SESSION/[redacted]`,
    ],
    [
      'the id of a callback of charging profiles',
      { module: 'chargingprofiles', interfaceRole: 'SENDER', path: `${root}/sender/chargingprofiles/${secret}` },
      `${root}/sender/chargingprofiles/[redacted]`,
    ],
    [
      'a URL that nobody serves',
      { module: '', path: `${root}/receiver/cards/${secret}/x` },
      `${root}/receiver/cards/…`,
    ],
    [
      'a URL of a custom module',
      { module: 'nlhub-cards', path: `${root}/sender/nlhub-cards/${secret}` },
      `${root}/sender/nlhub-cards/…`,
    ],
    [
      'a sealed reference',
      { module: 'cdrs', path: `${root}/receiver/cdrs/abcdefgh${'x'.repeat(80)}` },
      `${root}/receiver/cdrs/abcdefgh…`,
    ],
    [
      'the values of parameters that may say whose card it is',
      {
        module: 'chargingprofiles',
        path: `${root}/receiver/chargingprofiles/S1`,
        query: `duration=60&response_url=https%3A%2F%2Fx.example%2F${secret}&${secret}=1&limit=5`,
      },
      `${root}/receiver/chargingprofiles/S1?duration=60&response_url=…&…=…&limit=5`,
    ],
  ])('%s', (_what, changes, shown) => {
    const entry = of(changes);
    expect(entry?.path).toBe(shown);
    expect(JSON.stringify(entry)).not.toContain(secret);
  });

  it('what looks like a credential in the reason of a candidate', () => {
    const trace = newTrace();
    trace.candidates.push({ party: 'DE/CP1', partnerId: 'p2', why: `refused Token ${secret}${secret}` });
    expect(JSON.stringify(of({ trace }))).not.toContain(secret);
  });

  it('but keeps what an operator needs to find an object', () => {
    const path = `${root}/receiver/sessions/DE/CP1/0123456789-0123456789-0123456789-01234`;
    expect(of({ module: 'sessions', path })?.path).toBe(path);
  });
});
