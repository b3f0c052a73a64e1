import type { ModuleId } from '../../kernel/module-id.js';

/** How the newest change of an object came about. */
export type ChangeKind = 'PUT' | 'PATCH' | 'DELETE';

/** What a module says of a change when it writes an object. */
export interface ObjectChange {
  readonly module: ModuleId;
  /** The object's key within its module, upper case: `DE/CP1/LOC1` or `DE/CP1/LOC1/EVSE1`. */
  readonly object: string;
  /** What order is kept for: the object itself or the Location that it belongs to. */
  readonly laneKey: string;
  /** Owner as a party key, `DE/CP1`. */
  readonly owner: string;
  readonly kind: ChangeKind;
  /** With PATCH: the text of the merge patch, a flat object. */
  readonly patch?: string;
  readonly correlationId: string;
  /** When the hub took the change, ms since the epoch. */
  readonly recordedAt: number;
}

/** The newest change of one object, with its place in the change sequence. */
export interface ChangeRow extends ObjectChange {
  readonly seq: number;
  /**
   * With PATCH: whoever holds this object's state of any place from here on becomes right by applying the patch.
   * Patches that follow one another are joined, so the base stays that of the first.
   */
  readonly patchBase?: number;
}

/** Read side of the change sequence, the same for every database. */
export interface ChangeFeed {
  /** The newest changes of objects behind `cursor`, oldest first, at most `limit`. */
  changesAfter(cursor: number, limit: number): Promise<readonly ChangeRow[]>;
  /**
   * The highest place that this process knows of; 0 when nothing ever changed. Never below a place that it was shown by
   * {@link changesAfter}, and whatever is read from the database afterwards is at least as new.
   */
  head(): number;
  /** How many objects have changed behind `cursor`. */
  countAfter(cursor: number): Promise<number>;
  /** When the oldest change behind `cursor` was recorded, ms since the epoch; undefined if there is none. */
  oldestAfter(cursor: number): Promise<number | undefined>;
}

/** The change sequence as it moves on. */
export interface LiveChangeFeed extends ChangeFeed {
  /** Asks the database where the head stands; `head()` is at least that afterwards. */
  refresh(): Promise<number>;
  /** Calls `listener` after each commit of any node that moved the head; it must be quick. Returns how to stop that. */
  onAdvance(listener: () => void): () => void;
}
