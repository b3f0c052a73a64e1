/** One local day. HERE section 8. */
export interface Prediction {
  /** Local day of the Location, `2026-10-01`. */
  readonly date: string;
  /** 0…1; 0 also where it cannot be measured. */
  readonly confidence: number;
  readonly periodsPerDay: number;
  readonly availabilityProbabilities: readonly number[];
  /** minutes */
  readonly predictedWaitTimes: readonly number[];
  readonly predictedOccupancies?: readonly number[];
}

/** What is expected at one place. */
export interface PlacePredictions {
  readonly place: readonly Prediction[];
  /** Undefined where nothing is known of that group. */
  group(standard: string, maxPower: number): readonly Prediction[] | undefined;
}
