import { expect, it } from '@jest/globals';
import { PullRefusals } from './pull-refusals.js';

it('counts reasons over places in lists, the most frequent first, with one object as a sample', () => {
  const refusals = new PullRefusals();
  refusals.add('/name: must not contain line breaks', 'A');
  refusals.add('/evses/0/uid: is required', 'B');
  refusals.add('/evses/12/uid: is required', 'C');
  expect(refusals.list()).toEqual([
    { reason: '/evses/*/uid: is required', count: 2, sample: 'B' },
    { reason: '/name: must not contain line breaks', count: 1, sample: 'A' },
  ]);
});

it('goes on from what an interrupted crawl had counted, and keeps twenty reasons at most', () => {
  const refusals = new PullRefusals([{ reason: '/name: is required', count: 7, sample: 'A' }]);
  refusals.add('/name: is required', 'B');
  for (let n = 0; n < 30; n++) refusals.add(`/field_${n}: is required`, 'C');
  expect(refusals.list()).toHaveLength(20);
  expect(refusals.list()[0]).toEqual({ reason: '/name: is required', count: 8, sample: 'A' });
});
