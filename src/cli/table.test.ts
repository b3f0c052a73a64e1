import { describe, expect, it } from '@jest/globals';
import { card, table } from './table.js';

describe('table', () => {
  it('aligns columns by their widest cell and leaves no spaces at the end', () => {
    const rows = [
      { name: 'Zoë 😀', count: 5 },
      { name: 'A', count: 12_345 },
    ];
    const text = table(rows, [
      { title: 'NAME', value: ({ name }) => name },
      { title: 'COUNT', value: ({ count }) => count, align: 'right' },
    ]);
    expect(text.split('\n')).toEqual(['NAME   COUNT', 'Zoë 😀      5', 'A      12345']);
    expect(table([], [{ title: 'NAME', value: () => '' }])).toBe('NAME');
  });

  it('shows what is not there as a dash, lists with commas, and no control characters', () => {
    expect(
      card([
        ['a', null],
        ['list', ['x', 'y']],
        ['evil', '\u001b[31mred\n'],
      ]),
    ).toBe('a     -\nlist  x, y\nevil  �[31mred�');
  });
});
