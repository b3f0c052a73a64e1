import type { LivePlace } from '../live/live-places.js';
import type { PlacePredictions } from '../predictions/prediction.js';
import type { PlaceReliability } from '../reliability/reliability.js';

export interface PredictionSource {
  /** Undefined where there is no history to go by. `days` from today on, local time of the place. */
  of(place: LivePlace, days: number): PlacePredictions | undefined;
  /** Another one when an answer may be another one. */
  version(): number | string;
}

export interface ReliabilitySource {
  of(place: LivePlace): PlaceReliability | undefined;
  /** Another one when an answer may be another one. */
  version(): number | string;
}
