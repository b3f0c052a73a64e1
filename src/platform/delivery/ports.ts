import type { ModuleId } from '../../kernel/module-id.js';
import type { Method, OutboundOutcome, OutboundRequest } from '../outbound/outbound-types.js';
import type { Partner } from '../partners/partner.js';
import type { WorkQueue } from '../queue/index.js';
import type { ChangeRow } from '../storage/index.js';
import type { CircuitStateName } from './circuit.js';
import type { PauseReason } from './lane-store.js';

/** What a module gives so that its objects are replicated. */
export interface PushSource {
  readonly module: ModuleId;
  /**
   * The present state of the object that a change row names. `undefined` if it is gone: a DELETE row is then sent as
   * DELETE if receivers know that of the module (TA-02), any other is passed over.
   */
  read(row: ChangeRow): Promise<PushItem | undefined>;
}

/** An object as it is now. It may be newer than the row that asked for it. */
export interface PushItem {
  /**
   * Below the partner's RECEIVER endpoint, with the owner's segments, percent-encoded: `/DE/CP1/LOC1/EVSE1`. It may end in
   * a query: `/FR/EM1/UID?type=APP_USER`.
   */
  readonly path: string;
  /** JSON text of the whole object; empty if it is to be deleted. */
  readonly body: string;
  /** The Location that an EVSE belongs to, sent whole when the partner does not know it. */
  readonly parent?: () => Promise<PushItem | undefined>;
}

/** What delivery knows of a partner. */
export type LanePartner = Pick<
  Partner,
  'id' | 'status' | 'roles' | 'versionsUrl' | 'endpoints' | 'origins' | 'switches' | 'credentialsAt' | 'unregisteredAt'
>;

/** Who is registered, in memory. */
export interface LanePartners {
  all(): readonly LanePartner[];
  byId(id: string): LanePartner | undefined;
  /** The token that the partner is called with, in clear. */
  outboundToken(partnerId: string): string | undefined;
  onChange(listener: (partnerId: string) => void): () => void;
}

/** Makes the calls; never rejects for network trouble. */
export interface PushClient {
  send(request: OutboundRequest): Promise<OutboundOutcome>;
}

/** Wake-ups of lanes: they carry an id and nothing else, and any of them may get lost. */
export type WakeQueue = Pick<WorkQueue, 'add' | 'process'>;

/** Runs things later; injected so that tests decide when that is. */
export interface Timers {
  /** Runs `job` once after `ms`. Returns how to call it off. */
  after(ms: number, job: () => void): () => void;
}

/** Timers of the process; they do not keep it alive. */
export const systemTimers: Timers = {
  after(ms, job) {
    const timer = setTimeout(job, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** One attempt to tell a partner something. */
export interface DeliveryEvent {
  readonly partner: string;
  /** Party key of the receiver; empty with a probe of the partner as a whole. */
  readonly party: string;
  readonly module: ModuleId | 'versions';
  /** `DE/CP1/LOC1/EVSE1`; empty with a probe. */
  readonly object: string;
  readonly method: Method;
  readonly httpStatus: number | undefined;
  /** OCPI `status_code`. */
  readonly statusCode: number | undefined;
  readonly outcome: 'success' | 'healed' | 'rejected' | 'unauthorised' | 'failure' | 'ambiguous';
  /** Why, where it was no success; for the operator. */
  readonly reason: string | undefined;
  readonly durationMs: number;
  readonly requestId: string | undefined;
  readonly correlationId: string | undefined;
  /** From the moment that the hub took the change to the answer, ms; 0 with a probe. */
  readonly lagMs: number;
}

/** A lane's breaker moved, or the lane was stopped or went on. */
export interface LaneEvent {
  readonly partner: string;
  readonly breaker: CircuitStateName;
  readonly pausedBy: PauseReason | undefined;
  /** When the breaker opened, ms since the epoch; undefined while it is closed. */
  readonly openedAt: number | undefined;
}

/** Something that an operator should know of a lane; told once when it begins. */
export interface LaneAlert {
  readonly partner: string;
  /**
   * `lagging`: its oldest change waits for longer than it should (`value`: seconds), until `caught_up`. `parked`: there are more
   * objects than before that wait for the operator (`value`: how many). `lease_lost`: the lane was taken out of our hands. `failing`:
   * of the time of nothing but failures after which the lane is stopped, so much is over (`value`: 50, 70 or 90 per cent).
   */
  readonly kind: 'lagging' | 'caught_up' | 'parked' | 'lease_lost' | 'failing';
  readonly value: number;
}

/** Where what happens is counted and logged. Its methods must be quick and must not throw. */
export interface DeliveryObserver {
  delivered?(event: DeliveryEvent): void;
  laneChanged?(event: LaneEvent): void;
  alerted?(alert: LaneAlert): void;
  /** Nothing has come through to a partner for long: it may be away (H-09). May be told more than once. */
  offline?(partner: string): void;
  /** A partner that is shown as OFFLINE has answered. */
  online?(partner: string): void;
  /** Something of ours failed (storage, a module's source); the lane goes on by itself. */
  failed?(partner: string, error: unknown): void;
}
