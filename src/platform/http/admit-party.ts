import type { IncomingHttpHeaders } from 'node:http';
import type { InterfaceRole, ModuleId, Role } from '../../kernel/module-id.js';
import { invalidParameters, notYourParty } from '../../kernel/ocpi-error.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import type { Partner } from '../partners/index.js';
import { readRoutingHeaders, type Scenario, scenario } from '../routing/index.js';
import type { PartyEndpoint } from './define-module.js';

export interface Admission {
  readonly partner: Partner;
  readonly endpoint: PartyEndpoint;
  readonly module: ModuleId;
  readonly interfaceRole: InterfaceRole;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: Readonly<Record<string, string>>;
  readonly hub: PartyRef;
  readonly isKnownParty: (party: PartyRef) => boolean;
  /** Told who asks as soon as that is known, so that refusals carry the routing headers too. */
  readonly onRequester: (from: PartyRef) => void;
}

export interface ActingParty {
  readonly from: PartyRef;
  readonly scenario: Scenario;
}

/**
 * Decides whether the caller may do this, and in whose name.
 *
 * @throws OcpiError 404/2001 if the path's owner is no party of the caller in a fitting role (O-05); 200/2001 if FROM is a
 *   stranger's or missing where several parties could be meant; what {@link scenario} throws.
 */
export function admitParty(admission: Admission): ActingParty {
  const { partner, endpoint, params, hub } = admission;
  const routing = readRoutingHeaders(admission.headers);
  if (routing.from && hasParty(partner, routing.from)) admission.onRequester(routing.from);
  const owner = endpoint.owner === 'path' ? ownerOf(params) : undefined;
  if (owner && !hasParty(partner, owner, endpoint.roles)) throw notYourParty();
  const from = routing.from ?? owner ?? onlyParty(partner, endpoint.roles);
  if (!from)
    throw invalidParameters(
      'OCPI-from-country-code and OCPI-from-party-id must say for which of your parties you act.',
    );
  if (!hasParty(partner, from, owner ? undefined : endpoint.roles))
    throw invalidParameters('The OCPI-from headers name no party of yours that may do this.');
  if (!routing.from) admission.onRequester(from);
  return {
    from,
    scenario: scenario({
      method: admission.method,
      module: admission.module,
      interfaceRole: admission.interfaceRole,
      to: routing.to,
      hub,
      isKnownParty: admission.isKnownParty,
    }),
  };
}

function ownerOf(params: Readonly<Record<string, string>>): PartyRef {
  return { country_code: params.country_code ?? '', party_id: params.party_id ?? '' };
}

function hasParty(partner: Partner, party: PartyRef, roles?: readonly Role[]): boolean {
  return partner.roles.some((entry) => sameParty(entry, party) && (!roles || roles.includes(entry.role)));
}

/** The one party of the platform that could be meant, if there is just one. */
function onlyParty(partner: Partner, roles: readonly Role[]): PartyRef | undefined {
  const fitting = new Map(
    partner.roles.filter((entry) => roles.includes(entry.role)).map((entry) => [partyKey(entry), entry]),
  );
  const [only] = fitting.values();
  return fitting.size === 1 ? only : undefined;
}
