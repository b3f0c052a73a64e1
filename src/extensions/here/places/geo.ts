/** Degrees, WGS 84. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** Degrees. Where `west` is greater than `east` it crosses the date line. */
export interface Box {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/** Mean radius, m. */
const earthRadius = 6_371_008.8;
/** No two points are farther from each other, m. */
export const halfTurn = Math.PI * earthRadius;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;
/** sin²(angle / 2): grows with the angle and is exact for small ones. */
const haversine = (angle: number): number => Math.sin(angle / 2) ** 2;
const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** Along the surface, m. */
export function distanceBetween(a: Point, b: Point): number {
  const [south, north] = [radians(a.latitude), radians(b.latitude)];
  const square =
    haversine(north - south) + Math.cos(south) * Math.cos(north) * haversine(radians(b.longitude - a.longitude));
  return 2 * earthRadius * Math.asin(Math.sqrt(clamp(square, 0, 1)));
}

const turn = (longitude: number): number => ((longitude % 360) + 360) % 360;
/** How far to the east a box goes, degrees; a box from -180 to 180 goes all around. */
const widthOf = ({ west, east }: Box): number => (east - west >= 360 ? 360 : turn(east - west));

/** Its border included. */
export function isInside(box: Box, { latitude, longitude }: Point): boolean {
  return latitude >= box.south && latitude <= box.north && turn(longitude - box.west) <= widthOf(box);
}

/** In the middle of it; of a box across the date line near that line. */
export function centreOf(box: Box): Point {
  const longitude = box.west + widthOf(box) / 2;
  return { latitude: (box.south + box.north) / 2, longitude: longitude > 180 ? longitude - 360 : longitude };
}

/** From south to north, m. */
export const heightOf = ({ south, north }: Box): number => radians(north - south) * earthRadius;

/** To the nearest point of the box, m. */
export function nearestOf(box: Box, from: Point): number {
  const start = turn(from.longitude - box.west);
  const latitude = clamp(from.latitude, box.south, box.north);
  if (start <= widthOf(box)) return distanceBetween(from, { latitude, longitude: from.longitude });
  // Parallels go away from the point evenly to both sides, so that what is nearest is on one of the two meridians.
  return Math.min(...[box.west, box.east].flatMap((longitude) => alongMeridian(box, from, longitude, 1)));
}

/** To the farthest point of the box, m. */
export function farthestOf(box: Box, from: Point): number {
  const start = turn(box.west - from.longitude);
  const end = start + widthOf(box);
  const away = [start, end].map((longitude) => Math.min(turn(longitude), 360 - turn(longitude)));
  const longitude = (start <= 180 && end >= 180) || end >= 540 ? 180 : Math.max(...away);
  return Math.max(...alongMeridian(box, { latitude: from.latitude, longitude: 0 }, longitude, -1));
}

/**
 * Distances to points of a meridian between the box's parallels: at both ends, and where it is nearest (`side` 1) or
 * farthest (-1) in between.
 */
function alongMeridian({ south, north }: Box, from: Point, longitude: number, side: 1 | -1): number[] {
  const own = radians(from.latitude);
  const turning = degrees(
    Math.atan2(side * Math.sin(own), side * Math.cos(own) * Math.cos(radians(longitude - from.longitude))),
  );
  const ends = [south, north, ...(turning > south && turning < north ? [turning] : [])];
  return ends.map((latitude) => distanceBetween(from, { latitude, longitude }));
}

/** A box around a point whose borders are `half` metres away, as far as poles let them; longitudes may go beyond ±180. */
export function squareAround({ latitude, longitude }: Point, half: number): Box {
  const reach = degrees(half / earthRadius);
  const south = Math.max(-90, latitude - reach);
  const north = Math.min(90, latitude + reach);
  const narrowest = Math.cos(radians(Math.max(Math.abs(south), Math.abs(north))));
  const aside = narrowest * 180 > reach ? Math.min(180, reach / narrowest) : 180;
  return { south, north, west: longitude - aside, east: longitude + aside };
}

/** What an outer box around the same point has and the inner one has not: above, below and on both sides. */
export function frameOf(inner: Box, outer: Box): Box[] {
  const { south, north } = inner;
  return [
    { ...outer, south: north },
    { ...outer, north: south },
    { south, north, west: outer.west, east: inner.west },
    { south, north, west: inner.east, east: outer.east },
  ].filter((box) => box.south < box.north && box.west < box.east);
}

/** Four boxes in its place. */
export function quarters({ south, west, north, east }: Box): Box[] {
  const [latitude, longitude] = [(south + north) / 2, (west + east) / 2];
  return [
    { south, west, north: latitude, east: longitude },
    { south, west: longitude, north: latitude, east },
    { south: latitude, west, north, east: longitude },
    { south: latitude, west: longitude, north, east },
  ];
}

/** The same places as boxes with longitudes from -180 (included) to 180, none of them across the date line. */
export function flatBoxes({ south, west, north, east }: Box): Box[] {
  const width = widthOf({ south, west, north, east });
  if (width >= 360) return [{ south, north, west: -180, east: 180 }];
  const start = flatLongitude(west);
  const end = start + width;
  if (end < 180) return [{ south, north, west: start, east: end }];
  return [
    { south, north, west: start, east: 180 },
    { south, north, west: -180, east: end - 360 },
  ];
}

/** From -180 (included) to 180 (not included): one number for each meridian. */
export function flatLongitude(longitude: number): number {
  if (longitude >= -180 && longitude < 180) return longitude;
  const turned = turn(longitude);
  return turned >= 180 ? turned - 360 : turned;
}

/** What both have, of flat boxes. */
export function common(a: Box, b: Box): Box | undefined {
  const box = {
    south: Math.max(a.south, b.south),
    north: Math.min(a.north, b.north),
    west: Math.max(a.west, b.west),
    east: Math.min(a.east, b.east),
  };
  return box.south <= box.north && box.west <= box.east ? box : undefined;
}
