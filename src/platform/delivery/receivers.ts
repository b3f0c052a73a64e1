import type { TokenForm } from '../../kernel/credentials-token.js';
import type { Role } from '../../kernel/module-id.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { SharingPolicy } from '../agreements/index.js';
import type { RoleClaim } from '../partners/partner.js';
import { routingHeaders } from '../routing/index.js';
import type { ChangeRow } from '../storage/index.js';
import type { LanePartner } from './ports.js';

/** Who is told of changes by one call: a party, or a platform as a whole. */
export interface Receiver {
  /** `NL/EM1`; '' = the platform. */
  readonly key: string;
  /** Party keys of those that it is for; it is enough if one of them may have it. */
  readonly takers: readonly string[];
  /** TO = this party, FROM = the hub; none to a platform (R-02, H-12). */
  readonly headers: Readonly<Record<string, string>>;
}

/** How a partner is reached for one module. */
export interface ModuleRoute {
  /** Its RECEIVER endpoint, without a slash at the end. */
  readonly base: string;
  /** Who gets what most owners push. */
  readonly receivers: readonly Receiver[];
  /** Who gets what a party pushes that is OTHER and nothing else. */
  readonly ofOthers: readonly Receiver[];
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
  /** Names of members that are not sent. */
  readonly withheld: readonly string[];
  readonly modules: ReadonlyMap<string, ModuleRoute>;
  /** Of any module: so many calls one row can take. */
  readonly mostReceivers: number;
}

/** What decides who is told, apart from the partner. */
export interface Audience {
  readonly policy: SharingPolicy;
  /** Whether a party (by its key) is OTHER and nothing else. */
  isOther(owner: string): boolean;
  /** Party keys of those whose objects of this module go out. */
  owners(module: string): readonly string[];
  /** Whether a ClientInfo of this party (by its key) is for this partner at all. */
  tells(partnerId: string, owner: string): boolean;
}

interface Rule {
  /** Who gets it. */
  readonly roles: readonly Role[];
  /** Whose it is. */
  readonly owners: readonly Role[];
}

const consumers: readonly Role[] = ['EMSP', 'NSP', 'NAP', 'OTHER'];
const operators: readonly Role[] = ['CPO'];

/** Who gets what an owner pushes; a HUB and an SCSP nothing. Spec: 2.2.1 §4.1.8.3, R-22, R-23. */
const broadcasts: ReadonlyMap<string, Rule> = new Map([
  ['locations', { roles: consumers, owners: operators }],
  ['tariffs', { roles: consumers, owners: operators }],
  ['tokens', { roles: operators, owners: ['EMSP', 'OTHER'] }],
]);
/** Goes to platforms, whatever their roles. Spec: 2.2.1 §14.2.1, H-05. */
const clientInfo = 'hubclientinfo';

/** How to reach a partner, or undefined if it is told nothing. */
export function routeTo(partner: LanePartner, token: string | undefined, hub: PartyRef): LaneRoute | undefined {
  const away = partner.status === 'SUSPENDED' || partner.status === 'PLANNED' || partner.unregisteredAt !== undefined;
  if (away || token === undefined || !partner.switches.push) return undefined;
  const modules = new Map<string, ModuleRoute>();
  const offer = (module: string, receivers: readonly Receiver[], ofOthers: readonly Receiver[]): void => {
    const endpoint = partner.endpoints.find((one) => one.identifier === module && one.role === 'RECEIVER');
    if (!endpoint || receivers.length + ofOthers.length === 0) return;
    modules.set(module, { base: endpoint.url.replace(/\/+$/, ''), receivers, ofOthers });
  };
  for (const [module, { roles }] of broadcasts)
    offer(module, receiversOf(partner, roles, hub), receiversOf(partner, operators, hub));
  const platform = [{ key: '', takers: [...new Set(partner.roles.map(partyKey))], headers: {} }];
  offer(clientInfo, platform, platform);
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
    withheld: partner.switches.withheld,
    modules,
    mostReceivers: Math.max(...[...modules.values()].map((one) => Math.max(one.receivers.length, one.ofOthers.length))),
  };
}

/** Who would get a row if everybody shared everything: not whom it came from. */
export function candidatesFor(
  route: LaneRoute,
  module: string,
  owner: string,
  audience: Pick<Audience, 'isOther'>,
): readonly Receiver[] {
  const way = route.modules.get(module);
  if (!way) return none;
  const receivers = audience.isOther(owner) ? way.ofOthers : way.receivers;
  return receivers.some((one) => one.takers.includes(owner))
    ? receivers.filter((one) => !one.takers.includes(owner))
    : receivers;
}

/** Whether the policy lets a receiver have what an owner gives. */
export function mayHave(receiver: Receiver, module: string, owner: string, policy: SharingPolicy): boolean {
  return policy.isOpen || receiver.takers.some((taker) => policy.shares(owner, taker, module));
}

/** Who gets a row now. */
export function receiversFor(
  route: LaneRoute,
  { module, owner }: Pick<ChangeRow, 'module' | 'owner'>,
  audience: Audience,
): readonly Receiver[] {
  const { policy } = audience;
  const candidates = candidatesFor(route, module, owner, audience);
  if (policy.isOpen && module !== clientInfo) return candidates;
  const allowed = candidates.filter((one) => mayHave(one, module, owner, policy));
  return module === clientInfo && !audience.tells(route.partnerId, owner) ? none : allowed;
}

/** Who pushes what, by all parties and their roles. Looked up once and again after `changed`. */
export function audienceOf(
  parties: () => readonly RoleClaim[],
  policy: SharingPolicy,
  tells: Audience['tells'],
): Audience & { changed(): void } {
  let known:
    | { readonly others: ReadonlySet<string>; readonly roles: ReadonlyMap<string, ReadonlySet<Role>> }
    | undefined;
  const look = (): NonNullable<typeof known> => {
    if (known) return known;
    const roles = new Map<string, Set<Role>>();
    for (const entry of parties()) {
      const key = partyKey(entry);
      roles.set(key, (roles.get(key) ?? new Set()).add(entry.role));
    }
    const others = [...roles].filter(([, own]) => own.size === 1 && own.has('OTHER')).map(([key]) => key);
    known = { others: new Set(others), roles };
    return known;
  };
  return {
    policy,
    tells,
    isOther: (owner) => look().others.has(owner),
    owners: (module) => {
      const rule = broadcasts.get(module);
      const all = [...look().roles];
      if (!rule) return all.map(([key]) => key);
      const owns = (own: ReadonlySet<Role>, key: string): boolean =>
        rule.owners.some((role) => own.has(role)) || look().others.has(key);
      return all.filter(([key, own]) => owns(own, key)).map(([key]) => key);
    },
    changed: () => {
      known = undefined;
    },
  };
}

const none: readonly Receiver[] = [];

/** One receiver per party, even if it has several roles; two parties of one platform are two. */
function receiversOf(partner: LanePartner, roles: readonly Role[], hub: PartyRef): readonly Receiver[] {
  const parties = new Map<string, PartyRef>();
  for (const entry of partner.roles) if (roles.includes(entry.role)) parties.set(partyKey(entry), entry);
  return [...parties].map(([key, party]) => ({ key, takers: [key], headers: routingHeaders(party, hub) }));
}
