import type { SessionDay } from './session-store.js';

/** So many days are counted, today included. HERE section 9. */
export const countedDays = 28;

/** Sessions of one EVSE or group. */
export interface SessionCount {
  readonly successful: number;
  readonly failed: number;
  /** End of the last successful one, ms since the epoch. */
  readonly last: number | undefined;
}

interface Counter {
  readonly connectorId: string;
  /** A byte for each day: successful ones, then failed ones. */
  readonly days: Uint8Array;
  /** When the last successful one of each day ended, seconds since the epoch; 0: there was none. */
  readonly ends: Uint32Array;
  /** The same of the days before. */
  older: number;
}

interface OwnerCounts {
  /** By place and EVSE. */
  readonly evses: Map<string, Counter[]>;
  /** Which day each place of the rings speaks of. */
  readonly days: Int32Array;
}

const none: SessionCount = { successful: 0, failed: 0, last: undefined };

/** How many sessions each EVSE had, by day, in memory: 200 bytes for a connector that had any. */
export class SessionCounts {
  private readonly owners = new Map<string, OwnerCounts>();

  /** Everything that is known of one day of an owner; what was known before is forgotten. */
  replace(owner: string, day: number, sessions: SessionDay): void {
    let counts = this.owners.get(owner);
    if (!counts) {
      counts = { evses: new Map(), days: new Int32Array(countedDays).fill(-1) };
      this.owners.set(owner, counts);
    }
    const at = day % countedDays;
    const isSame = counts.days[at] === day;
    counts.days[at] = day;
    for (const counters of counts.evses.values()) {
      for (const counter of counters) {
        counter.days.fill(0, at, at + 1).fill(0, at + countedDays, at + countedDays + 1);
        if (!isSame) counter.older = Math.max(counter.older, counter.ends[at] ?? 0);
        counter.ends[at] = 0;
      }
    }
    for (const [placeId, evseUid, connectorId, end, successful] of sessions.values()) {
      if (end === 0) continue;
      const counter = counterOf(counts.evses, nameOf(placeId, evseUid), connectorId);
      const place = successful ? at : at + countedDays;
      counter.days[place] = Math.min(255, (counter.days[place] ?? 0) + 1);
      if (successful) counter.ends[at] = Math.max(counter.ends[at] ?? 0, Math.floor(end / 1_000));
    }
  }

  /** @param connectorIds only those, as ids are compared; sessions without a connector count for each of them */
  of(owner: string, placeId: string, evseUid: string, today: number, connectorIds?: ReadonlySet<string>): SessionCount {
    const counts = this.owners.get(owner);
    const counters = counts?.evses.get(nameOf(placeId, evseUid));
    if (!counts || !counters) return none;
    let [successful, failed, last] = [0, 0, 0];
    for (const counter of counters) {
      if (connectorIds && counter.connectorId !== '' && !connectorIds.has(counter.connectorId)) continue;
      for (let at = 0; at < countedDays; at++) {
        const day = counts.days[at] ?? -1;
        if (day <= today - countedDays || day > today) continue;
        successful += counter.days[at] ?? 0;
        failed += counter.days[at + countedDays] ?? 0;
      }
      last = Math.max(last, counter.older, ...counter.ends);
    }
    return { successful, failed, last: last === 0 ? undefined : last * 1_000 };
  }
}

function counterOf(evses: Map<string, Counter[]>, name: string, connectorId: string): Counter {
  let counters = evses.get(name);
  if (!counters) {
    counters = [];
    evses.set(name, counters);
  }
  let counter = counters.find((one) => one.connectorId === connectorId);
  if (!counter) {
    counter = {
      connectorId,
      days: new Uint8Array(2 * countedDays),
      ends: new Uint32Array(countedDays),
      older: 0,
    };
    counters.push(counter);
  }
  return counter;
}

const nameOf = (placeId: string, evseUid: string): string => `${placeId}\n${evseUid}`;
