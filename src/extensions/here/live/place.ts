import type { ConnectorGroup } from '../groups/connector-group.js';
import { type GroupShape, groupViews, type StatusCounts } from '../groups/group-shape.js';
import { type HereStatus, hereStatuses } from '../model/status.js';
import type { LiveEvse, LivePlace } from './live-places.js';
import { unpackNames } from './place-text.js';

/** What only a new document changes; shared by all states of a Location that follow one another. */
export interface PlaceFacts {
  readonly key: string;
  readonly owner: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly country: string;
  readonly shape: GroupShape;
  /** Ids of EVSEs, connectors and tariffs, packed. */
  readonly names: string;
  readonly isAmbiguous: boolean;
}

/** What is kept of an EVSE's status. */
export interface EvseState {
  /** Place in `hereStatuses`. */
  readonly status: number;
  /** The one before; undefined if it was not known. */
  readonly previous: number | undefined;
  /** When the status last changed, ms since the epoch. */
  readonly modified: number;
  /** Its place in the change sequence. */
  readonly offset: number;
  /** When the hub took that, ms since the epoch. */
  readonly receivedAt: number;
}

/** Numbers per EVSE: both statuses, `modified`, `offset`, `receivedAt`. */
const width = 4;
const noStatus = 15;

/** The states of a Location's EVSEs, one after another. Never changed: a new state is a new list. */
export type PackedStates = readonly number[];

export function packStates(states: readonly EvseState[]): PackedStates {
  const packed: number[] = [];
  for (const state of states) packed.push(...packedState(state));
  // A list that grew has room to spare; its copy has none.
  return packed.slice();
}

export function stateAt(states: PackedStates, evse: number): EvseState {
  const at = evse * width;
  const both = states[at] ?? 0;
  const previous = both >> 4;
  return {
    status: both & 15,
    previous: previous === noStatus ? undefined : previous,
    modified: states[at + 1] ?? 0,
    offset: states[at + 2] ?? 0,
    receivedAt: states[at + 3] ?? 0,
  };
}

/** The list with another state of one EVSE. */
export function withState(states: PackedStates, evse: number, state: EvseState): PackedStates {
  const changed = states.slice();
  const at = evse * width;
  const [both, modified, offset, receivedAt] = packedState(state);
  changed[at] = both;
  changed[at + 1] = modified;
  changed[at + 2] = offset;
  changed[at + 3] = receivedAt;
  return changed;
}

export function evseCount(states: PackedStates): number {
  return states.length / width;
}

export function offsetAt(states: PackedStates, evse: number): number {
  return states[evse * width + 2] ?? 0;
}

function packedState({ status, previous, modified, offset, receivedAt }: EvseState): [number, number, number, number] {
  return [status | ((previous ?? noStatus) << 4), modified, offset, receivedAt];
}

export function statusAt(code: number): HereStatus {
  return hereStatuses[code] ?? 'unknown';
}

/** A Location in memory; what is handed out of it are snapshots. */
export class Place {
  /** Its highest place in the order of status changes; see `StatusOrder`. */
  orderedAt = -1;

  constructor(
    public facts: PlaceFacts,
    /** Place in the change sequence of its newest change. */
    public offset: number,
    public states: PackedStates,
    public counts: StatusCounts,
  ) {}

  /** As it stands now, and as it will have stood later. */
  view(): LivePlace {
    return new PlaceView(this.facts, this.offset, this.states, this.counts);
  }
}

/** A Location at one moment; lists are made when they are first asked for. */
class PlaceView implements LivePlace {
  private evseList: readonly LiveEvse[] | undefined;
  private groupList: readonly ConnectorGroup[] | undefined;

  constructor(
    private readonly facts: PlaceFacts,
    readonly offset: number,
    private readonly states: PackedStates,
    private readonly counts: StatusCounts,
  ) {}

  get key(): string {
    return this.facts.key;
  }

  get owner(): string {
    return this.facts.owner;
  }

  get latitude(): number {
    return this.facts.latitude;
  }

  get longitude(): number {
    return this.facts.longitude;
  }

  get country(): string {
    return this.facts.country;
  }

  get evses(): readonly LiveEvse[] {
    if (!this.evseList) this.unpack();
    return this.evseList ?? [];
  }

  get groups(): readonly ConnectorGroup[] {
    if (!this.groupList) this.unpack();
    return this.groupList ?? [];
  }

  private unpack(): void {
    const { facts, states } = this;
    const names = unpackNames(facts.names);
    this.evseList = names.uids.map((uid, index) => {
      const { status, modified, offset, receivedAt } = stateAt(states, index);
      return { uid, evseId: names.evseIds[index], status: statusAt(status), modified, offset, receivedAt };
    });
    this.groupList = groupViews(facts.shape, this.counts, names);
  }
}
