import { methodNotAllowed, OcpiError, unauthorized } from '../../kernel/ocpi-error.js';
import { normalizeOrigin } from '../../platform/outbound/url-guard.js';
import {
  type Actor,
  type Caller,
  type Invite,
  isSpent,
  type Partner,
  type Partners,
  rolesOutside,
} from '../../platform/partners/index.js';
import {
  type Credentials,
  type HubIdentity,
  ownCredentials,
  readCredentials,
  type Validate,
} from './credentials-object.js';
import type { HandshakeTurns } from './handshake-turns.js';
import type { Discovery, PartnerDiscovery } from './partner-discovery.js';
import { ApprovalNeeded, refusalOf, refusalOfDiscovery, refuseRoles, registrationRunning } from './refusals.js';

export interface CredentialsOperationsDeps {
  readonly partners: Partners;
  readonly discovery: PartnerDiscovery;
  readonly turns: HandshakeTurns;
  readonly validate: Validate;
  readonly hub: HubIdentity;
  /** Told once a partner has registered or changed; must return at once. */
  readonly onRegistered: (partnerId: string) => void;
}

/** What is known of a request besides its caller and body. */
export interface RequestContext {
  readonly sourceAddress: string;
  readonly correlationId: string;
}

const registered = ['GET', 'PUT', 'DELETE'];
const unregistered = ['GET', 'POST'];

/**
 * The credentials module as receiver: a platform registers, renews, and leaves.
 *
 * Every handshake calls the partner back before it is answered, with no transaction open; then everything is stored in one
 * transaction, or nothing is. Spec: 2.2.1 §7 (C-01…C-31).
 */
export class CredentialsOperations {
  constructor(private readonly deps: CredentialsOperationsDeps) {}

  /** The token as it was presented, with the hub's own URL and role (C-01, C-30, A-34). */
  async getCredentials(caller: Caller): Promise<Credentials> {
    if (isSpent(caller)) throw unauthorized();
    return ownCredentials(this.deps.hub, caller.presentedToken);
  }

  /** Registers the platform that holds an invite. @throws OcpiError 405 if it is registered (C-08). */
  async postCredentials(caller: Caller, body: unknown, context: RequestContext): Promise<Credentials> {
    const { invite } = caller;
    if (!invite) throw methodNotAllowed(registered);
    if (isSpent(caller)) return this.repeatAnswer(invite, body, context);
    const presented = readCredentials(body, this.deps.validate);
    try {
      const answer = await this.deps.turns.run(invite.id, () =>
        this.claimAndRegister(caller, invite, presented, context),
      );
      this.deps.onRegistered(answer.partnerId);
      return answer.credentials;
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Takes a partner's new token, URL, roles and endpoints, and gives it a new token. @throws OcpiError 405 (C-09). */
  async putCredentials(caller: Caller, body: unknown, context: RequestContext): Promise<Credentials> {
    if (isSpent(caller)) throw unauthorized();
    const { partner } = caller;
    if (!partner) throw methodNotAllowed(unregistered);
    const presented = readCredentials(body, this.deps.validate);
    const actor = actorOf(`partner:${partner.id}`, context);
    try {
      const credentials = await this.deps.turns.run(partner.id, () =>
        this.update(caller, partner, presented, context, actor),
      );
      this.deps.onRegistered(partner.id);
      return credentials;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal instanceof OcpiError && refusal.httpStatus === 200 && !(refusal instanceof ApprovalNeeded)) {
        const subject = `partner:${partner.id}`;
        const result = refusal.statusMessage;
        await this.deps.partners.work.note({ actor, action: 'credentials.update', subject, result });
      }
      throw refusal;
    }
  }

  /** Ends the connection: tokens of both directions are void (C-17, A-72). @throws OcpiError 405 (C-10). */
  async deleteCredentials(caller: Caller, context: RequestContext): Promise<void> {
    if (isSpent(caller)) throw unauthorized();
    const { partner } = caller;
    if (!partner) throw methodNotAllowed(unregistered);
    const actor = actorOf(`partner:${partner.id}`, context);
    if (!(await this.deps.partners.registry.remove(partner.id, actor, caller.credentialId))) throw unauthorized();
  }

  private async claimAndRegister(
    caller: Caller,
    invite: Invite,
    presented: Credentials,
    context: RequestContext,
  ): Promise<{ readonly partnerId: string; readonly credentials: Credentials }> {
    const claim = await this.deps.partners.invites.claim(invite.id, { inTurn: true });
    if (claim.kind === 'gone') throw unauthorized();
    // Consumed since this request came in: it raced with the one that registered.
    if (claim.kind !== 'claimed') throw registrationRunning();
    return this.registerClaimed(caller, invite, claim.claimId, presented, context);
  }

  private async registerClaimed(
    caller: Caller,
    invite: Invite,
    claimId: string,
    presented: Credentials,
    context: RequestContext,
  ): Promise<{ readonly partnerId: string; readonly credentials: Credentials }> {
    const { discovery, hub, partners } = this.deps;
    const actor = actorOf(`invite:${invite.id}`, context);
    try {
      refuseRoles(rolesOutside(presented.roles, invite.roles), partners.invites.takenClaim(presented.roles));
      const origins = invite.origins.length > 0 ? invite.origins : [normalizeOrigin(presented.url) ?? ''];
      const found = await discovery.discover({
        versionsUrl: presented.url,
        token: presented.token,
        // Whoever sends its token raw is likely to expect ours so (T-05).
        forms: caller.form === 'raw' ? ['base64', 'raw'] : ['base64'],
        origins,
        correlationId: context.correlationId,
      });
      if (found.kind !== 'found') throw refusalOfDiscovery(found);
      const switches = {
        ...(caller.form === 'raw' ? { inbound_raw: true } : {}),
        ...(found.form === 'raw' ? { outbound_raw: true } : {}),
      };
      const introduction = {
        roles: presented.roles,
        versionsUrl: presented.url,
        endpoints: found.endpoints,
        outboundToken: presented.token,
      };
      const done = await partners.invites.register(invite.id, claimId, { ...introduction, origins, switches }, actor);
      if (!done) throw registrationRunning();
      return { partnerId: done.partner.id, credentials: ownCredentials(hub, done.token) };
    } catch (error) {
      const refusal = refusalOf(error);
      const reason = refusal instanceof OcpiError ? refusal.statusMessage : 'internal error';
      // If not even this can be stored, the claim runs out by itself.
      await partners.invites.release(invite.id, claimId, actor, reason).catch(() => undefined);
      throw refusal;
    }
  }

  private async update(
    caller: Caller,
    partner: Partner,
    presented: Credentials,
    context: RequestContext,
    actor: Actor,
  ): Promise<Credentials> {
    const { hub, partners } = this.deps;
    const { rotation } = partners;
    refuseRoles(rolesOutside(presented.roles, partner.allowedRoles), rotation.takenClaim(partner.id, presented.roles));
    const found = await this.discoverAgain(partner, presented, context);
    if (found.kind === 'foreign') {
      await rotation.requestOrigins(partner.id, found.origins, actor);
      throw new ApprovalNeeded(found.what);
    }
    if (found.kind !== 'found') throw refusalOfDiscovery(found);
    const introduction = {
      roles: presented.roles,
      versionsUrl: presented.url,
      endpoints: found.endpoints,
      outboundToken: presented.token,
    };
    const token = await rotation.rotateInbound(partner.id, caller.credentialId, introduction, actor);
    if (token === undefined) throw unauthorized();
    return ownCredentials(hub, token);
  }

  /** With the new token first; a partner that opens it only after the answer still takes the old one (C-12, A-38). */
  private async discoverAgain(partner: Partner, presented: Credentials, context: RequestContext): Promise<Discovery> {
    const { discovery, partners } = this.deps;
    const request = {
      versionsUrl: presented.url,
      forms: [partner.switches.outbound_raw ? 'raw' : 'base64'],
      origins: partner.origins,
      correlationId: context.correlationId,
    } as const;
    const found = await discovery.discover({ ...request, token: presented.token });
    const old = partners.directory.outboundToken(partner.id);
    if (found.kind !== 'unusable' || !found.answered || old === undefined) return found;
    return discovery.discover({ ...request, token: old });
  }

  /** Answers the POST that registered once more, with a fresh token, if its first answer may have been lost. */
  private async repeatAnswer(invite: Invite, body: unknown, context: RequestContext): Promise<Credentials> {
    const { hub, partners, validate } = this.deps;
    const presented = readRepeated(body, validate);
    if ((await partners.invites.claim(invite.id)).kind === 'busy') throw registrationRunning();
    const repeated = { outboundToken: presented.token, versionsUrl: presented.url };
    const token = await partners.invites.reissue(invite.id, repeated, actorOf(`invite:${invite.id}`, context));
    if (token === undefined) throw unauthorized();
    return ownCredentials(hub, token);
  }
}

/** A spent token learns nothing about what is wrong with a body. */
function readRepeated(body: unknown, validate: Validate): Credentials {
  try {
    return readCredentials(body, validate);
  } catch {
    throw unauthorized();
  }
}

function actorOf(name: string, context: RequestContext): Actor {
  return { name, source: context.sourceAddress };
}
