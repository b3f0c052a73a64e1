import type { TokenForm } from '../../kernel/credentials-token.js';
import type { ModuleId, Role } from '../../kernel/module-id.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import { routingHeaders } from '../routing/index.js';
import type { ChangeRow } from '../storage/index.js';
import type { Admits, LanePartner } from './ports.js';

/** A party that is told of changes. */
export interface Receiver {
  readonly party: PartyRef;
  /** `NL/EM1` */
  readonly key: string;
  /** TO = this party, FROM = the hub. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How a partner is reached for one module. */
export interface ModuleRoute {
  /** Its RECEIVER endpoint, without a slash at the end. */
  readonly base: string;
  readonly receivers: readonly Receiver[];
}

/** All that a lane must know of its partner to send. Made anew when the partner changes. */
export interface LaneRoute {
  readonly partnerId: string;
  readonly token: string;
  readonly tokenForm: TokenForm;
  readonly origins: readonly string[];
  readonly versionsUrl: string;
  /** When tokens were last exchanged, ms since the epoch. */
  readonly credentialsAt: number;
  readonly lenient: boolean;
  /** What was missed during an outage is left to the partner's own GET. */
  readonly pullOnly: boolean;
  /** Shown as OFFLINE: nothing but probes of the platform (H-10). */
  readonly offline: boolean;
  readonly modules: ReadonlyMap<string, ModuleRoute>;
  /** Of any module: so many calls one row can take. */
  readonly mostReceivers: number;
}

/** Who gets what an owner pushes. Spec: 2.2.1 §4.1.8.3, R-22, R-23. */
const receivingRoles: Readonly<Partial<Record<ModuleId, readonly Role[]>>> = {
  locations: ['EMSP', 'NSP', 'NAP', 'OTHER'],
  tariffs: ['EMSP', 'NSP', 'NAP', 'OTHER'],
};

/** How to reach a partner, or undefined if it is told nothing. */
export function routeTo(partner: LanePartner, token: string | undefined, hub: PartyRef): LaneRoute | undefined {
  const away = partner.status === 'SUSPENDED' || partner.status === 'PLANNED' || partner.unregisteredAt !== undefined;
  if (away || token === undefined || !partner.switches.push) return undefined;
  const modules = new Map<string, ModuleRoute>();
  for (const [module, roles] of Object.entries(receivingRoles)) {
    const endpoint = partner.endpoints.find((one) => one.identifier === module && one.role === 'RECEIVER');
    const receivers = receiversOf(partner, roles, hub);
    if (endpoint && receivers.length > 0) modules.set(module, { base: endpoint.url.replace(/\/+$/, ''), receivers });
  }
  if (modules.size === 0) return undefined;
  return {
    partnerId: partner.id,
    token,
    tokenForm: partner.switches.outbound_raw ? 'raw' : 'base64',
    origins: partner.origins,
    versionsUrl: partner.versionsUrl,
    credentialsAt: partner.credentialsAt,
    lenient: partner.switches.lenient_envelope,
    pullOnly: partner.switches.catch_up === 'pull_only',
    offline: partner.status === 'OFFLINE',
    modules,
    mostReceivers: Math.max(...[...modules.values()].map((one) => one.receivers.length)),
  };
}

/** The parties of a partner that get a row: not the one it came from, and only whom `admits` lets. */
export function receiversFor(route: LaneRoute, row: ChangeRow, admits: Admits | undefined): readonly Receiver[] {
  const receivers = route.modules.get(row.module)?.receivers;
  if (!receivers) return [];
  const isMeant = (one: Receiver): boolean => one.key !== row.owner && (!admits || admits(one.party, row));
  return receivers.every(isMeant) ? receivers : receivers.filter(isMeant);
}

/** One receiver per party, even if it has several roles; two parties of one platform are two. */
function receiversOf(partner: LanePartner, roles: readonly Role[], hub: PartyRef): readonly Receiver[] {
  const parties = new Map<string, PartyRef>();
  for (const entry of partner.roles) if (roles.includes(entry.role)) parties.set(partyKey(entry), entry);
  return [...parties].map(([key, party]) => ({
    key,
    party: { country_code: party.country_code, party_id: party.party_id },
    headers: routingHeaders(party, hub),
  }));
}
