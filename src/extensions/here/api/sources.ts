import type { LivePlace } from '../live/live-places.js';

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

export interface PredictionSource {
  /** Undefined where there is no history to go by. `days` from today on, local time of the place. */
  of(place: LivePlace, days: number): PlacePredictions | undefined;
  /** Moves when an answer may be another one. */
  version(): number;
}

/** How far the data of one place can be relied on. HERE section 9. */
export interface PlaceReliability {
  evse(uid: string): Readonly<Record<string, unknown>> | undefined;
  group(standard: string, maxPower: number): Readonly<Record<string, unknown>> | undefined;
}

export interface ReliabilitySource {
  of(place: LivePlace): PlaceReliability | undefined;
  /** Moves when an answer may be another one. */
  version(): number;
}
