import type { InterfaceRole, Role } from '../../kernel/module-id.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { Partner, PartnerStatus } from '../partners/index.js';
import { receivingRoles } from './receiving-roles.js';

/** A party that another hub speaks for, as that hub's ClientInfo says (O-06, H-18). */
export interface RemoteParty extends PartyRef {
  readonly role: Role;
  readonly status: PartnerStatus;
  /** The partner, a hub, that it is behind. */
  readonly partnerId: string;
}

/** The parties behind other hubs, in memory. */
export interface RemoteParties {
  all(): readonly RemoteParty[];
  /** In all its roles, and behind all hubs that named it. */
  of(party: PartyRef): readonly RemoteParty[];
}

export const noRemoteParties: RemoteParties = { all: () => [], of: () => [] };

/** What is needed of the partner directory. */
export interface PartnerBook {
  all(): readonly Partner[];
  byId(id: string): Partner | undefined;
  /** All partners that speak for a party, in whatever role. */
  speakingFor(party: PartyRef): readonly Partner[];
  outboundToken(partnerId: string): string | undefined;
}

/** Where a message for a party goes. */
export interface Reached {
  readonly kind: 'reached';
  readonly party: PartyRef;
  readonly partner: Partner;
  /** The endpoint for the module and interface, without a slash at the end. */
  readonly url: string;
  /** In clear. */
  readonly token: string;
}

export type Reachability =
  | Reached
  /** Nobody here has this party. */
  | { readonly kind: 'unknown' }
  /** It is registered, and nothing may be sent to it now. */
  | { readonly kind: 'away'; readonly partner: Partner; readonly status: PartnerStatus }
  /** It does not offer this module on this side. */
  | { readonly kind: 'not-offered'; readonly partner: Partner };

/** A partner that could serve, in which status the party is there. */
interface Option {
  readonly partner: Partner;
  readonly status: PartnerStatus;
}

/** Which partner speaks for which party, in which role, and how it is reached. */
export class PartyBook {
  constructor(
    private readonly partners: PartnerBook,
    private readonly remote: RemoteParties = noRemoteParties,
  ) {}

  /** Whether anybody here, or behind another hub, has this party. */
  knows(party: PartyRef): boolean {
    return this.partners.speakingFor(party).length > 0 || this.remote.of(party).length > 0;
  }

  /** Every party of a role, each once; `except` leaves out the parties of one partner. */
  partiesIn(wanted: readonly Role[], except?: string): readonly PartyRef[] {
    const found = new Map<string, PartyRef>();
    const add = (party: PartyRef & { readonly role: Role }, partnerId: string): void => {
      if (partnerId !== except && wanted.includes(party.role)) found.set(partyKey(party), party);
    };
    for (const partner of this.partners.all()) for (const role of partner.roles) add(role, partner.id);
    for (const party of this.remote.all()) add(party, party.partnerId);
    return [...found.values()].map(({ country_code, party_id }) => ({ country_code, party_id }));
  }

  /**
   * How a party is reached for a module and interface. The role is picked from these; the same party may be CPO on one
   * platform and eMSP on another.
   *
   * @param except a partner that it must not be: the hub that the message came from
   */
  reach(party: PartyRef, module: string, interfaceRole: InterfaceRole, except?: string): Reachability {
    const wanted = receivingRoles(module, interfaceRole);
    const options = wanted.flatMap((role) => this.inRole(party, role, except));
    const any = options.length > 0 ? options : this.inRole(party, undefined, except);
    let best: Reachability = { kind: 'unknown' };
    for (const option of any) {
      const found = this.through(option, party, module, interfaceRole);
      if (found.kind === 'reached') return found;
      if (best.kind === 'unknown' || (best.kind === 'not-offered' && found.kind === 'away')) best = found;
    }
    return best;
  }

  private inRole(party: PartyRef, role: Role | undefined, except: string | undefined): readonly Option[] {
    const key = partyKey(party);
    const isMeant = (one: PartyRef & { readonly role: Role }): boolean =>
      partyKey(one) === key && (role === undefined || one.role === role);
    const own = this.partners
      .speakingFor(party)
      .filter((partner) => partner.roles.some(isMeant))
      .map((partner) => ({ partner, status: partner.status }));
    const behind = this.remote
      .of(party)
      .filter(isMeant)
      .flatMap(({ partnerId, status }) => {
        const partner = this.partners.byId(partnerId);
        // A hub that is away itself says more than what it last said of its parties.
        return partner ? [{ partner, status: partner.status === 'CONNECTED' ? status : partner.status }] : [];
      });
    return [...own, ...behind].filter(({ partner }) => partner.id !== except);
  }

  private through(option: Option, party: PartyRef, module: string, interfaceRole: InterfaceRole): Reachability {
    const { partner, status } = option;
    const token = this.partners.outboundToken(partner.id);
    if (status !== 'CONNECTED' || partner.unregisteredAt !== undefined || token === undefined)
      return { kind: 'away', partner, status: status === 'CONNECTED' ? 'SUSPENDED' : status };
    const endpoint = partner.endpoints.find((one) => one.identifier === module && one.role === interfaceRole);
    if (!endpoint) return { kind: 'not-offered', partner };
    return { kind: 'reached', party, partner, url: endpoint.url.replace(/\/+$/, ''), token };
  }
}
