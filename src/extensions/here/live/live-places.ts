import type { Location } from '../../../generated/ocpi.js';
import type { ConnectorGroup } from '../groups/connector-group.js';
import type { HereStatus } from '../model/status.js';

/** An EVSE that is shown (neither REMOVED nor PLANNED). */
export interface LiveEvse {
  /** In its owner's spelling; ids compare without case. */
  readonly uid: string;
  readonly evseId: string | undefined;
  readonly status: HereStatus;
  /** When the status last changed, ms since the epoch; wider things change `last_updated`. */
  readonly modified: number;
  /** Place in the change sequence at which the status last changed. */
  readonly offset: number;
  /** When the hub took that, ms since the epoch. */
  readonly receivedAt: number;
}

/** A Location that is shown, as it stood when it was asked for; its lists are made when they are first looked at. */
export interface LivePlace {
  /** Object key, `DE/CP1/LOC1`. */
  readonly key: string;
  /** Party key of its owner, `DE/CP1`. */
  readonly owner: string;
  /** Place in the change sequence of its newest change of any kind: what was made from an older one is out of date. */
  readonly offset: number;
  readonly latitude: number;
  readonly longitude: number;
  /** ISO 3166-1 alpha-3. */
  readonly country: string;
  readonly evses: readonly LiveEvse[];
  /** Most power first, then by standard. */
  readonly groups: readonly ConnectorGroup[];
}

/** The status of one EVSE changed, or the EVSE went away. */
export interface StatusEvent {
  /** Place in the change sequence: the same on all nodes, never smaller than that of what happened before. */
  readonly offset: number;
  readonly type: 'evseStatus' | 'evseRemoved';
  /** Object key of the Location. */
  readonly key: string;
  readonly owner: string;
  readonly evseUid: string;
  readonly evseId: string | undefined;
  /** Absent with `evseRemoved`. */
  readonly status: HereStatus | undefined;
  /** Undefined where it was not known before. */
  readonly previousStatus: HereStatus | undefined;
  /** ms since the epoch */
  readonly modified: number;
  /** When the hub took it, ms since the epoch. */
  readonly receivedAt: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly country: string;
}

/** What listeners are told, in the order of the change sequence. */
export type PlaceChange =
  /**
   * New, or changed in more than statuses; `first`: found by the first reading of this process, and no event tells of its
   * statuses. `location` must not be changed.
   */
  | { readonly kind: 'place'; readonly place: LivePlace; readonly location: Location; readonly first: boolean }
  /** Deleted, no longer published, or without any EVSE that is shown; an event of each EVSE comes before. */
  | { readonly kind: 'removed'; readonly key: string; readonly owner: string; readonly offset: number }
  | { readonly kind: 'status'; readonly place: LivePlace; readonly event: StatusEvent }
  /** A Tariff was put or removed; its object key. */
  | { readonly kind: 'tariff'; readonly key: string; readonly offset: number };

/**
 * Every Location that is shown, with its live statuses and groups, in memory of this process. It follows the change sequence:
 * what was acknowledged is here within milliseconds.
 */
export interface LivePlaces {
  /** False while the stored Locations are read for the first time; what is there already is right. */
  readonly isReady: boolean;
  /** Place in the change sequence up to which everything is here. */
  readonly offset: number;
  readonly size: number;
  find(key: string): LivePlace | undefined;
  keys(): IterableIterator<string>;
  /**
   * EVSEs whose status changed, or that went away, behind `offset`: each with its newest state, oldest first, at most `limit`
   * unless more of them have one place: those of one place are never parted, so the place of the last one is where to go on. One
   * that has not changed may be told again. `undefined`: not everything is read yet, or what happened there is no longer known
   * whole; start again from the snapshot.
   */
  statusesAfter(offset: number, limit: number): readonly StatusEvent[] | undefined;
  /** Called at once and in order; it must be quick and may not throw. Returns how to stop that. */
  onChange(listener: (change: PlaceChange) => void): () => void;
}
