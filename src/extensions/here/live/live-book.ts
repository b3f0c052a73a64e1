import type { Location } from '../../../generated/ocpi.js';
import { ciKey, keySegment } from '../../../kernel/party-ref.js';
import { countStatuses, movedCounts } from '../groups/group-shape.js';
import type { LivePlace, PlaceChange, StatusEvent } from './live-places.js';
import {
  type EvseState,
  evseCount,
  offsetAt,
  Place,
  type PlaceFacts,
  packStates,
  stateAt,
  statusAt,
  withState,
} from './place.js';
import { PlacePool } from './place-pool.js';
import { type EvseNames, namesIn, uidsIn } from './place-text.js';
import { RemovedEvses } from './removed-evses.js';
import type { ShownLocation } from './shown-location.js';
import { StatusOrder } from './status-order.js';

/** Which change is told. */
export interface ChangePlace {
  /** Place in the change sequence. */
  readonly seq: number;
  /** When the hub took it, ms since the epoch. */
  readonly receivedAt: number;
}

/** What was known of an EVSE before, by its uid in upper case. */
export type KnownStates = ReadonlyMap<string, EvseState>;

/**
 * So many places back an EVSE's newest status counts as told again by a change that repeats it: the sequence keeps one row for each
 * object, so whoever is behind sees that row only, and another node's reader must not believe to have passed it.
 */
const repeatWindow = 20_000;

export interface LiveBookOptions {
  readonly onError: (error: unknown) => void;
  /** Told of each Location of which something changed that a restart must not lose. */
  readonly onDirty?: (key: string) => void;
  /** Told of each EVSE that went away. */
  readonly onRemoved?: (event: StatusEvent) => void;
}

/** Locations with their statuses in memory, and who is told of them: all that needs neither a database nor a clock. */
export class LiveBook {
  readonly removed = new RemovedEvses();
  private readonly places = new Map<string, Place>();
  private readonly pool = new PlacePool();
  private readonly order = new StatusOrder((place) => this.places.get(place.facts.key) === place);
  private readonly listeners = new Set<(change: PlaceChange) => void>();
  /** Locations whose document was read and may hold what the sequence has yet to tell. */
  private ahead: Places = 'all';
  /** Those of them of which it is known up to where. */
  private closing: Places = new Set();

  constructor(private readonly options: LiveBookOptions) {}

  get size(): number {
    return this.places.size;
  }

  has(key: string): boolean {
    return this.places.has(key);
  }

  place(key: string): Place | undefined {
    return this.places.get(key);
  }

  find(key: string): LivePlace | undefined {
    return this.places.get(key)?.view();
  }

  keys(): IterableIterator<string> {
    return this.places.keys();
  }

  onChange(listener: (change: PlaceChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes in what the first load found, with what was known of its EVSEs and where their newest changes stand. */
  load(shown: ShownLocation, location: Location, states: readonly EvseState[], offset: number): void {
    const place = this.made(shown, states, offset);
    this.places.set(shown.key, place);
    this.order.insert(place);
    this.emit({ kind: 'place', place: place.view(), location, first: true });
  }

  /** The first load is done; what it found is in order from here on. */
  settle(): void {
    this.order.settle();
  }

  /** Whether documents were read since the last {@link closeIn}. */
  get isAhead(): boolean {
    return this.ahead === 'all' || this.ahead.size > 0;
  }

  /** A place is known up to which the sequence tells all that the documents held which were read until now. */
  closeIn(): void {
    this.closing = this.ahead;
    this.ahead = new Set();
  }

  /** That place is reached. */
  closed(): void {
    this.closing = new Set();
  }

  /**
   * Takes in a Location's document.
   * @param evse the EVSE that the change named, as a segment of its key; undefined: the change was of the Location
   * @param known with a Location that the first load has not come to yet: what was known of its EVSEs
   */
  put(shown: ShownLocation, location: Location, at: ChangePlace, evse?: string, known?: KnownStates): void {
    const old = this.places.get(shown.key);
    const oldStates = old ? statesOf(old) : (known ?? new Map<string, EvseState>());
    const changed: number[] = [];
    const states = shown.evses.map(({ uid, status, lastUpdated }, index): EvseState => {
      const state = oldStates.get(ciKey(uid));
      if (state?.status === status) {
        const named = evse === undefined || keySegment(uid) === evse;
        return named && this.repeats(old, state, at) ? { ...state, offset: at.seq } : state;
      }
      changed.push(index);
      const modified = lastUpdated || at.receivedAt;
      return { status, previous: state?.status, modified, offset: at.seq, receivedAt: at.receivedAt };
    });
    const place = this.made(shown, states, Math.max(at.seq, old?.offset ?? 0));
    const gone = old ? this.gone(old, new Set(shown.evses.map(({ uid }) => ciKey(uid))), at) : [];
    const current = this.settled(old, place);
    this.places.set(shown.key, current);
    if (!old && known) this.order.insert(current, at.seq);
    if (states.some(({ offset }) => offset === at.seq)) this.order.append(current, at.seq);
    if (this.ahead !== 'all') this.ahead.add(current);
    this.options.onDirty?.(shown.key);
    const view = current.view();
    this.emit({ kind: 'place', place: view, location, first: false });
    const names = namesIn(current.facts.names);
    for (const index of changed) this.emit({ kind: 'status', place: view, event: this.event(current, index, names) });
    for (const event of gone) this.emit({ kind: 'status', place: view, event });
  }

  /** A Location that is no longer shown. False if it was not. */
  hide(key: string, at: ChangePlace): boolean {
    const place = this.places.get(key);
    if (!place) {
      for (const event of this.removed.lift(key, at.seq)) this.options.onRemoved?.(event);
      return false;
    }
    const last = place.view();
    const gone = this.gone(place, new Set(), at);
    this.places.delete(key);
    for (const places of [this.ahead, this.closing]) if (places !== 'all') places.delete(place);
    this.options.onDirty?.(key);
    for (const event of gone) this.emit({ kind: 'status', place: last, event });
    this.emit({ kind: 'removed', key, owner: place.facts.owner, offset: at.seq });
    return true;
  }

  /**
   * Takes in the status of one EVSE without its document. False if that does not do: the document must be read.
   * @param evse segment of its key: upper case, escaped
   * @param status place in `hereStatuses`
   */
  status(key: string, evse: string, status: number, modified: number, at: ChangePlace): boolean {
    const place = this.places.get(key);
    if (!place || place.facts.isAmbiguous) return false;
    const uids = uidsIn(place.facts.names);
    let index = uids.indexOf(evse);
    if (index === -1 || evse.includes('%')) index = uids.findIndex((uid) => keySegment(uid) === evse);
    if (index === -1) return false;
    const old = stateAt(place.states, index);
    const isNew = old.status !== status;
    // A document that was read may be newer than this change: then it decides.
    if (isNew && this.mayBeAhead(place)) return false;
    place.offset = Math.max(place.offset, at.seq);
    if (!isNew) {
      if (this.repeats(place, old, at)) this.setState(place, index, { ...old, offset: at.seq });
      return true;
    }
    const state = { status, previous: old.status, modified, offset: at.seq, receivedAt: at.receivedAt };
    place.counts = this.pool.counts(movedCounts(place.counts, place.facts.shape, index, old.status, status));
    this.setState(place, index, state);
    this.emit({ kind: 'status', place: place.view(), event: this.event(place, index, namesIn(place.facts.names)) });
    return true;
  }

  tariff(key: string, offset: number): void {
    this.emit({ kind: 'tariff', key, offset });
  }

  /** See {@link LivePlaces.statusesAfter}. */
  statusesAfter(offset: number, limit: number): readonly StatusEvent[] | undefined {
    if (offset < this.removed.floor) return undefined;
    const events: StatusEvent[] = [];
    // One Location may stand there often.
    const known = new Map<Place, EvseNames>();
    const namesOf = (place: Place): EvseNames => {
      const names = known.get(place) ?? namesIn(place.facts.names);
      known.set(place, names);
      return names;
    };
    const removals = this.removed.after(offset);
    let removal = removals.next();
    const room = (next: number): boolean => events.length < limit || events.at(-1)?.offset === next;
    for (const { offset: there, place } of this.order.after(offset)) {
      for (; !removal.done && removal.value.offset <= there; removal = removals.next())
        if (!this.isBack(removal.value)) {
          if (!room(removal.value.offset)) return events;
          events.push(removal.value);
        }
      if (!room(there)) return events;
      for (let evse = 0; evse < evseCount(place.states); evse++)
        if (offsetAt(place.states, evse) === there) events.push(this.event(place, evse, namesOf(place)));
    }
    for (; !removal.done; removal = removals.next()) {
      if (this.isBack(removal.value)) continue;
      if (!room(removal.value.offset)) break;
      events.push(removal.value);
    }
    return events;
  }

  private isBack({ key, evseUid }: StatusEvent): boolean {
    const place = this.places.get(key);
    return place !== undefined && uidsIn(place.facts.names).some((uid) => ciKey(uid) === ciKey(evseUid));
  }

  private repeats(place: Place | undefined, state: EvseState, at: ChangePlace): boolean {
    if (state.offset >= at.seq) return false;
    if (this.mayBeAhead(place)) return true;
    return at.seq - state.offset <= repeatWindow;
  }

  private mayBeAhead(place: Place | undefined): boolean {
    return holds(this.ahead, place) || holds(this.closing, place);
  }

  private setState(place: Place, index: number, state: EvseState): void {
    place.states = withState(place.states, index, state);
    this.order.left();
    this.order.append(place, state.offset);
    this.options.onDirty?.(place.facts.key);
  }

  /** A Location stays the same object while it is shown, so that its places in the order remain. */
  private settled(old: Place | undefined, place: Place): Place {
    if (!old) return place;
    for (let evse = 0; evse < evseCount(old.states); evse++) this.order.left();
    old.facts = place.facts;
    old.offset = place.offset;
    old.states = place.states;
    old.counts = place.counts;
    return old;
  }

  private made(shown: ShownLocation, states: readonly EvseState[], offset: number): Place {
    const facts: PlaceFacts = this.pool.factsOf(shown);
    const counts = this.pool.counts(countStatuses(facts.shape, (evse) => states[evse]?.status ?? 0));
    return new Place(facts, offset, packStates(states), counts);
  }

  /** Notes those of a Location's EVSEs that are not in the list as removed. */
  private gone(place: Place, present: ReadonlySet<string>, at: ChangePlace): readonly StatusEvent[] {
    const events: StatusEvent[] = [];
    const names = namesIn(place.facts.names);
    for (const [index, uid] of names.uids.entries()) {
      if (present.has(ciKey(uid))) continue;
      const { status } = stateAt(place.states, index);
      const event: StatusEvent = {
        ...this.event(place, index, names),
        offset: at.seq,
        type: 'evseRemoved',
        status: undefined,
        previousStatus: statusAt(status),
        modified: at.receivedAt,
        receivedAt: at.receivedAt,
      };
      this.removed.add(event);
      this.options.onRemoved?.(event);
      events.push(event);
    }
    return events;
  }

  private event({ facts, states }: Place, index: number, { uids, evseIds }: EvseNames): StatusEvent {
    const { status, previous, modified, offset, receivedAt } = stateAt(states, index);
    return {
      offset,
      type: 'evseStatus',
      key: facts.key,
      owner: facts.owner,
      evseUid: uids[index] ?? '',
      evseId: evseIds[index],
      status: statusAt(status),
      previousStatus: previous === undefined ? undefined : statusAt(previous),
      modified,
      receivedAt,
      latitude: facts.latitude,
      longitude: facts.longitude,
      country: facts.country,
    };
  }

  private emit(change: PlaceChange): void {
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        this.options.onError(error);
      }
    }
  }
}

type Places = Set<Place> | 'all';

function holds(places: Places, place: Place | undefined): boolean {
  return places === 'all' || (place !== undefined && places.has(place));
}

function statesOf(place: Place): KnownStates {
  const uids = uidsIn(place.facts.names);
  return new Map(uids.map((uid, index) => [ciKey(uid), stateAt(place.states, index)]));
}
