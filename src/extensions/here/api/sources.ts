import type { LivePlace } from '../live/live-places.js';
import type { PlacePredictions } from '../predictions/prediction.js';

export interface PredictionSource {
  /** Undefined where there is no history to go by. `days` from today on, local time of the place. */
  of(place: LivePlace, days: number): PlacePredictions | undefined;
  /** Another one when an answer may be another one. */
  version(): number | string;
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
