import { expect, it } from '@jest/globals';
import { plainArray, textArray } from './postgres-array.js';

it('writes texts in the binary form: dimensions, element type, then each with its length in bytes', () => {
  expect(textArray(['a', null, '\u00e9']).toString('hex')).toBe(
    ['00000001', '00000001', '00000019', '00000003', '00000001', '0000000161', 'ffffffff', '00000002c3a9'].join(''),
  );
  expect(textArray(['']).toString('hex')).toBe('000000010000000000000019000000010000000100000000');
  expect(textArray([]).toString('hex')).toBe('000000000000000000000019');
});

it('writes numbers and truth values as text', () => {
  expect(plainArray([1, null, -2.5, true])).toBe('{1,NULL,-2.5,true}');
  expect(plainArray([])).toBe('{}');
});
