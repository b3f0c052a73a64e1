import { describe, expect, it } from '@jest/globals';
import type { Leg } from '../simulator/index.js';
import { legProblems } from './legs.js';

const leg = (direction: Leg['direction'], request_id: string): Leg => ({
  direction,
  at: 0,
  ms: 1,
  module: 'commands',
  role: 'RECEIVER',
  method: 'POST',
  target: '/START_SESSION',
  request_id,
  correlation_id: 'c1',
  from: 'FR/EM1',
  to: 'DE/CP1',
  http: 200,
  code: 1000,
  answer: { from: 'DE/CP1', to: 'FR/EM1', request_id, correlation_id: 'c1' },
});

const first = leg('out', 'r1');
const second = leg('in', 'r2');
const routing = { from: 'FR/EM1', receiver: 'DE/CP1' };

describe('legProblems', () => {
  it('finds nothing wrong with two right legs', () => {
    expect(legProblems(first, second, routing)).toEqual([]);
  });

  it('wants a TO on the second leg only, if the sender named nobody', () => {
    const { to: _to, ...open } = first;
    expect(legProblems(open, second, { ...routing, open: true })).toEqual([]);
    expect(legProblems(first, second, { ...routing, open: true })).toEqual([
      'TO of the first leg is DE/CP1, not absent',
    ]);
  });

  it.each<[string, Leg | undefined, Leg | undefined, string]>([
    ['nothing sent', undefined, second, 'was never sent'],
    ['nothing received', first, undefined, 'never reached the receiver'],
    ['the same request id', first, { ...second, request_id: 'r1' }, 'X-Request-ID is the same on both legs'],
    [
      'another correlation id',
      first,
      { ...second, correlation_id: 'c2' },
      'X-Correlation-ID of the second leg is c2, not c1',
    ],
    ['the hub as FROM', first, { ...second, from: 'NL/HUB' }, 'FROM of the second leg is NL/HUB, not FR/EM1'],
    ['another TO', first, { ...second, to: 'DE/CP2' }, 'TO of the second leg is DE/CP2, not DE/CP1'],
    [
      'an answer in the name of the hub',
      { ...first, answer: { ...first.answer, from: 'NL/HUB' } },
      second,
      'FROM of the answer is NL/HUB, not DE/CP1',
    ],
    [
      'the receiver’s request id in the answer',
      { ...first, answer: { ...first.answer, request_id: 'r2' } },
      second,
      'X-Request-ID of the answer is r2, not r1',
    ],
    ['another code', { ...first, code: 3000 }, second, 'status_code of the answer is 3000, not 1000'],
    ['another status', first, { ...second, http: 201 }, 'HTTP status of the answer is 200, not 201'],
  ])('names what is wrong: %s', (_what, sent, received, problem) => {
    expect(legProblems(sent, received, routing)).toEqual([problem]);
  });
});
