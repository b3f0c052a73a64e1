import { describe, expect, it } from '@jest/globals';
import type { Location } from '../../../generated/ocpi.js';
import { FakeLivePlaces } from '../live/testing/fake-live-places.js';
import { dayOfDate, hoursPerDay, localHour } from './calendar.js';
import { Forecasts } from './forecasts.js';
import { confidenceOf, noneFreeAt, type Profile, profileOf, waitOf, waitsOf } from './profile.js';
import { Regions } from './regions.js';
import { packSlot, unknownSlot } from './slot.js';
import { groupSubject } from './subject.js';
import { weekSums } from './week-sums.js';

const monday = dayOfDate('2026-08-31') ?? 0;
const days = (count: number): number[] => Array.from({ length: count }, (_, at) => monday + at);

/** 24 slots a day; `noneFree` says of weekday (0 = Monday) and hour whether none was free; undefined: not known. */
function slots(count: number, noneFree: (weekday: number, hour: number) => boolean | undefined): Uint8Array {
  return Uint8Array.from({ length: count * hoursPerDay }, (_, at) => {
    const full = noneFree(Math.floor(at / hoursPerDay) % 7, at % hoursPerDay);
    return full === undefined ? unknownSlot : packSlot({ busy: full ? 1 : 0, noneFree: full ? 1 : 0 });
  });
}

const here = { latitude: 52.1, longitude: 5.1, evses: { length: 2 } };
const elsewhere = { latitude: 48.1, longitude: 11.5, evses: { length: 2 } };
const cell = (weekday: number, hour: number): number => weekday * hoursPerDay + hour;

function regionsOf(...sites: readonly (readonly [typeof here, Uint8Array])[]): Regions {
  const regions = new Regions();
  for (const [place, seen] of sites) regions.note(place, weekSums(seen, days(28)), { hours: 10, moments: 5 });
  return regions;
}

describe('profile', () => {
  const commuters = slots(28, (weekday, hour) => weekday < 5 && hour >= 8 && hour < 17);
  const nights = slots(28, (_, hour) => hour < 6);

  it('follows what a site does on weekdays and hours', () => {
    const profile = profileOf(commuters, days(28), regionsOf([here, commuters]).of(here));
    expect(noneFreeAt(profile, cell(2, 11))).toBeGreaterThan(0.9);
    expect(noneFreeAt(profile, cell(5, 11))).toBeLessThan(0.1);
    expect(noneFreeAt(profile, cell(2, 3))).toBeLessThan(0.1);
    expect(confidenceOf(profile)).toBeGreaterThan(0.9);
    // From any moment of nine hours without a free one it takes about half of them.
    expect(waitOf(profile)).toBeGreaterThan(3.5 * 60);
    expect(waitOf(profile)).toBeLessThan(5.5 * 60);
  });

  it('goes by its region where there is next to nothing to go by, and is not sure of it', () => {
    const regions = regionsOf([here, commuters], [here, commuters], [elsewhere, nights], [elsewhere, nights]);
    const thin = slots(1, (_, hour) => (hour === 20 ? false : undefined));
    const [near, far] = [here, elsewhere].map((place) => profileOf(thin, days(1), regions.of(place)));
    const at = (profile: Profile | undefined, weekday: number, hour: number): number =>
      profile ? noneFreeAt(profile, cell(weekday, hour)) : -1;
    expect(at(near, 2, 11)).toBeGreaterThan(0.4);
    expect(at(far, 2, 11)).toBeLessThan(0.3);
    expect(at(far, 2, 3)).toBeGreaterThan(0.4);
    expect(near && confidenceOf(near)).toBe(0);
  });

  it('takes it that a charger became free halfway between two observations, if they are near to one another', () => {
    const seen = slots(2, (_, hour) => (hour === 0 ? true : hour === 4 ? false : undefined));
    expect(waitsOf(seen, days(2))).toEqual({ hours: 4, moments: 2 });
    const rare = slots(2, (_, hour) => (hour === 0 ? true : hour === 12 ? false : undefined));
    expect(waitsOf(rare, days(2))).toEqual({ hours: 0, moments: 0 });
  });

  it('fills a weekday that was never seen from days of its kind', () => {
    const withoutWednesdays = slots(28, (weekday, hour) =>
      weekday === 2 ? undefined : weekday < 5 && hour >= 8 && hour < 17,
    );
    const profile = profileOf(withoutWednesdays, days(28), regionsOf([here, withoutWednesdays]).of(here));
    expect(noneFreeAt(profile, cell(2, 11))).toBeGreaterThan(0.8);
  });
});

describe('forecasts', () => {
  const evse = (uid: string, standard: string, maxPower: number, status = 'AVAILABLE') => ({
    uid,
    status,
    last_updated: '2026-10-01T00:00:00Z',
    connectors: [{ id: '1', standard, max_electric_power: maxPower, last_updated: '2026-10-01T00:00:00Z' }],
  });
  const location = (...evses: readonly object[]): Location =>
    ({
      country_code: 'NL',
      party_id: 'VLT',
      id: 'LOC1',
      publish: true,
      country: 'NLD',
      coordinates: { latitude: '52.09', longitude: '5.12' },
      evses,
      last_updated: '2026-10-01T00:00:00Z',
    }) as unknown as Location;
  const usual = profileOf(
    slots(28, () => false),
    days(28),
    regionsOf().of(here),
  );
  const groupName = groupSubject('LOC1', 'IEC_62196_T2', 22_000);

  function worldOf(profiles: Readonly<Record<string, Profile>>, ...evses: readonly object[]) {
    const live = new FakeLivePlaces();
    const place = live.put(location(...evses));
    if (!place) throw new Error('not shown');
    const clock = { time: Date.parse('2026-10-01T10:20:00Z'), now: () => clock.time };
    const forecaster = { find: (_: string, subject: string) => profiles[subject], version: 1 };
    const forecasts = new Forecasts({ forecaster, zones: { of: () => 'Europe/Amsterdam' }, clock });
    return { forecasts, place, clock };
  }

  it('begins with the local day of the place', () => {
    const { forecasts, place, clock } = worldOf({ LOC1: usual }, evse('A', 'IEC_62196_T2', 22_000));
    const dates = () => forecasts.of(place, 3)?.place.map(({ date }) => date);
    expect(dates()).toEqual(['2026-10-01', '2026-10-02', '2026-10-03']);
    const before = forecasts.version();
    clock.time = Date.parse('2026-10-01T22:01:00Z');
    expect(dates()).toEqual(['2026-10-02', '2026-10-03', '2026-10-04']);
    expect(forecasts.version()).not.toBe(before);
  });

  it('begins with how things stand now, which counts less the later it gets', () => {
    const { forecasts, place } = worldOf({ LOC1: usual }, evse('A', 'IEC_62196_T2', 22_000, 'CHARGING'));
    const [today, tomorrow] = forecasts.of(place, 2)?.place ?? [];
    const free = today?.availabilityProbabilities ?? [];
    // It is 12:20 there.
    expect(free[11]).toBe(1);
    expect(free[12]).toBe(0);
    expect(free.slice(12)).toEqual([...free.slice(12)].sort((one, other) => one - other));
    expect(free[23]).toBeGreaterThan(0.8);
    expect(tomorrow?.availabilityProbabilities[12]).toBeGreaterThan(0.98);
    expect(today?.predictedOccupancies?.slice(11, 17)).toEqual([0, 1, 1, 1, 1, 0]);
  });

  it('says nothing of now where no live status is known', () => {
    const { forecasts, place } = worldOf({ LOC1: usual }, evse('A', 'IEC_62196_T2', 22_000, 'UNKNOWN'));
    expect(forecasts.of(place, 1)?.place[0]?.availabilityProbabilities[12]).toBe(1);
  });

  it('has a group go by its own history, else by that of its site', () => {
    const busy = profileOf(
      slots(28, () => true),
      days(28),
      regionsOf().of(here),
    );
    const evses = [evse('A', 'IEC_62196_T2', 22_000), evse('B', 'IEC_62196_T2_COMBO', 150_000)];
    const { forecasts, place } = worldOf({ LOC1: usual, [groupName]: busy }, ...evses);
    const predicted = forecasts.of(place, 2);
    const tomorrow = (standard: string, power: number) => predicted?.group(standard, power)?.[1];
    expect(tomorrow('IEC_62196_T2', 22_000)?.availabilityProbabilities[12]).toBeLessThan(0.1);
    expect(tomorrow('IEC_62196_T2_COMBO', 150_000)).toMatchObject({ confidence: 0 });
    expect(tomorrow('IEC_62196_T2_COMBO', 150_000)?.availabilityProbabilities[12]).toBeGreaterThan(0.9);
    expect(predicted?.place[1]?.confidence).toBeGreaterThan(0.9);
  });

  it('gives a group that is the whole place the predictions of the place', () => {
    const { forecasts, place } = worldOf({ LOC1: usual }, evse('A', 'IEC_62196_T2', 22_000));
    const predicted = forecasts.of(place, 2);
    expect(predicted?.group('IEC_62196_T2', 22_000)).toEqual(predicted?.place);
  });
});

describe('local hours', () => {
  it.each([
    ['2026-10-25T00:30:00Z', 'Europe/Amsterdam', '2026-10-25', 2],
    ['2026-10-25T01:30:00Z', 'Europe/Amsterdam', '2026-10-25', 2],
    ['2026-03-29T01:30:00Z', 'Europe/Amsterdam', '2026-03-29', 3],
    ['2026-10-01T18:45:00Z', 'Asia/Kolkata', '2026-10-02', 0],
    ['2026-10-01T12:00:00Z', 'no such zone', '2026-10-01', 12],
  ])('of %s in %s', (time, zone, date, hour) => {
    expect(localHour(Date.parse(time), zone)).toEqual({ day: dayOfDate(date), hour });
  });
});
