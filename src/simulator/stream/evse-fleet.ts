import type { Clock } from '../../kernel/clock.js';
import { hashText, Random } from '../random.js';
import type { Catalogue, CatalogueEntry } from '../sender/catalogue.js';
import { itemsAt, memberOf, membersAt, stringMember } from '../wire/json-scan.js';
import { patchPart } from '../wire/merge.js';
import { stampOf, stampText } from '../wire/stamp.js';
import { ownCopy } from '../wire/wire-text.js';
import { EventQueue } from './event-queue.js';
import { nextStatus, type SiteUse, takesPart } from './evse-life.js';

/** One EVSE that the stream moves. */
export interface FleetEvse {
  readonly location: CatalogueEntry;
  readonly uid: string;
  readonly use: SiteUse;
  status: string;
  /** `last_updated` in epoch milliseconds. */
  stamp: number;
}

/** A change that has been made in the CPO's own data and is to be told. */
export interface StatusChange {
  evse: FleetEvse;
  status: string;
  last_updated: string;
}

/**
 * The EVSEs of a CPO platform, living on a clock of their own. The sequence of changes depends on data and seed alone; only
 * `last_updated` is taken from the real clock: strictly rising per EVSE and never in the future.
 */
export class EvseFleet {
  private readonly events = new EventQueue<{ evse: FleetEvse; status: string }>();
  private readonly random: Random;
  private simulatedMs: number;

  constructor(
    catalogue: Catalogue,
    private readonly clock: Clock,
    seed: number,
    startHour = 7,
  ) {
    this.random = new Random(`stream/${seed}`);
    this.simulatedMs = startHour * 3_600_000;
    const now = clock.now();
    for (const location of catalogue.list('locations')) {
      for (const evse of evsesOf(location)) if (takesPart(evse.status) && evse.stamp <= now) this.schedule(evse, true);
    }
  }

  /** EVSEs that take part. */
  get size(): number {
    return this.events.size;
  }

  /** The simulated local time in milliseconds since the first midnight. */
  get now(): number {
    return this.simulatedMs;
  }

  /** Simulated time of the next change, undefined if there is no EVSE. */
  nextAt(): number | undefined {
    return this.events.nextTime();
  }

  /** Makes the next change in the CPO's own data. Undefined if there is none, or if its EVSE changed in this very millisecond. */
  step(): StatusChange | undefined {
    const event = this.events.pop();
    if (event === undefined) return undefined;
    const { evse, status } = event.item;
    this.simulatedMs = event.at;
    if (this.clock.now() <= evse.stamp) {
      this.events.push(event.at + 1000, event.item);
      return undefined;
    }
    const change = this.change(evse, status);
    if (change) this.schedule(evse, false);
    return change;
  }

  /** The EVSE that takes part under this uid. */
  find(location: CatalogueEntry, uid: string): FleetEvse | undefined {
    return this.events.find(({ evse }) => evse.location === location && evse.uid === uid)?.evse;
  }

  /** Gives an EVSE a status in the CPO's own data; what it would have done by itself still comes. */
  change(evse: FleetEvse, status: string): StatusChange | undefined {
    const stamp = Math.max(this.clock.now(), evse.stamp + 1);
    const last_updated = stampText(stamp);
    const patch = `{"status":"${status}","last_updated":"${last_updated}"}`;
    const change = patchPart(evse.location.text, [evse.uid], patch, last_updated);
    if (change.kind === 'missing') return undefined;
    evse.location.text = ownCopy(change.text);
    evse.location.stamp = Math.max(evse.location.stamp, stamp);
    evse.stamp = stamp;
    evse.status = status;
    return { evse, status, last_updated };
  }

  private schedule(evse: FleetEvse, atStart: boolean): void {
    const next = nextStatus(this.random, evse.use, evse.status, this.simulatedMs);
    const elapsed = atStart && evse.status !== 'AVAILABLE' ? this.random.next() : 0;
    this.events.push(this.simulatedMs + next.afterMs * (1 - elapsed), { evse, status: next.status });
  }
}

/** The EVSEs of a Location. A `uid` that occurs twice is taken once. */
function evsesOf(location: CatalogueEntry): FleetEvse[] {
  const { text } = location;
  const top = membersAt(text, 0) ?? [];
  const list = memberOf(top, 'evses');
  const found = new Map<string, FleetEvse>();
  const parking = stringMember(text, top, 'parking_type');
  for (const item of (list && itemsAt(text, list.start)) ?? []) {
    const members = membersAt(text, item.start) ?? [];
    const uid = stringMember(text, members, 'uid');
    const status = stringMember(text, members, 'status');
    if (uid === undefined || status === undefined || found.has(uid.toUpperCase())) continue;
    const direct = text.slice(item.start, item.end).includes('"power_type":"DC"');
    const stamp = stampOf(stringMember(text, members, 'last_updated')) ?? 0;
    const use = direct ? 'fast' : useOf(parking, location.id);
    found.set(uid.toUpperCase(), { location, uid: ownCopy(uid), use, status: ownCopy(status), stamp });
  }
  return [...found.values()];
}

function useOf(parking: string | undefined, id: string): SiteUse {
  if (parking === 'ON_STREET') return 'street';
  if (parking === 'PARKING_LOT' || parking === 'PARKING_GARAGE' || parking === 'UNDERGROUND_GARAGE') return 'work';
  return hashText(id) % 10 < 6 ? 'street' : 'work';
}
