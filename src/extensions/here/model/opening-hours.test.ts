import { describe, expect, it } from '@jest/globals';
import type { Hours, Location } from '../../../generated/ocpi.js';
import { openingHoursOf } from './opening-hours.js';

const of = (opening_times: Partial<Hours> | null, fields: Partial<Location> = {}, now?: number) =>
  openingHoursOf({ time_zone: 'Europe/Amsterdam', opening_times, ...fields } as Location, now);
const week = (begin: string, end: string, days = [1, 2, 3, 4, 5, 6, 7]) =>
  days.map((weekday) => ({ weekday, period_begin: begin, period_end: end }));
const period = (period_begin: string, period_end: string) => ({ period_begin, period_end });
const days = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'];
const wholeDay = { from: '00:00:00', to: '00:00:00' };

describe('openingHoursOf', () => {
  it('says nothing where nothing is said', () => {
    expect([of(null), of({ twentyfourseven: false }), of({ twentyfourseven: false, regular_hours: null })]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is always open, with neither list, and without a word about charging while closed', () => {
    expect(of({ twentyfourseven: true, exceptional_closings: [] }, { charging_when_closed: true })).toEqual({
      open24x7: true,
    });
    expect(of({ twentyfourseven: false, regular_hours: week('00:00', '00:00') })).toEqual({ open24x7: true });
  });

  it('puts days with the same hours together', () => {
    const regular_hours = [...week('09:00', '20:00', [6, 7]), ...week('07:00', '22:00', [1, 2, 3, 4, 5])];
    expect(of({ twentyfourseven: false, regular_hours })).toEqual({
      open24x7: false,
      chargingWhenClosed: true,
      regularSchedule: [
        { days: days.slice(0, 5), periods: [{ from: '07:00:00', to: '22:00:00' }] },
        { days: ['sa', 'su'], periods: [{ from: '09:00:00', to: '20:00:00' }] },
      ],
    });
  });

  it('takes 00:00 at the end for the end of the day, and goes on after midnight if the end is before the beginning', () => {
    expect(of({ twentyfourseven: false, regular_hours: week('18:00', '00:00', [5]) })?.regularSchedule).toEqual([
      { days: ['fr'], periods: [{ from: '18:00:00', to: '00:00:00' }] },
    ]);
    expect(of({ twentyfourseven: false, regular_hours: week('20:00', '02:00', [7]) })?.regularSchedule).toEqual([
      { days: ['mo'], periods: [{ from: '00:00:00', to: '02:00:00' }] },
      { days: ['su'], periods: [{ from: '20:00:00', to: '00:00:00' }] },
    ]);
  });

  it('joins periods that touch, and leaves out what is no time', () => {
    const regular_hours = [...week('08:00', '12:00', [1]), ...week('12:00', '18:00', [1]), ...week('24:00', 'x', [2])];
    expect(of({ twentyfourseven: false, regular_hours })?.regularSchedule).toEqual([
      { days: ['mo'], periods: [{ from: '08:00:00', to: '18:00:00' }] },
    ]);
  });

  it.each([true, false])('says whether one can charge while it is closed: %s', (charging_when_closed) => {
    const hours = of({ twentyfourseven: false, regular_hours: week('08:00', '18:00') }, { charging_when_closed });
    expect(hours?.chargingWhenClosed).toBe(charging_when_closed);
  });

  it('closes a whole local day, which begins on another day in UTC', () => {
    const exceptional_closings = [period('2026-12-24T23:00:00Z', '2026-12-25T23:00:00Z')];
    expect(of({ twentyfourseven: true, exceptional_closings })).toEqual({
      open24x7: false,
      chargingWhenClosed: true,
      regularSchedule: [{ days, periods: [wholeDay] }],
      exceptions: [{ date: '2026-12-25', closed: true }],
    });
  });

  it('cuts a closing at local midnight and tells what is left open', () => {
    const exceptional_closings = [period('2026-07-01T16:00:00Z', '2026-07-02T08:30:15Z')];
    const hours = of({ twentyfourseven: false, regular_hours: week('08:00', '22:00'), exceptional_closings });
    expect(hours?.exceptions).toEqual([
      { date: '2026-07-01', periods: [{ from: '08:00:00', to: '18:00:00' }] },
      { date: '2026-07-02', periods: [{ from: '10:30:15', to: '22:00:00' }] },
    ]);
  });

  it('adds an opening to what is open anyway; a closing goes before both', () => {
    const exceptional_openings = [period('2026-07-05T06:00:00Z', '2026-07-05T18:00:00Z')];
    const regular_hours = week('08:00', '18:00', [1, 2, 3, 4, 5]);
    expect(of({ twentyfourseven: false, regular_hours, exceptional_openings })?.exceptions).toEqual([
      { date: '2026-07-05', periods: [{ from: '08:00:00', to: '20:00:00' }] },
    ]);
    const exceptional_closings = [period('2026-07-05T10:00:00Z', '2026-07-05T11:00:00Z')];
    expect(
      of({ twentyfourseven: false, regular_hours, exceptional_openings, exceptional_closings })?.exceptions,
    ).toEqual([
      {
        date: '2026-07-05',
        periods: [
          { from: '08:00:00', to: '12:00:00' },
          { from: '13:00:00', to: '20:00:00' },
        ],
      },
    ]);
  });

  it('tells nothing of an exception that changes nothing', () => {
    const exceptional_closings = [period('2026-07-05T06:00:00Z', '2026-07-05T07:00:00Z')];
    expect(
      of({ twentyfourseven: false, regular_hours: week('10:00', '18:00'), exceptional_closings })?.exceptions,
    ).toBe(undefined);
  });

  it.each([
    ['the short day', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '2026-03-29'],
    ['the long day', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', '2026-10-25'],
  ])('closes %s of a clock change from midnight to midnight', (_, begin, end, date) => {
    expect(of({ twentyfourseven: true, exceptional_closings: [period(begin, end)] })?.exceptions).toEqual([
      { date, closed: true },
    ]);
  });

  it('knows days that have no midnight (Santiago, September 2026: they begin at one)', () => {
    const exceptional_closings = [period('2026-09-06T04:00:00Z', '2026-09-07T03:00:00Z')];
    expect(of({ twentyfourseven: true, exceptional_closings }, { time_zone: 'America/Santiago' })?.exceptions).toEqual([
      { date: '2026-09-06', closed: true },
    ]);
  });

  it('reads periods across a change by the clock on the wall', () => {
    const exceptional_closings = [period('2026-10-25T00:30:00Z', '2026-10-25T03:00:00Z')];
    expect(of({ twentyfourseven: true, exceptional_closings })?.exceptions).toEqual([
      {
        date: '2026-10-25',
        periods: [
          { from: '00:00:00', to: '02:30:00' },
          { from: '04:00:00', to: '00:00:00' },
        ],
      },
    ]);
  });

  it('takes a zone that nobody knows for UTC, and passes over periods that are none', () => {
    const exceptional_closings = [
      period('2026-07-05T00:00:00Z', '2026-07-06T00:00:00Z'),
      period('2026-07-09T00:00:00Z', 'x'),
    ];
    expect(of({ twentyfourseven: true, exceptional_closings }, { time_zone: 'Mars/Base' })?.exceptions).toEqual([
      { date: '2026-07-05', closed: true },
    ]);
  });

  it('leaves out days that are over, and ends at 400 days', () => {
    const exceptional_closings = [period('1990-01-01T00:00:00Z', '2090-01-01T00:00:00Z')];
    const now = Date.UTC(2026, 5, 10, 12);
    const told = of({ twentyfourseven: true, exceptional_closings }, {}, now)?.exceptions ?? [];
    expect([told.length, told[0]]).toEqual([400, { date: '2026-06-10', closed: true }]);
  });
});
