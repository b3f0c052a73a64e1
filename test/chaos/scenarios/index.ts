import type { Scenario } from '../framework/bench.js';
import { burst } from './burst.js';
import { controls } from './controls.js';
import { database } from './database.js';
import { faults } from './faults.js';
import { forwards } from './forwards.js';
import { handshake } from './handshake.js';
import { isolation } from './isolation.js';
import { kills } from './kills.js';
import { overload } from './overload.js';
import { paging } from './paging.js';
import { parked } from './parked.js';
import { partners } from './partners.js';
import { killsAtPoints } from './points.js';
import { redis } from './redis.js';
import { restart } from './restart.js';
import { soak } from './soak.js';
import { stale } from './stale.js';
import { stop } from './stop.js';
import { storage } from './storage.js';
import { takeover } from './takeover.js';

/** In the order in which they are listed. */
export const scenarios: readonly Scenario[] = [
  kills,
  killsAtPoints,
  database,
  storage,
  partners,
  faults,
  burst,
  isolation,
  redis,
  stop,
  restart,
  overload,
  soak,
  forwards,
  handshake,
  stale,
  parked,
  takeover,
  paging,
  controls,
];

/** @throws RangeError if there is none of this name */
export function scenarioOf(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (!found) throw new RangeError(`there is no scenario ${name}`);
  return found;
}
