import type { ModuleId } from '../../kernel/module-id.js';
import type { CircuitRecord } from './circuit.js';
import type { OwedRecord } from './owed-flows.js';

/** Who or what stopped a lane: the operator, a token that is not accepted, or days of nothing but failures. */
export type PauseReason = 'operator' | 'auth_failed' | 'failing';

/** One partner's place in the change sequence, and what must outlive a restart of its lane. */
export interface LaneRecord {
  readonly partner: string;
  /** Everything up to here is done. */
  readonly cursor: number;
  /** Moves with every change of hands; who writes must know the present one. */
  readonly fence: number;
  /** Node that has or had it in hand; undefined = given back. */
  readonly leaseOwner: string | undefined;
  /** How long the lease still ran when this was read, ms by the database's clock; 0 = in nobody's hands. */
  readonly leaseLeftMs: number;
  readonly circuit: CircuitRecord;
  readonly pausedBy: PauseReason | undefined;
  /** ms since the epoch */
  readonly pausedAt: number | undefined;
  /** What is done beyond the cursor, in words that only lanes understand; '' = nothing. */
  readonly ahead: string;
  /** Version of the sharing policy that the lane was last compared with; -1 = it is to be compared again. */
  readonly policy: number;
}

/** A lane as it is taken up. */
export interface TakenLane extends LaneRecord {
  /** See {@link OwedRecord.flows}. */
  readonly owed: string;
}

/** Progress of a lane, written with the fence under which it was made. */
export interface LaneProgress {
  readonly partner: string;
  readonly fence: number;
  readonly cursor: number;
  /** See {@link LaneRecord.ahead}; some kilobytes at most. */
  readonly ahead: string;
  readonly circuit: CircuitRecord;
  /** What is owed because it was not shared, where that has changed. */
  readonly owed?: OwedRecord | undefined;
  /** Objects that the partner took, whose earlier refusals are void. */
  readonly cleared: readonly ClearedObject[];
}

export interface ClearedObject {
  /** Party key of the receiver. */
  readonly party: string;
  readonly module: ModuleId;
  /** `DE/CP1/LOC1/EVSE1` */
  readonly object: string;
  /** It was sent whole: refusals of what belongs to it are void as well. */
  readonly whole: boolean;
  /** Place of the row that was taken; a later refusal stands. */
  readonly seq: number;
}

/** retry: will be tried again; parked: waits for the operator; settle: delivered, and sent once more to be sure. */
export type ExceptionState = 'retry' | 'parked' | 'settle';

/** An object that goes its own way outside the sequence of its lane. */
export interface PushException {
  readonly partner: string;
  /** Party key of the receiver. */
  readonly party: string;
  readonly module: ModuleId;
  /** `DE/CP1/LOC1/EVSE1` */
  readonly object: string;
  readonly laneKey: string;
  /** Party key. */
  readonly owner: string;
  /** Whether the partner is to be told if the object is gone by then. */
  readonly isDelete: boolean;
  /** Place of the row that led here. */
  readonly seq: number;
  readonly attempts: number;
  /** ms since the epoch; when parked: since when. */
  readonly nextDue: number;
  readonly http: number | undefined;
  readonly ocpi: number | undefined;
  readonly reason: string;
  readonly state: ExceptionState;
  readonly correlationId: string;
  /** When the hub took the change, ms since the epoch. */
  readonly recordedAt: number;
}

/** Which parked objects are meant; what is absent does not narrow the choice. */
export interface ParkedFilter {
  readonly partner?: string;
  readonly module?: string;
  /** `DE/CP1/LOC1/EVSE1` */
  readonly object?: string;
  /** Parked at or after this, and at or before that; ms since the epoch. */
  readonly from?: number;
  readonly to?: number;
}

export interface ParkedPage {
  /** Of all that match. */
  readonly total: number;
  /** Newest first. */
  readonly items: readonly PushException[];
}

/** An exception as it is noted: its time is told from now on. */
export type NewException = Omit<PushException, 'nextDue'> & { readonly dueInMs: number };

/**
 * Where lanes keep what must not be lost. Every change by a lane in hand is one guarded statement with its fence, so that any
 * number of nodes can share one store: under a fence that has moved nothing is written. Times are judged by the store's own clock.
 *
 * What the operator does (`rewind`, `pause`, `resume`) moves the fence and leaves the lease with the node that has it: that
 * node alone takes the lane up again until its lease is out, so that no two nodes ever send at a time.
 *
 * Everything but `save` is on disk when it resolves. Every method rejects with StorageUnavailable if nothing can be stored at
 * the moment.
 */
export interface LaneStore {
  /** This node's name in leases. */
  readonly node: string;
  /** Makes a partner's lane, starting behind `cursor`, with what it owes; one that is there stays as it is. */
  attach(partner: string, cursor: number, owed?: OwedRecord): Promise<void>;
  /** Removes a lane with its exceptions. */
  detach(partner: string): Promise<void>;
  all(): Promise<readonly LaneRecord[]>;
  /**
   * Takes a lane that is free, expired, or held by this node already, and moves its fence on by one.
   * Returns undefined if it is in other hands, paused, or not there.
   */
  acquire(partner: string, leaseMs: number): Promise<TakenLane | undefined>;
  /**
   * Writes progress and renews the leases. Returns the partners whose fence has moved: nothing was written for them.
   * Called all the time: it must outlive the death of this process, but need not be flushed to disk.
   */
  save(progress: readonly LaneProgress[], leaseMs: number): Promise<readonly string[]>;
  /** Gives one lane back at once; nothing happens if the fence has moved. */
  release(partner: string, fence: number): Promise<void>;
  /** Gives back whatever this node holds. */
  releaseOwn(): Promise<void>;
  /** Sets the cursor, with nothing done beyond it; whoever has the lane in hand loses it. */
  rewind(partner: string, cursor: number): Promise<void>;
  /** What a lane owes because it was not shared; see {@link OwedRecord.flows}. */
  owed(partner: string): Promise<string>;
  /**
   * Sets what a lane owes, and that it is to be compared again, if it is as it was read (`before`); whoever has the lane in hand loses
   * it. Returns false, and has changed nothing of what it owes, if it is not.
   */
  owe(partner: string, before: string, flows: string): Promise<boolean>;
  /** Stops a lane; whoever has it in hand loses it. */
  pause(partner: string, by: PauseReason): Promise<void>;
  /** Lets a lane go on at once, with a closed breaker. */
  resume(partner: string): Promise<void>;

  /**
   * Notes an object that goes its own way. Of one that is noted already, the further advanced schedule stands, and only
   * what the partner said is replaced. `settle` replaces whatever was noted, and stands until it is dropped.
   * Returns false, and has written nothing, if the lane's fence is not `fence`.
   */
  noteException(exception: NewException, fence: number): Promise<boolean>;
  /** The lane's exceptions that are not parked, those due first first. */
  pendingExceptions(partner: string, limit: number): Promise<readonly PushException[]>;
  /** Removes an exception if it still is as it was read. Returns false, and has removed nothing, if the fence is not `fence`. */
  dropException(exception: PushException, fence: number): Promise<boolean>;
  /** Whether anything is noted for a partner, parked or not. */
  hasExceptions(partner: string): Promise<boolean>;
  /** Partners with an exception whose time has come. */
  partnersWithDueExceptions(): Promise<readonly string[]>;
  parked(filter: ParkedFilter, limit: number): Promise<ParkedPage>;
  /** Number of parked objects by partner. */
  parkedCounts(): Promise<ReadonlyMap<string, number>>;
  /** Makes parked objects due now, from the first attempt on. Returns the partners concerned, and how many objects. */
  replay(filter: ParkedFilter): Promise<{ readonly partners: readonly string[]; readonly objects: number }>;
}
