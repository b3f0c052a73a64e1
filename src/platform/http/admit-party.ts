import type { IncomingHttpHeaders } from 'node:http';
import type { InterfaceRole, Role } from '../../kernel/module-id.js';
import { invalidParameters, notYourParty } from '../../kernel/ocpi-error.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import type { Partner } from '../partners/index.js';
import { type Addressing, readRoutingHeaders, type Scenario, scenario } from '../routing/index.js';
import type { PartyEndpoint } from './define-module.js';

export interface Admission {
  readonly partner: Partner;
  readonly endpoint: PartyEndpoint;
  readonly interfaceRole: InterfaceRole;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: Readonly<Record<string, string>>;
  readonly hub: PartyRef;
  /** Roles of a party that stands behind a partner which is itself a hub; empty if there is none (O-06, A-18). */
  readonly rolesBehind?: (partnerId: string, party: PartyRef) => readonly Role[];
  /** Told who asks as soon as that is known, so that refusals carry the routing headers too. */
  readonly onRequester: (from: PartyRef) => void;
  /** Told whom the request names. */
  readonly onReceiver?: (to: PartyRef) => void;
}

export interface ActingParty {
  readonly from: PartyRef;
  readonly scenario: Scenario;
}

/** What is stored: for the hub, whether it is named or nobody is. */
const stored: Addressing = { hub: 'local', nobody: 'local' };

/**
 * Decides whether the caller may do this, and in whose name.
 *
 * @throws OcpiError 404/2001 if the path's owner is no party of the caller in a fitting role (O-05); 200/2001 if FROM is a
 *   stranger's or missing where several parties could be meant; what {@link scenario} throws.
 */
export function admitParty(admission: Admission): ActingParty {
  const { partner, endpoint, params, hub } = admission;
  const routing = readRoutingHeaders(admission.headers);
  const speaksFor = (party: PartyRef, roles?: readonly Role[]): boolean =>
    hasParty(partner, party, roles) || isBehind(admission, party, roles);
  if (routing.from && speaksFor(routing.from)) admission.onRequester(routing.from);
  if (routing.to) admission.onReceiver?.(routing.to);
  const owner = endpoint.owner === 'path' ? ownerOf(params) : undefined;
  if (owner && !speaksFor(owner, endpoint.roles)) throw notYourParty();
  const from = routing.from ?? (owner && asRegistered(partner, owner)) ?? onlyParty(partner, endpoint.roles);
  if (!from)
    throw invalidParameters(
      'OCPI-from-country-code and OCPI-from-party-id must say for which of your parties you act.',
    );
  if (!speaksFor(from, owner ? undefined : endpoint.roles))
    throw invalidParameters('The OCPI-from headers name no party of yours that may do this.');
  if (!routing.from) admission.onRequester(from);
  const found = scenario({
    method: admission.method,
    interfaceRole: admission.interfaceRole,
    addressing: endpoint.addressing ?? stored,
    to: routing.to,
    hub,
  });
  const isOpenList = found.kind === 'get-all' && endpoint.path === '' && !routing.to;
  if (isOpenList && partner.switches.list_without_to === 'refuse')
    throw invalidParameters('OCPI-to must name the party, or the hub, whose list this is.');
  return { from, scenario: found };
}

function ownerOf(params: Readonly<Record<string, string>>): PartyRef {
  return { country_code: params.country_code ?? '', party_id: params.party_id ?? '' };
}

/** A party as its platform spells it: the path may spell it otherwise. */
function asRegistered(partner: Partner, party: PartyRef): PartyRef {
  const own = partner.roles.find((entry) => sameParty(entry, party));
  return own ? { country_code: own.country_code, party_id: own.party_id } : party;
}

function hasParty(partner: Partner, party: PartyRef, roles?: readonly Role[]): boolean {
  return partner.roles.some((entry) => sameParty(entry, party) && (!roles || roles.includes(entry.role)));
}

/** A hub speaks for those behind it. */
function isBehind({ partner, rolesBehind }: Admission, party: PartyRef, roles?: readonly Role[]): boolean {
  if (!rolesBehind || !partner.roles.some(({ role }) => role === 'HUB')) return false;
  return rolesBehind(partner.id, party).some((role) => !roles || roles.includes(role));
}

/** The one party of the platform that could be meant, if there is just one. */
function onlyParty(partner: Partner, roles: readonly Role[]): PartyRef | undefined {
  const fitting = new Map(
    partner.roles.filter((entry) => roles.includes(entry.role)).map((entry) => [partyKey(entry), entry]),
  );
  const [only] = fitting.values();
  return fitting.size === 1 ? only : undefined;
}
