import type { Clock } from '../../kernel/clock.js';
import { isCredentialsToken, type TokenForm } from '../../kernel/credentials-token.js';
import type { Method, OutboundOutcome } from '../../platform/outbound/outbound-types.js';
import { isSuccess } from '../../platform/outbound/outbound-types.js';
import { normalizeOrigin } from '../../platform/outbound/url-guard.js';
import {
  type Actor,
  credentialsUrl,
  type Partner,
  type PartnerEndpoint,
  type Partners,
  PartyTaken,
  type Registration,
  type RoleClaim,
  roleKey,
  rolesOutside,
} from '../../platform/partners/index.js';
import {
  type Credentials,
  type HubIdentity,
  ownCredentials,
  readCredentials,
  type Validate,
} from './credentials-object.js';
import { type HandshakeTurns, NotYourTurn } from './handshake-turns.js';
import { isWithin, type PartnerCalls, type PartnerDiscovery, parsedData } from './partner-discovery.js';
import {
  conflict,
  failureOfDiscovery,
  RegistrationFailure,
  refusedBy,
  unknownPartner,
} from './registration-failure.js';

export interface CredentialsInitiatorDeps {
  readonly partners: Partners;
  readonly calls: PartnerCalls;
  readonly discovery: PartnerDiscovery;
  readonly turns: HandshakeTurns;
  readonly validate: Validate;
  readonly hub: HubIdentity;
  readonly clock: Clock;
  /** Told once a partner has registered or changed; must return at once. */
  readonly onRegistered: (partnerId: string) => void;
}

/** What the operator hands over to register the hub at a partner. */
export interface RegistrationOrder {
  readonly name: string;
  readonly versions_url: string;
  /** The partner's token A. */
  readonly token: string;
  /** Which parties the partner may bring; left out: those that it names. */
  readonly roles?: readonly RoleClaim[];
  /** Left out: the origin of the versions URL. */
  readonly origins?: readonly string[];
}

const day = 86_400_000;

/**
 * The credentials module as initiator: the hub registers at a partner, renews the tokens, and leaves.
 *
 * Spec: 2.2.1 §7.1 (C-16, C-23, C-24, C-29, A-35). Every method throws {@link RegistrationFailure} with a sentence for the operator.
 */
export class CredentialsInitiator {
  constructor(private readonly deps: CredentialsInitiatorDeps) {}

  /**
   * Registers the hub at a partner. If an earlier try with the same token A and URL was cut off after its POST, the POST is
   * repeated with the same token B.
   */
  async startRegistration(order: RegistrationOrder, actor: Actor): Promise<Partner> {
    const origin = normalizeOrigin(order.versions_url);
    if (origin === undefined) throw new RegistrationFailure('invalid', 'The versions URL is no http or https URL.');
    if (!isCredentialsToken(order.token))
      throw new RegistrationFailure('invalid', 'The token must be 1 to 64 printable characters without blanks.');
    const origins = order.origins && order.origins.length > 0 ? order.origins : [origin];
    const partner = await this.inTurn(`register ${order.versions_url}`, async () => {
      const request = {
        name: order.name,
        versionsUrl: order.versions_url,
        token: order.token,
        roles: order.roles,
        origins,
      };
      const registration = await this.deps.partners.registrations.begin(request, actor);
      return this.carryOut(registration, order, origins, actor);
    });
    this.deps.onRegistered(partner.id);
    return partner;
  }

  /** Renews the tokens of both directions by PUT at the partner (C-23, C-24). Our old token stays good until the new one is used. */
  async rotate(partnerId: string, actor: Actor): Promise<Partner> {
    const { partners } = this.deps;
    return this.inTurn(partnerId, async () => {
      // The last exchange may have been another node's.
      await partners.catchUp();
      const { partner, url, token } = this.reachable(partnerId);
      const offered = await partners.rotation.offerToken(partnerId);
      if (!offered) throw unknownPartner();
      const outcome = await this.call('PUT', url, partner, token, ownCredentials(this.deps.hub, offered.token));
      const renewed = credentialsIn(outcome, this.deps.validate);
      if (renewed) {
        if (!(await partners.rotation.rotateOutbound(partnerId, offered.id, renewed.token, actor)))
          throw unknownPartner();
        return partners.directory.byId(partnerId) ?? partner;
      }
      const failure = refusedBy(outcome, [offered.token, token]);
      const mayBeTaken = failure.reason === 'unclear';
      await partners.rotation.abandonRotation(partnerId, offered.id, { mayBeTaken, reason: failure.message }, actor);
      throw failure;
    });
  }

  /** Renews the tokens of every partner whose switch asks for it (C-23). Failures are audited and tried again at the next call. */
  async rotateDue(actor: Actor): Promise<void> {
    const { clock, partners } = this.deps;
    for (const { id, credentialsAt, status, switches } of partners.directory.all()) {
      const days = switches.auto_rotate_days;
      if (days === 0 || status !== 'CONNECTED' || clock.now() < credentialsAt + days * day) continue;
      await this.rotate(id, actor).catch((error: unknown) => {
        if (!(error instanceof RegistrationFailure)) throw error;
      });
    }
  }

  /** Tells the partner that the connection ends, and ends it, whatever the partner says (C-17, A-72). */
  async unregister(partnerId: string, actor: Actor): Promise<{ readonly partnerInformed: boolean }> {
    const { partners } = this.deps;
    const partner = partners.directory.byId(partnerId);
    if (!partner) throw unknownPartner();
    const url = credentialsUrl(partner.endpoints);
    const token = partners.directory.outboundToken(partnerId);
    const informed =
      url !== undefined && token !== undefined && isSuccess(await this.call('DELETE', url, partner, token));
    if (!(await partners.registry.remove(partnerId, actor))) throw unknownPartner();
    return { partnerInformed: informed };
  }

  private async carryOut(
    registration: Registration,
    order: RegistrationOrder,
    origins: readonly string[],
    actor: Actor,
  ): Promise<Partner> {
    const { hub, partners } = this.deps;
    const { registrations } = partners;
    try {
      const endpoints = registration.endpoints ?? (await this.discover(order, origins));
      const url = credentialsUrl(endpoints) ?? '';
      if (registration.step === 'DISCOVER') await registrations.posting(registration.id, endpoints);
      const target = { origins, switches: { outbound_raw: false } };
      const outcome = await this.call('POST', url, target, order.token, ownCredentials(hub, registration.token));
      const answer = credentialsIn(outcome, this.deps.validate);
      if (!answer) throw refusedBy(outcome, [registration.token, order.token]);
      return await this.complete(registration.id, order, { origins, endpoints, url, answer }, actor);
    } catch (error) {
      const failure = error instanceof RegistrationFailure ? error : undefined;
      if (failure?.reason === 'unclear') await registrations.leaveOpen(registration.id, actor, failure.message);
      else if (failure) await registrations.abandon(registration.id, actor, failure.message);
      throw error;
    }
  }

  private async discover(order: RegistrationOrder, origins: readonly string[]): Promise<readonly PartnerEndpoint[]> {
    const found = await this.deps.discovery.discover({
      versionsUrl: order.versions_url,
      token: order.token,
      forms: ['base64'],
      origins,
    });
    // C-16: whoever lacks what is needed gets no POST.
    if (found.kind !== 'found') throw failureOfDiscovery(found);
    return found.endpoints;
  }

  private async complete(
    id: string,
    order: RegistrationOrder,
    found: {
      readonly origins: readonly string[];
      readonly endpoints: readonly PartnerEndpoint[];
      readonly url: string;
      readonly answer: Credentials;
    },
    actor: Actor,
  ): Promise<Partner> {
    const { answer, endpoints, origins, url } = found;
    const { registrations } = this.deps.partners;
    try {
      const [outside] = order.roles ? rolesOutside(answer.roles, order.roles) : [];
      if (outside) throw conflict(`${roleKey(outside)} is not among the roles that were asked for.`);
      const taken = registrations.takenClaim(answer.roles);
      if (taken) throw conflict(new PartyTaken(taken).message);
      const partner = await registrations.complete(
        id,
        {
          roles: answer.roles,
          // The partner's own statement, unless it leads away from what the operator agreed to.
          versionsUrl: isWithin(origins, answer.url) ? answer.url : order.versions_url,
          endpoints,
          outboundToken: answer.token,
        },
        actor,
      );
      if (!partner) throw conflict('The registration was withdrawn.');
      return partner;
    } catch (error) {
      const failure = error instanceof PartyTaken ? conflict(error.message) : error;
      // The partner believes that we are registered; leave it no connection that we do not know.
      if (failure instanceof RegistrationFailure)
        await this.call('DELETE', url, { origins, switches: { outbound_raw: false } }, answer.token);
      throw failure;
    }
  }

  private reachable(partnerId: string): { readonly partner: Partner; readonly url: string; readonly token: string } {
    const partner = this.deps.partners.directory.byId(partnerId);
    const url = partner && credentialsUrl(partner.endpoints);
    const token = this.deps.partners.directory.outboundToken(partnerId);
    if (!partner || url === undefined || token === undefined) throw unknownPartner();
    return { partner, url, token };
  }

  private call(
    method: Method,
    url: string,
    target: { readonly origins: readonly string[]; readonly switches: { readonly outbound_raw: boolean } },
    token: string,
    body?: Credentials,
  ): Promise<OutboundOutcome> {
    const tokenForm: TokenForm = target.switches.outbound_raw ? 'raw' : 'base64';
    const { origins } = target;
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return this.deps.calls.send({ method, url, token, tokenForm, origins, profile: 'handshake', ...text });
  }

  private async inTurn<T>(key: string, handshake: () => Promise<T>): Promise<T> {
    try {
      return await this.deps.turns.run(key, handshake);
    } catch (error) {
      throw error instanceof NotYourTurn ? new RegistrationFailure('busy', error.message) : error;
    }
  }
}

/** The credentials in a successful answer, 200 or 201. */
function credentialsIn(outcome: OutboundOutcome, validate: Validate): Credentials | undefined {
  if (!isSuccess(outcome)) return undefined;
  try {
    return readCredentials(parsedData(outcome), validate);
  } catch {
    return undefined;
  }
}
