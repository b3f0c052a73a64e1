import { describe, expect, it } from '@jest/globals';
import { parseOptions, UsageError, usage } from './options.js';

describe('parseOptions', () => {
  it('has defaults for a short demo on invented data', () => {
    expect(parseOptions([])).toEqual({
      data: undefined,
      tariffs: undefined,
      redis: false,
      keep: false,
      seed: 1,
      durationSeconds: 30,
      rate: 24,
    });
  });

  it('streams more and longer with real data, unless told otherwise', () => {
    expect(parseOptions(['--data', 'a.ndjson.gz'])).toMatchObject({
      data: 'a.ndjson.gz',
      durationSeconds: 40,
      rate: 75,
    });
    const args = [
      '--data=a.ndjson',
      '--tariffs',
      't',
      '--rate',
      '5',
      '--duration=9',
      '--seed',
      '7',
      '--keep',
      '--redis',
    ];
    expect(parseOptions(args)).toEqual({
      data: 'a.ndjson',
      tariffs: 't',
      redis: true,
      keep: true,
      seed: 7,
      durationSeconds: 9,
      rate: 5,
    });
  });

  it('shows the help when asked for it', () => {
    expect(parseOptions(['--help'])).toBeUndefined();
    for (const name of ['--data', '--tariffs', '--redis', '--keep', '--seed', '--duration', '--rate']) {
      expect(usage).toContain(name);
    }
  });

  it.each([
    [['--fast'], "Unknown option '--fast' (--help lists the options)"],
    [['now'], "Unexpected argument 'now' (--help lists the options)"],
    [['--rate', 'x'], '--rate takes a whole number from 1 to 2000, not "x"'],
    [['--rate', '0'], '--rate takes a whole number from 1 to 2000, not "0"'],
    [['--duration', '4'], '--duration takes a whole number from 5 to 86400, not "4"'],
    [['--seed', '1.5'], '--seed takes a whole number from 0 to 2147483648, not "1.5"'],
    [['--tariffs', 't'], '--tariffs needs --data: invented locations come with tariffs of their own'],
  ])('refuses %j in one line', (args, message) => {
    expect(() => parseOptions(args)).toThrow(new UsageError(message));
  });

  it('refuses an option without its value in one line', () => {
    expect(() => parseOptions(['--rate'])).toThrow(/^[^\n]*--rate[^\n]*$/);
  });
});
