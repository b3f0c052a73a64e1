/** What a figure is to reach. */
export type Goal = { readonly at_most: number } | { readonly at_least: number };

/** One line of the output. */
export interface Figure {
  /** The benchmark. */
  readonly name: string;
  readonly figure: string;
  /** Median of what the rounds gave. */
  readonly value: number;
  readonly unit: string;
  /** null: for orientation only. */
  readonly goal: Goal | null;
  readonly met: boolean | null;
  /** What was measured of the hub, and of the floor in the same rounds; medians. */
  readonly measured: number;
  readonly floor: number | null;
  readonly measured_unit: string;
  /** The value of each round. */
  readonly samples: readonly number[];
  /** What else is worth knowing. */
  readonly details?: Readonly<Record<string, unknown>>;
}

type Details = NonNullable<Figure['details']>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Four significant digits: more would be noise. */
export const rounded = (value: number): number => Number(value.toPrecision(4));

/** A figure that is the ratio of two measurements of the same rounds, pair by pair. */
export function ratioFigure(
  name: string,
  figure: string,
  goal: Goal | null,
  unit: string,
  pairs: readonly { readonly measured: number; readonly floor: number }[],
  details?: Details,
): Figure {
  const samples = pairs.map(({ measured, floor }) => measured / floor);
  return {
    name,
    figure,
    value: rounded(median(samples)),
    unit: '×',
    goal,
    met: isMet(median(samples), goal),
    measured: rounded(median(pairs.map((pair) => pair.measured))),
    floor: rounded(median(pairs.map((pair) => pair.floor))),
    measured_unit: unit,
    samples: samples.map(rounded),
    ...(details ? { details } : {}),
  };
}

/** A figure that is what was measured, against nothing but its goal. */
export function absoluteFigure(
  name: string,
  figure: string,
  goal: Goal | null,
  unit: string,
  samples: readonly number[],
  details?: Details,
): Figure {
  const value = median(samples);
  return {
    name,
    figure,
    value: rounded(value),
    unit,
    goal,
    met: isMet(value, goal),
    measured: rounded(value),
    floor: null,
    measured_unit: unit,
    samples: samples.map(rounded),
    ...(details ? { details } : {}),
  };
}

function isMet(value: number, goal: Goal | null): boolean | null {
  if (goal === null) return null;
  return 'at_most' in goal ? value <= goal.at_most : value >= goal.at_least;
}
