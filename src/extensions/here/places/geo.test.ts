import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Box, distanceBetween, farthestOf, flatBoxes, isInside, nearestOf, squareAround } from './geo.js';

/** As fine as anybody measures. */
const degrees = (most: number) => fc.integer({ min: -most * 1e7, max: most * 1e7 }).map((value) => value / 1e7);
const latitude = degrees(90);
const longitude = degrees(180);
const point = fc.record({ latitude, longitude });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const box: fc.Arbitrary<Box> = fc
  .tuple(latitude, latitude, longitude, longitude)
  .map(([a, b, west, east]) => ({ south: Math.min(a, b), north: Math.max(a, b), west, east }));

describe('distances', () => {
  it('are those of the earth', () => {
    const [amsterdam, sydney] = [
      { latitude: 52.3676, longitude: 4.9041 },
      { latitude: -33.8688, longitude: 151.2093 },
    ];
    expect(distanceBetween(amsterdam, sydney) / 1_000).toBeCloseTo(16_645, -2);
    expect(distanceBetween({ latitude: 0, longitude: 179.9 }, { latitude: 0, longitude: -179.9 })).toBeCloseTo(
      22_239,
      0,
    );
  });

  it('to any point of a box lie between its nearest and its farthest', () => {
    fc.assert(
      fc.property(box, point, share, share, (area, from, up, right) => {
        const width = area.east - area.west + (area.west > area.east ? 360 : 0);
        const inside = {
          latitude: area.south + (area.north - area.south) * up,
          longitude: area.west + width * right,
        };
        const distance = distanceBetween(from, inside);
        expect(distance).toBeGreaterThanOrEqual(nearestOf(area, from) - 0.01);
        expect(distance).toBeLessThanOrEqual(farthestOf(area, from) + 0.01);
      }),
      { numRuns: 5_000 },
    );
  });

  it('to the nearest of a box that holds the point are none', () => {
    expect(nearestOf({ south: -1, north: 1, west: 179, east: -179 }, { latitude: 0, longitude: 180 })).toBe(0);
  });
});

describe('boxes', () => {
  it('across the date line become two', () => {
    expect(flatBoxes({ south: 0, north: 1, west: 170, east: -170 })).toEqual([
      { south: 0, north: 1, west: 170, east: 180 },
      { south: 0, north: 1, west: -180, east: -170 },
    ]);
  });

  it('hold what their flat ones hold', () => {
    fc.assert(
      fc.property(box, point, (area, at) => {
        const flat = { ...at, longitude: at.longitude === 180 ? -180 : at.longitude };
        const has = flatBoxes(area).some((one) => isInside(one, flat));
        const width = area.east - area.west;
        // On the border itself rounding decides.
        fc.pre(
          Math.abs(Math.abs(width) - 360) > 1e-9 &&
            [area.west, area.east].every((edge) => Math.abs(edge - flat.longitude) > 1e-9),
        );
        expect(has).toBe(isInside(area, flat));
      }),
    );
  });

  it('around a point have no border nearer than half', () => {
    fc.assert(
      fc.property(point, fc.double({ min: 1, max: 1_000_000, noNaN: true }), share, (centre, half, direction) => {
        const square = squareAround(centre, half);
        const angle = 2 * Math.PI * direction;
        const step = (half * 0.99 * 180) / Math.PI / 6_371_008.8;
        const near = { latitude: centre.latitude + step * Math.sin(angle), longitude: centre.longitude };
        if (Math.abs(near.latitude) <= 90) expect(isInside({ ...square }, near)).toBe(true);
      }),
    );
  });
});
