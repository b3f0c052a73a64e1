import type { InterfaceRole, Role } from '../kernel/module-id.js';
import type { PartyRef } from '../kernel/party-ref.js';
import type { MessageOutcome } from '../platform/messages/index.js';
import type {
  BacktestView,
  DataExportsView,
  DataKeyView,
  HistoryTaken,
  HistoryView,
  NewDataKeyView,
  NewHistoryItem,
} from './ev-data-views.js';
import type { Infer } from './schema.js';
import type {
  AgreementView,
  AuditEntryView,
  DecisionView,
  InviteView,
  LaneView,
  MessagesView,
  NewInviteView,
  ParkedView,
  PartnerView,
  PartyView,
  PullView,
  QualityView,
  roleClaim,
  switchesView,
} from './views.js';

/**
 * What the admin API needs from the rest of the hub. Desks write the audit rows of what they do, in the same transaction, in
 * the name of the actor they are given. They refuse by throwing an `AdminProblem` (`problem.ts`) or an `OcpiError`.
 */
export type Awaitable<T> = T | Promise<T>;

export interface AdminActor {
  readonly name: 'operator';
  /** Network address that the request came from. */
  readonly source: string;
}

export type RoleClaim = Infer<typeof roleClaim>;
export type Switches = Infer<ReturnType<typeof switchesView>>;
export type { InterfaceRole, Role };

export interface NewInvite {
  readonly name: string;
  readonly roles: readonly RoleClaim[];
  readonly origins: readonly string[];
  readonly expiresInDays: number;
}

export interface InviteDesk {
  /** The token is in clear here and nowhere else. */
  create(invite: NewInvite, actor: AdminActor): Awaitable<NewInviteView>;
  list(): Awaitable<readonly InviteView[]>;
  /** False: no such invite. */
  revoke(id: string, actor: AdminActor): Awaitable<boolean>;
}

export interface NewRegistration {
  readonly name: string;
  readonly versionsUrl: string;
  /** The partner's token A. */
  readonly token: string;
  /** What the partner may speak for; undefined: what its answer names. */
  readonly roles: readonly RoleClaim[] | undefined;
  /** Where the hub's token may go; undefined: the origin of the versions URL. */
  readonly origins: readonly string[] | undefined;
}

export interface RegistrationDesk {
  /** Runs the whole handshake. Throws `partnerFailed` (or OcpiError 3xxx) with the reason if it does not end well. */
  register(registration: NewRegistration, actor: AdminActor): Promise<PartnerView>;
}

export interface PartnerChange {
  readonly name?: string;
  readonly origins?: readonly string[];
  readonly switches?: Partial<Switches>;
  /** Vendor objects by name, and whether the partner is no longer sent them; the others stay as they are. */
  readonly withhold?: Readonly<Record<string, boolean>>;
  /** The whole new list of what the platform may speak for. */
  readonly allowedRoles?: readonly RoleClaim[];
}

/** Every id handed to the methods behind `get` was found by `get` just before. */
export interface PartnerDesk {
  list(): Awaitable<readonly PartnerView[]>;
  get(id: string): Awaitable<PartnerView | undefined>;
  /** Renews the tokens by PUT credentials at the partner. */
  rotate(id: string, actor: AdminActor): Promise<PartnerView>;
  suspend(id: string, actor: AdminActor): Awaitable<PartnerView>;
  resume(id: string, actor: AdminActor): Awaitable<PartnerView>;
  change(id: string, change: PartnerChange, actor: AdminActor): Awaitable<PartnerView>;
  /** Tells the partner (DELETE credentials) and ends the connection, even if the partner cannot be told. */
  unregister(id: string, actor: AdminActor): Promise<void>;
}

export interface ParkedFilter {
  readonly partnerId?: string;
  readonly module?: string;
  readonly object?: string;
  /** ms since the epoch, both included. */
  readonly parkedFrom?: number;
  readonly parkedTo?: number;
}

export interface LaneDesk {
  lanes(): Awaitable<readonly LaneView[]>;
  /** Sends everything that the partner may see once more, in its present state. */
  resync(partnerId: string, actor: AdminActor): Awaitable<void>;
  parked(
    filter: ParkedFilter,
    limit: number,
  ): Awaitable<{ readonly total: number; readonly items: readonly ParkedView[] }>;
  /** Puts the present state of parked objects back to work; returns how many. An empty filter means all. */
  replay(filter: ParkedFilter, actor: AdminActor): Awaitable<number>;
}

export interface PullDesk {
  /** Starts a pull of all that the partner offers as SENDER; returns how its pulls stand. */
  start(partnerId: string, request: { readonly full: boolean }, actor: AdminActor): Awaitable<readonly PullView[]>;
  /** Running, waiting and last ended pulls. */
  progress(): Awaitable<readonly PullView[]>;
}

export interface AuditDesk {
  /** Entries older than `before` (a seq; undefined: all), newest first. */
  list(limit: number, before: number | undefined): Awaitable<readonly AuditEntryView[]>;
  /** Goes through the whole chain (T26): seq of the first entry that does not fit, or undefined. */
  firstBroken(): Awaitable<number | undefined>;
}

export interface NewAgreement {
  /** `DE/CP1` in any case, or `*`. */
  readonly giver: string;
  readonly taker: string;
  /** A module, or `*`. */
  readonly module: string;
  readonly effect: 'allow' | 'deny';
  readonly note?: string;
  /** The same for the other direction, in the same transaction. */
  readonly both: boolean;
}

export interface AgreementFilter {
  readonly party?: PartyRef;
  readonly module?: string;
}

export interface AgreementDesk {
  list(filter: AgreementFilter): Awaitable<readonly AgreementView[]>;
  /** All or none. `made` is false if they were all there already. */
  add(
    wish: NewAgreement,
    actor: AdminActor,
  ): Awaitable<{ readonly agreements: readonly AgreementView[]; readonly made: boolean }>;
  /** False: no such agreement. */
  withdraw(id: string, actor: AdminActor): Awaitable<boolean>;
  decide(giver: PartyRef, taker: PartyRef, module: string): Awaitable<DecisionView>;
  /** Every party in each of its roles. */
  parties(): Awaitable<readonly PartyView[]>;
  setSharing(party: PartyRef, sharing: 'open' | 'closed', actor: AdminActor): Awaitable<void>;
}

export interface MessageFilter {
  readonly partnerId?: string;
  /** `DE/CP1` in any case. */
  readonly party?: string;
  readonly module?: string;
  readonly correlationId?: string;
  /** Of either leg. */
  readonly requestId?: string;
  readonly outcome?: MessageOutcome;
  readonly scenario?: string;
  /** ms since the epoch, both included. */
  readonly since?: number;
  readonly until?: number;
}

export interface MessageDesk {
  /** Messages older than `before` (a seq; undefined: all), newest first. */
  find(filter: MessageFilter, limit: number, before: number | undefined): Promise<MessagesView>;
}

export interface NewDataKey {
  readonly name: string;
  /** Undefined: all there are. */
  readonly scopes?: readonly string[];
  /** In whose name its holder reads. */
  readonly party?: PartyRef;
  readonly expiresInDays?: number;
}

export interface EvDataDesk {
  keys(): Awaitable<readonly DataKeyView[]>;
  /** The key is in clear here and nowhere else. */
  createKey(wish: NewDataKey, actor: AdminActor): Promise<NewDataKeyView>;
  /** False: no such key. */
  revokeKey(id: string, actor: AdminActor): Promise<boolean>;
  exports(): Promise<DataExportsView>;
  /** Begins to make a version, or joins what is under way; does not wait for it. */
  makeExport(actor: AdminActor): Promise<DataExportsView>;
  /** Resolves once it is stored. */
  importHistory(items: readonly NewHistoryItem[], actor: AdminActor): Promise<HistoryTaken>;
  history(): Promise<HistoryView>;
  /** The newest `days` days predicted from those before. */
  backtest(days: number): Promise<BacktestView>;
}

export interface QualityFilter {
  readonly rule?: string;
  readonly countryCode?: string;
  readonly partyId?: string;
}

export interface QualityDesk {
  report(filter: QualityFilter, samples: number): Awaitable<QualityView>;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not, one sentence each. */
  readonly reasons: readonly string[];
  /** What is missing without making the hub unready, such as Redis. */
  readonly degraded: readonly string[];
}

export interface AdminPorts {
  readonly invites: InviteDesk;
  readonly registrations: RegistrationDesk;
  readonly partners: PartnerDesk;
  readonly lanes: LaneDesk;
  readonly pulls: PullDesk;
  readonly audit: AuditDesk;
  readonly quality: QualityDesk;
  readonly messages: MessageDesk;
  readonly agreements: AgreementDesk;
  readonly evData: EvDataDesk;
}
