import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import fc from 'fast-check';
import { formatDateTime, parseDateTime } from './date-time.js';

const instant = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2100, 0, 1) });

describe('parseDateTime', () => {
  it.each([
    ['2015-06-29T20:39:09Z', Date.UTC(2015, 5, 29, 20, 39, 9)],
    ['2015-06-29T20:39:09', Date.UTC(2015, 5, 29, 20, 39, 9)],
    ['2016-12-29T17:45:09.2Z', Date.UTC(2016, 11, 29, 17, 45, 9, 200)],
    ['2016-12-29T17:45:09.2', Date.UTC(2016, 11, 29, 17, 45, 9, 200)],
    ['2018-01-01T01:08:01.123Z', Date.UTC(2018, 0, 1, 1, 8, 1, 123)],
    ['2018-01-01T01:08:01.123456789Z', Date.UTC(2018, 0, 1, 1, 8, 1, 123)],
    ['2018-01-01T01:08:01.01', Date.UTC(2018, 0, 1, 1, 8, 1, 10)],
    ['2018-01-01T02:08:01+01:00', Date.UTC(2018, 0, 1, 1, 8, 1)],
    ['2018-01-01T01:08:01-00:30', Date.UTC(2018, 0, 1, 1, 38, 1)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['0000-02-29T00:00:00Z', Date.parse('0000-02-29T00:00:00Z')],
    ['0099-12-31T23:59:59Z', Date.parse('0099-12-31T23:59:59Z')],
  ])('reads %s (D-05, A-16)', (text, expected) => expect(parseDateTime(text)).toBe(expected));

  it.each([
    '',
    'now',
    '2018-01-01',
    '2018-01-01 01:08:01Z',
    '2018-02-30T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2018-13-01T00:00:00Z',
    '2018-01-01T24:00:00Z',
    '2018-01-01T00:60:00Z',
    '2018-01-01T00:00:60Z',
    '2018-01-01T00:00:00z',
    '2018-01-01T00:00:00.Z',
    ' 2018-01-01T00:00:00Z',
    '2018-01-01T00:00:00Z\n',
    '1525132800',
  ])('reads %j as none', (text) => expect(parseDateTime(text)).toBeUndefined());

  it.each(['America/New_York', 'Asia/Kolkata'])('is UTC without a suffix, also for a process in %s (D-07)', (zone) => {
    // Only a process of its own has a time zone of its own.
    const { code } = transformFileSync('src/kernel/date-time.ts', {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    });
    const print = "console.log(new Date(2026, 6, 1).getTimezoneOffset(), parseDateTime('2026-07-01T12:00:00'))";
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', `${code}\n${print}`], {
      env: { TZ: zone },
      encoding: 'utf8',
    });
    const [offset, parsed] = stdout.trim().split(' ').map(Number);
    expect(offset).not.toBe(0);
    expect(parsed).toBe(Date.UTC(2026, 6, 1, 12));
  });

  it('gives back what formatDateTime wrote', () => {
    fc.assert(fc.property(instant, (ms) => expect(parseDateTime(formatDateTime(ms))).toBe(ms)));
  });

  it('reads everything that the schema of DateTime lets through, so that no stored stamp is taken for 1970', () => {
    const schema = JSON.parse(readFileSync('ocpi-schemas/2.2.1/common/date-time.schema.json', 'utf8')) as {
      pattern: string;
    };
    const pattern = new RegExp(schema.pattern, 'u');
    const part = (max: number, width: number) =>
      fc.integer({ min: 0, max }).map((value) => String(value).padStart(width, '0'));
    const text = fc
      .tuple(part(9999, 4), part(13, 2), part(32, 2), part(25, 2), part(61, 2), part(61, 2), fc.nat(10), part(25, 2))
      .map(
        ([year, month, day, hour, minute, second, digits, offset]) =>
          `${year}-${month}-${day}T${hour}:${minute}:${second}${digits > 0 ? `.${'7'.repeat(digits)}` : ''}${
            ['', 'Z', `+${offset}:30`, `-${offset}:00`][digits % 4]
          }`,
      );
    let accepted = 0;
    fc.assert(
      fc.property(text, (candidate) => {
        if (!pattern.test(candidate)) return;
        accepted++;
        expect(parseDateTime(candidate)).toBeDefined();
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });
});

it('formatDateTime sends Z and three decimals (D-06)', () => {
  expect(formatDateTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02T03:04:05.006Z');
});
