import { describe, expect, it } from '@jest/globals';
import { LocationGenerator } from '../data/generate-locations.js';
import { generateTariffs } from '../data/generate-tariffs.js';
import { Random } from '../random.js';
import { Catalogue } from '../sender/catalogue.js';
import { EventQueue } from './event-queue.js';
import { EvseFleet } from './evse-fleet.js';
import { nextStatus } from './evse-life.js';

const owner = { country_code: 'DE', party_id: 'CP1' };
const base = Date.UTC(2026, 0, 1);

function catalogueOf(locations: number): Catalogue {
  const catalogue = new Catalogue();
  const generator = new LocationGenerator(owner, 1, generateTariffs(owner, 1, base).ids, base);
  for (let n = 1; n <= locations; n += 1) catalogue.add('locations', generator.next(n));
  return catalogue;
}

function changes(seed: number, count: number, clock = { now: (): number => base + 1 }): string[] {
  const fleet = new EvseFleet(catalogueOf(20), clock, seed);
  return Array.from({ length: count }, () => fleet.step())
    .filter((change) => change !== undefined)
    .map((change) => `${change.evse.uid} ${change.status}`);
}

describe('EventQueue', () => {
  it('gives out by time, equal times in order of arrival', () => {
    const queue = new EventQueue<number>();
    const random = new Random(5);
    const times = Array.from({ length: 500 }, () => random.int(0, 50));
    times.forEach((at, i) => {
      queue.push(at, i);
    });
    const expected = times.map((at, i) => ({ at, i })).sort((a, b) => a.at - b.at || a.i - b.i);
    expect(expected.map(() => queue.pop()?.item)).toEqual(expected.map(({ i }) => i));
    expect(queue.pop()).toBeUndefined();
  });
});

describe('EVSE life', () => {
  /** Share of free EVSEs that get a car within the hour. */
  const soon = (use: 'work' | 'street', hour: number): number => {
    const random = new Random(9);
    const draws = Array.from({ length: 5000 }, () => nextStatus(random, use, 'AVAILABLE', hour * 3_600_000).afterMs);
    return draws.filter((afterMs) => afterMs < 3_600_000).length / draws.length;
  };

  it('brings cars to work in the morning and home in the evening', () => {
    expect(soon('work', 8)).toBeGreaterThan(10 * soon('work', 22));
    expect(soon('street', 18)).toBeGreaterThan(10 * soon('street', 4));
  });

  it('keeps them for hours at work and for minutes at fast chargers', () => {
    const median = (use: 'work' | 'fast'): number => {
      const random = new Random(2);
      const stays = Array.from({ length: 501 }, () => nextStatus(random, use, 'CHARGING', 8 * 3_600_000).afterMs);
      return (stays.sort((a, b) => a - b)[250] ?? 0) / 60_000;
    };
    expect(median('work')).toBeGreaterThan(300);
    expect(median('fast')).toBeLessThan(40);
  });
});

describe('EvseFleet', () => {
  it('is repeatable by seed', () => {
    let t = base;
    const ticking = { now: (): number => (t += 1) };
    const first = changes(4, 300, ticking);
    expect(changes(4, 300, ticking)).toEqual(first);
    expect(changes(5, 300, ticking)).not.toEqual(first);
  });

  it('stamps strictly rising per EVSE, never in the future, and keeps its own copy in step', () => {
    let t = base;
    const clock = { now: (): number => t };
    const catalogue = catalogueOf(3);
    const fleet = new EvseFleet(catalogue, clock, 1);
    const last = new Map<string, number>();
    let made = 0;
    for (let i = 0; i < 3000; i += 1) {
      if (i % 3 === 0) t += 1;
      const change = fleet.step();
      if (change === undefined) continue;
      made += 1;
      const stamp = Date.parse(change.last_updated);
      expect(stamp).toBeLessThanOrEqual(t);
      expect(stamp).toBeGreaterThan(last.get(change.evse.uid) ?? 0);
      last.set(change.evse.uid, stamp);
      const stored = JSON.parse(change.evse.location.text);
      const evse = stored.evses.find((e: { uid: string }) => e.uid === change.evse.uid);
      expect(evse).toMatchObject({ status: change.status, last_updated: change.last_updated });
      expect(stored.last_updated).toBe(change.last_updated);
    }
    expect(made).toBeGreaterThan(800);
  });

  it('makes no change within the millisecond of the last one', () => {
    const clock = { now: (): number => base };
    const catalogue = catalogueOf(1);
    const count = new EvseFleet(catalogue, clock, 1).size;
    const fleet = new EvseFleet(catalogue, clock, 1);
    const made = Array.from({ length: 500 }, () => fleet.step()).filter((c) => c !== undefined);
    expect(made.length).toBeLessThanOrEqual(count);
  });
});
