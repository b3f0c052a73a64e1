import { customModulePattern, interfaceRoles, roles } from '../kernel/module-id.js';
import { sharedModules } from '../platform/agreements/index.js';
import { messageOutcomes } from '../platform/messages/index.js';
import {
  anything,
  boolean,
  choice,
  type Infer,
  integer,
  list,
  map,
  nullable,
  number,
  numberChoice,
  object,
  string,
} from './schema.js';

/** What the admin API shows, in its own words; times are RFC 3339, in UTC. */
const time = string({ format: 'date-time' });
const id = string({ minLength: 1, maxLength: 64 });
const origin = string({ format: 'origin', maxLength: 300 });
export const origins = list(origin, { maxItems: 20, description: "Where the hub's token for the partner may go" });

/** Origins in the one spelling that comparing needs: lower case, default ports left out. */
export const plainOrigins = (texts: readonly string[]): readonly string[] => [
  ...new Set(texts.map((text) => new URL(text).origin)),
];

export const roleClaim = object(
  {
    country_code: string({ pattern: '^[A-Za-z]{2}$', description: 'two letters' }),
    party_id: string({ pattern: '^[A-Za-z0-9]{3}$', description: 'three letters or digits' }),
    role: choice(roles),
  },
  {},
  { title: 'RoleClaim', description: 'A party in one role' },
);
export const roleClaims = list(roleClaim, { minItems: 1, maxItems: 500 });
export const partnerName = string({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  description: 'text in one line',
});

export const inviteView = object(
  {
    id,
    name: string(),
    roles: list(roleClaim),
    origins: list(origin),
    state: choice(['OPEN', 'CLAIMED', 'CONSUMED', 'EXPIRED']),
    created_at: time,
    expires_at: time,
  },
  { partner_id: id },
  { title: 'Invite', description: 'The right to register one platform; its token is shown only when it is made' },
);
export type InviteView = Infer<typeof inviteView>;

export const newInviteView = object(
  { id, token: string(), versions_url: string(), expires_at: time },
  {},
  { title: 'NewInvite', description: 'What to give to the partner; the token is shown this once' },
);
export type NewInviteView = Infer<typeof newInviteView>;

const plainSwitches = object(
  {
    inbound_raw: boolean({ description: 'The partner sends its token raw, not as Base64' }),
    outbound_raw: boolean({ description: 'The partner wants our token raw' }),
    lenient_envelope: boolean({ description: 'Answers without an envelope are believed by their HTTP status' }),
    stale: choice(['ignore', 'apply'], { description: 'What becomes of an update older than what is stored' }),
    catch_up: choice(['push', 'pull_only'], { description: 'How the partner gets what it missed' }),
    push: boolean({ description: 'The hub pushes changes to the partner' }),
    pull: boolean({ description: 'The hub pulls from the partner' }),
    auto_rotate_days: integer({ minimum: 0, maximum: 3650, description: 'Days between renewals of tokens; 0: never' }),
    rate_limit: nullable(
      integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'Requests per second taken from the partner; null: as set for all',
      }),
    ),
    max_in_flight: nullable(
      integer({ minimum: 1, maximum: 1_000, description: 'Requests of the partner handled at once; null: as for all' }),
    ),
    custom_modules: list(
      string({ pattern: customModulePattern.source, maxLength: 64, description: 'such as nlhub-tasks' }),
      {
        maxItems: 50,
        description: 'Custom modules that the partner may use through the hub',
      },
    ),
    keep_sessions: boolean({
      description: "Sessions and CDRs of the partner's CPO parties are read from it and kept, for GET All",
    }),
    list_without_to: choice(['get_all', 'refuse'], {
      description: 'What becomes of a GET of a list that names no receiver',
    }),
    validation_http: numberChoice([200, 400], {
      description: 'HTTP status of answers to objects that break the schema',
    }),
  },
  {},
  { title: 'PartnerSwitches' },
);

/**
 * The switches of a partner. Each known vendor object is one more, under its own name: whether the partner is sent it.
 * Its type leaves those out, since their names are not known here.
 */
export function switchesView(vendorObjects: readonly string[]): typeof plainSwitches {
  const flag = boolean({ description: 'The partner is sent this vendor object' }).json;
  const properties = Object.fromEntries(vendorObjects.map((name) => [name, flag]));
  const { json } = plainSwitches;
  const required = [...(json.required ?? []), ...vendorObjects];
  return { json: { ...json, required, properties: { ...json.properties, ...properties } } };
}

/** A partner, with the vendor objects that this hub knows among its switches. */
export const partnerView = (vendorObjects: readonly string[]) =>
  object(
    {
      id,
      name: string(),
      status: choice(['PLANNED', 'CONNECTED', 'OFFLINE', 'SUSPENDED']),
      roles: list(
        object(
          { country_code: string(), party_id: string(), role: choice(roles) },
          { business_details: anything() },
          { title: 'PartnerRole' },
        ),
      ),
      allowed_roles: list(roleClaim),
      versions_url: string(),
      versions: list(string(), { description: 'OCPI versions in use with the partner' }),
      endpoints: list(
        object({ identifier: string(), role: choice(interfaceRoles), url: string() }, {}, { title: 'PartnerEndpoint' }),
      ),
      origins: list(string()),
      pending_origins: list(string(), { description: 'Asked for by the partner, not approved' }),
      switches: switchesView(vendorObjects),
      last_seen: nullable(time),
      created_at: time,
      credentials_at: time,
      unregistered_at: nullable(time),
      objects: map(integer(), 'How many objects of the partner are stored, by kind'),
    },
    {},
    { title: 'Partner' },
  );
export type PartnerView = Infer<ReturnType<typeof partnerView>>;

export const laneView = object(
  {
    partner_id: id,
    partner: string(),
    cursor: integer(),
    head: integer(),
    lag_objects: integer(),
    lag_seconds: number(),
    breaker: string({ description: 'Such as closed, open, half-open' }),
    in_flight: integer(),
    parked: integer(),
  },
  {},
  { title: 'Lane', description: 'How far one partner has got in the change sequence' },
);
export type LaneView = Infer<typeof laneView>;

export const parkedView = object(
  {
    partner_id: id,
    partner: string(),
    module: string(),
    object: string({ description: 'Such as DE/CP1/LOC1' }),
    attempts: integer(),
    http_status: nullable(integer()),
    status_code: nullable(integer()),
    reason: string(),
    parked_at: time,
  },
  {},
  { title: 'ParkedObject', description: 'An object that a partner keeps refusing' },
);
export type ParkedView = Infer<typeof parkedView>;

export const pullView = object(
  {
    partner_id: id,
    partner: string(),
    party: string({ description: 'Whose list, such as DE/CP1' }),
    module: string(),
    state: choice(['waiting', 'running', 'complete', 'stopped', 'failed']),
    full: boolean({ description: 'A full pull replaces what is stored, another one updates it' }),
    started_at: nullable(time),
    ended_at: nullable(time),
    pages: integer(),
    objects: integer({ description: 'Objects seen so far' }),
    total: nullable(integer({ description: "The partner's X-Total-Count" })),
    stored: integer(),
    refused: integer(),
    refusals: list(
      object({ reason: string(), count: integer(), sample: string({ description: 'Id of one of them' }) }),
      { description: 'Why objects were refused, the most frequent first' },
    ),
    detail: nullable(string()),
  },
  {},
  { title: 'Pull' },
);
export type PullView = Infer<typeof pullView>;

const legView = object(
  {
    request_id: nullable(string({ description: 'X-Request-ID of the second leg' })),
    http_status: nullable(integer()),
    status_code: nullable(integer()),
    outcome: string({ description: 'Such as answered, timeout, unreachable' }),
    duration_ms: number(),
  },
  {},
  { title: 'MessageLeg', description: 'What the hub sent to a party, and what came back' },
);

export const messageView = object(
  {
    seq: integer(),
    at: time,
    duration_ms: number(),
    partner_id: id,
    partner: string(),
    from: nullable(string({ description: 'Who asked, such as FR/EM1' })),
    to: nullable(string({ description: 'Whom the request named' })),
    module: string(),
    interface: nullable(choice(interfaceRoles)),
    method: string(),
    path: string({ description: 'Without uids of tokens and other secrets' }),
    scenario: nullable(string({ description: 'Which way of routing, such as direct or get-all' })),
    rules: list(string(), { description: 'Rules and agreements that decided' }),
    candidates: list(
      object(
        { party: string(), partner_id: nullable(string()), partner: nullable(string()), why: string() },
        { leg: legView },
        { title: 'MessageCandidate', description: 'A party that was asked, or could have been, and why' },
      ),
    ),
    candidates_left_out: integer(),
    http_status: integer(),
    status_code: integer(),
    outcome: choice(messageOutcomes),
    request_id: string({ description: 'X-Request-ID of the first leg' }),
    correlation_id: string(),
  },
  {},
  { title: 'Message', description: 'One request of a partner, where it went, and why there' },
);
export type MessageView = Infer<typeof messageView>;

export const messagesView = object(
  {
    messages: list(messageView, { description: 'Newest first' }),
    next: nullable(
      integer({
        description: '`before` of the next page; a long search may end with few messages, or none, and go on there',
      }),
    ),
  },
  {},
  { title: 'Messages' },
);
export type MessagesView = Infer<typeof messagesView>;

export const auditEntryView = object(
  {
    seq: integer(),
    at: time,
    actor: string(),
    action: string(),
    subject: string(),
    result: string(),
    source: nullable(string()),
    detail: anything(),
  },
  {},
  { title: 'AuditEntry' },
);
export type AuditEntryView = Infer<typeof auditEntryView>;

export const auditView = object(
  {
    chain: nullable(
      object(
        {
          intact: boolean(),
          first_broken: nullable(integer({ description: 'seq of the first entry that does not fit' })),
        },
        {},
        { description: 'Whether every entry carries the hash of the one before; null: not verified in this call' },
      ),
    ),
    entries: list(auditEntryView, { description: 'Newest first' }),
    next: nullable(integer({ description: '`before` of the next page' })),
  },
  {},
  { title: 'Audit' },
);

export const qualityView = object(
  {
    total: integer(),
    counts: list(object({ rule: string(), country_code: string(), party_id: string(), count: integer() })),
    samples: list(
      object({
        rule: string(),
        module: string(),
        country_code: string(),
        party_id: string(),
        object: string(),
        detail: string(),
      }),
    ),
  },
  {},
  { title: 'Quality', description: 'Objects that were taken in, or refused, with something to complain about' },
);
export type QualityView = Infer<typeof qualityView>;

/** A party, or all of them. */
export const partyOrAll = string({
  pattern: '^(\\*|[A-Za-z]{2}/[A-Za-z0-9]{3})$',
  description: 'a party such as DE/CP1, or * for all',
});
export const oneParty = string({ pattern: '^[A-Za-z]{2}/[A-Za-z0-9]{3}$', description: 'a party such as DE/CP1' });
export const agreedModule = string({
  pattern: `^(\\*|${sharedModules.join('|')})$|${customModulePattern.source}`,
  maxLength: 64,
  description: `${sharedModules.join(', ')}, a custom module such as nltnm-tokens, or * for all`,
});

export const agreementView = object(
  {
    id,
    giver: string({ description: 'A party such as DE/CP1, or * for all' }),
    taker: string({ description: 'A party such as FR/EM1, or * for all' }),
    module: string({ description: 'A module, or * for all' }),
    effect: choice(['allow', 'deny']),
    created_at: time,
  },
  { note: string() },
  { title: 'Agreement', description: 'What one party gives another through the hub, or does not' },
);
export type AgreementView = Infer<typeof agreementView>;

export const decisionView = object(
  {
    allowed: boolean(),
    rule: string({ description: 'own, open, closed DE/CP1, or the id of the agreement that decides' }),
  },
  { agreement: agreementView },
  { title: 'Decision', description: 'Whether one party gives another something, and why' },
);
export type DecisionView = Infer<typeof decisionView>;

export const sharing = choice(['open', 'closed'], {
  description: 'open: shares what no agreement denies; closed: shares only what an agreement allows',
});

export const partyView = object(
  {
    country_code: string(),
    party_id: string(),
    role: nullable(string({ description: 'null: the party is closed, and no partner speaks for it' })),
    partner_id: nullable(id),
    partner: nullable(string()),
    status: nullable(string()),
    sharing,
  },
  {},
  { title: 'Party', description: 'A party in one of its roles' },
);
export type PartyView = Infer<typeof partyView>;

export const partySharingView = object(
  { country_code: string(), party_id: string(), sharing },
  {},
  { title: 'PartySharing' },
);

export const problemView = object(
  { type: string(), title: string(), status: integer(), detail: string(), instance: string() },
  {
    errors: list(object({ pointer: string(), detail: string() })),
    reason: string({ description: 'Why a partner failed, for programs' }),
    status_code: integer({ description: 'OCPI status code, where one is known' }),
  },
  { title: 'Problem', description: 'RFC 9457' },
);
