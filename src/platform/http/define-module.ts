import type { MessageIds } from '../../kernel/message-ids.js';
import type { InterfaceRole, ModuleId, Role } from '../../kernel/module-id.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { ForwardedAnswer, Passage, Sought } from '../forwarding/index.js';
import type { Caller, Partner } from '../partners/index.js';
import type { Addressing, RouteTrace, Scenario } from '../routing/index.js';
import type { PageReply } from './paged-list.js';

export type Method = 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';

/** A received body: what ajv judges, and the text that is stored, without insignificant white space. */
export interface Body {
  readonly value: unknown;
  readonly text: string;
  /** As received, for handing on. */
  readonly bytes: Buffer;
}

/** What an operation sees of a request; no HTTP library in sight. */
export interface OcpiRequest {
  readonly method: Method;
  readonly ids: MessageIds;
  readonly caller: Caller;
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Present where the endpoint declares a body. */
  readonly body?: Body;
  /** Public URL of the endpoint that was called, without query: what a `Link` leads back to. */
  readonly url: string;
  /** Address that the request came from. */
  readonly remoteAddress: string;
}

/** A request of a functional module: somebody acts for a party, in a known scenario. */
export interface PartyRequest extends OcpiRequest {
  readonly partner: Partner;
  /** The caller's party that acts. */
  readonly from: PartyRef;
  readonly scenario: Scenario;
  /** ModuleID of the endpoint, or that of a custom module. */
  readonly module: string;
  readonly interfaceRole: InterfaceRole;
  /** Below the interface's URL, as received and percent-encoded; empty for the interface itself. */
  readonly path: string;
  /** Without `?`, as received. */
  readonly queryText: string;
  /** How it is routed: for the message log. */
  readonly trace: RouteTrace;
  /** Aborts when the caller has gone away. */
  readonly signal: AbortSignal;
}

/** A successful answer. `data` is printed; `dataText` is JSON text that leaves as it is. */
export type OcpiReply =
  | { readonly kind: 'done'; readonly httpStatus?: 200 | 201; readonly data?: unknown }
  | { readonly kind: 'text'; readonly dataText: string }
  /** Another party's own answer, handed on as it is. */
  | { readonly kind: 'relayed'; readonly answer: ForwardedAnswer }
  | PageReply;

export const done = (data?: unknown): OcpiReply => ({ kind: 'done', ...(data === undefined ? {} : { data }) });
export const relayed = (answer: ForwardedAnswer): OcpiReply => ({ kind: 'relayed', answer });
/** 201 for what was new, 200 for what was replaced (ST-03). */
export const stored = (isNew: boolean): OcpiReply => ({ kind: 'done', httpStatus: isNew ? 201 : 200 });
export const asStored = (dataText: string): OcpiReply => ({ kind: 'text', dataText });

interface EndpointBase {
  readonly method: Method;
  /** Below the interface's URL, such as `/:country_code/:party_id/:tariff_id`; '' is the URL itself. */
  readonly path: string;
  /** Largest body in bytes; left out = the endpoint takes none. */
  readonly bodyLimit?: number;
  /** Whether the body may be left out. */
  readonly bodyOptional?: boolean;
}

/** An endpoint of a configuration module: no routing headers, no acting party. */
export interface ConfigurationEndpoint extends EndpointBase {
  /** Whether a registration token (token A) opens it (T-04). */
  readonly access: 'registered' | 'registered or invited';
  handle(request: OcpiRequest): Promise<OcpiReply> | OcpiReply;
}

/** An endpoint of a functional module. */
export interface PartyEndpoint extends EndpointBase {
  /** `path`: country_code and party_id in the path must be a party of the caller (O-05). Always said, also where it is none. */
  readonly owner: 'path' | 'none';
  /** Roles of which the acting party (for `path`: the owner) must have one. */
  readonly roles: readonly Role[];
  /** `local` in both cases unless given: what is stored. */
  readonly addressing?: Addressing;
  /** How it is done here; needed where `addressing` says `local`. */
  handle?(request: PartyRequest): Promise<OcpiReply> | OcpiReply;
  /** Who is meant, by content; needed where `addressing` says `sought`. */
  seek?(request: PartyRequest): Promise<Sought> | Sought;
  /** What happens to it on its way to one party. */
  readonly passage?: Passage;
}

export type Interfaces<E> = Partial<Record<InterfaceRole, readonly E[]>>;

/** A module as it is mounted: routes, version details, authentication and ownership all come from this record. */
export type OcpiModule = ListedModule &
  (
    | {
        readonly kind: 'configuration';
        readonly id: ModuleId | 'versions';
        readonly interfaces: Interfaces<ConfigurationEndpoint>;
      }
    | { readonly kind: 'functional'; readonly id: ModuleId; readonly interfaces: Interfaces<PartyEndpoint> }
  );

interface ListedModule {
  /** Whether version details list an interface for this caller; for everybody unless given. */
  isListedFor?(caller: Caller, role: InterfaceRole): boolean;
}

/** Declares a module of which every role of the interface is listed in version details. */
export function defineModule(module: OcpiModule): OcpiModule {
  return module;
}
