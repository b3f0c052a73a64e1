import { describe, expect, it } from '@jest/globals';
import { Screen } from './screen.js';

function screen(isTTY: boolean, size: { columns?: number; rows?: number } = {}) {
  const out = { text: '', now: 0 };
  const terminal = { isTTY, ...size, write: (text: string) => (out.text += text) };
  return { out, screen: new Screen(terminal, { now: () => out.now }) };
}

const ansi = String.fromCharCode(27);
const splitter = new RegExp(`(${ansi}\\[\\d*[AJ]|\\n)`);

/** What a terminal shows after it was sent `text`: only cursor up and erase below are understood. */
function shown(text: string): string[] {
  const lines = [''];
  for (const part of text.split(splitter)) {
    const up = part.startsWith(ansi) ? /^\[(\d+)A$/.exec(part.slice(1)) : null;
    if (up) lines.length -= Number(up[1]);
    else if (part === '\n') lines.push('');
    else if (part !== `${ansi}[J`) lines[lines.length - 1] += part;
  }
  return lines;
}

describe('Screen on a terminal', () => {
  it('redraws the live view in place, below what was said', () => {
    const { out, screen: it } = screen(true);
    it.say('one');
    it.show({ table: ['a', 'b'], line: '' });
    it.show({ table: ['c'], line: '' });
    it.say('two');
    expect(shown(out.text)).toEqual(['one', 'two', '', 'c', '']);
    it.clear();
    expect(shown(out.text)).toEqual(['one', 'two', '']);
  });

  it('cuts the view to the window: what wraps or scrolls away could not be erased', () => {
    const { out, screen: it } = screen(true, { columns: 6, rows: 5 });
    it.show({ table: ['123456789', 'b', 'c', 'd'], line: '' });
    expect(shown(out.text)).toEqual(['', '12345', 'b', '']);
    it.clear();
    expect(shown(out.text)).toEqual(['']);
  });

  it('prints nothing more after its end', () => {
    const { out, screen: it } = screen(true);
    it.show({ table: ['a'], line: '' });
    it.end();
    it.show({ table: ['b'], line: '' });
    it.say('late');
    expect(shown(out.text)).toEqual(['']);
  });
});

describe('Screen in a file', () => {
  it('prints one line every five seconds, without control characters', () => {
    const { out, screen: it } = screen(false);
    for (out.now = 0; out.now < 11_000; out.now += 500) it.show({ table: ['table'], line: `at ${out.now}` });
    expect(out.text).toBe('   [00:00] at 0\n   [00:05] at 5000\n   [00:10] at 10000\n');
  });

  it('breaks long text', () => {
    const { out, screen: it } = screen(false);
    it.tell('word '.repeat(40).trim());
    expect(Math.max(...out.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
