import { describe, expect, it } from '@jest/globals';
import { counted, duration, grouped, tableLines, wrapped } from './table.js';

describe('tableLines', () => {
  it('aligns text to the left and numbers to the right', () => {
    const columns = [{ head: 'NAME' }, { head: 'N', right: true }, { head: 'STATE' }];
    expect(
      tableLines(columns, [
        ['a', '1,000', 'ok'],
        ['longer', '7'],
      ]),
    ).toEqual(['NAME        N  STATE', 'a       1,000  ok', 'longer      7']);
  });
});

describe('wrapped', () => {
  it('breaks between words and indents what hangs', () => {
    expect(wrapped('aa bb cc dd', 8, '> ', '  ')).toEqual(['> aa bb', '  cc dd']);
    expect(wrapped('a-word-that-is-too-long b', 8)).toEqual(['a-word-that-is-too-long', 'b']);
  });
});

describe('figures for people', () => {
  it.each([
    [12.4, '12 ms'],
    [999, '999 ms'],
    [3400, '3.4 s'],
    [12_000, '12 s'],
    [125_000, '2 min 5 s'],
  ])('%d ms are %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('groups digits and counts in words', () => {
    expect(grouped(62_194)).toBe('62,194');
    expect([counted(1, 'copy', 'copies'), counted(2, 'copy', 'copies'), counted(0, 'change')]).toEqual([
      '1 copy',
      '2 copies',
      '0 changes',
    ]);
  });
});
