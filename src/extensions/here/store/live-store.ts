/** What is kept of a Location's statuses, as its writer packed it. */
export interface StoredStatuses {
  /** Object key of the Location. */
  readonly key: string;
  /** Place in the change sequence of the newest of them; an older row never replaces a newer one. */
  readonly offset: number;
  /** Undefined: the Location is no longer shown, and its row goes. */
  readonly text: string | undefined;
}

/** An EVSE that went away, as its writer packed it. */
export interface StoredRemoval {
  readonly offset: number;
  /** Object key of the EVSE. */
  readonly object: string;
  readonly text: string;
}

export interface LiveBatch {
  readonly statuses: readonly StoredStatuses[];
  readonly removals: readonly StoredRemoval[];
  /** Everything up to this place is stored with this batch, or was before. */
  readonly cursor: number;
  /** Removals behind this place are known. */
  readonly floor: number;
}

/**
 * When statuses changed and which EVSEs went away: what the documents do not say after a restart.
 *
 * It need not be durable. What a crash costs is made up from the change sequence behind the cursor. Several nodes may write the
 * same; the newer row stays, whoever comes last.
 */
export interface LiveStore {
  /** 0 where nothing was ever stored. */
  position(): Promise<{ readonly cursor: number; readonly floor: number }>;
  /** The rows of these Locations, where there are any. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The newest removals, oldest first. */
  removals(limit: number): Promise<readonly StoredRemoval[]>;
  /** All of it or nothing. */
  write(batch: LiveBatch): Promise<void>;
  /** Forgets everything: it belongs to another state of the database. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** How many removals are kept. */
export const removalsKept = 20_000;
