import { randomUUID, timingSafeEqual } from 'node:crypto';
import { credentialEntity, type InviteRow, inviteEntity } from './credential-entities.js';
import { type Actor, type Invite, type Partner, type PartnerSwitches, type RoleClaim, roleKey } from './partner.js';
import { partnerEntity } from './partner-entities.js';
import { toInvite } from './partner-rows.js';
import type { PartnerWork, Unit } from './partner-work.js';
import {
  deleteCredentials,
  type Introduction,
  insertCredential,
  insertPartner,
  isHubParty,
  takenClaim,
} from './partner-writes.js';

const second = 1_000;
const day = 86_400 * second;

/** How long an invite is good for unless said otherwise. */
export const defaultInviteDays = 14;
/** A claim that is older was left behind: longer than any handshake can take. */
export const claimLeaseMs = 120 * second;
/** How long after a registration its POST may be repeated because the answer was lost. */
export const replayGraceMs = 600 * second;
/** A repetition that comes sooner is a race, not somebody who has waited for an answer in vain. */
export const replayPauseMs = 2 * second;

export interface InviteRequest {
  readonly name: string;
  readonly roles: readonly RoleClaim[];
  readonly origins?: readonly string[];
  /** Default {@link defaultInviteDays}. */
  readonly expiresInDays?: number;
}

export interface IssuedInvite {
  readonly invite: Invite;
  /** Token A, shown once. */
  readonly token: string;
}

export type Claim =
  | { readonly kind: 'claimed'; readonly claimId: string }
  /** Another registration with this invite is under way, or has just ended. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'consumed' }
  | { readonly kind: 'gone' };

/** Thrown when an invite cannot be made as asked; the message is for the operator. */
export class InviteRefusal extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'InviteRefusal';
  }
}

/**
 * Invites: the right to register one platform for exact parties and roles, single use, with an end (C-06, A-36).
 *
 * A registration claims its invite by one UPDATE, so of any number of parallel POSTs one goes on (P15). Only the holder of
 * the claim can consume or release it.
 */
export class InviteRegistry {
  constructor(private readonly work: PartnerWork) {}

  /** @throws InviteRefusal if roles are missing, twice the same, or the hub's own. */
  async create(request: InviteRequest, actor: Actor): Promise<IssuedInvite> {
    if (request.roles.length === 0) throw new InviteRefusal('An invite needs at least one role.');
    if (new Set(request.roles.map(roleKey)).size < request.roles.length)
      throw new InviteRefusal('An invite names each party and role once.');
    if (request.roles.some((claim) => isHubParty(this.work, claim)))
      throw new InviteRefusal("The hub's own party cannot be given away.");
    const minted = this.work.mint.mint();
    const id = randomUUID();
    const invite = await this.work.run(async (unit) => {
      const row: InviteRow = {
        id,
        name: request.name,
        roles: request.roles.map(({ country_code, party_id, role }) => ({ country_code, party_id, role })),
        origins: request.origins ?? [],
        state: 'OPEN',
        claim_id: null,
        claimed_at: null,
        created_at: unit.now,
        expires_at: unit.now + (request.expiresInDays ?? defaultInviteDays) * day,
        consumed_at: null,
        partner_id: null,
        presented_digest: null,
        versions_url: null,
        issued_credential_id: null,
      };
      await unit.manager.insert(inviteEntity, row);
      await insertCredential(unit, minted, { kind: 'invite', id, expiresAt: row.expires_at });
      unit.touched.invites.add(id);
      const detail = { credential: minted.id, roles: row.roles.map(roleKey), origins: row.origins };
      await unit.audit({ actor, action: 'invite.create', subject: `invite:${id}`, result: 'ok', detail });
      return toInvite(row);
    });
    return { invite, token: minted.token };
  }

  /** All invites, oldest first; the consumed ones name their partner. */
  list(): Promise<readonly Invite[]> {
    return this.work.run(async ({ manager }) =>
      (await manager.find(inviteEntity, { order: { created_at: 'ASC' } })).map(toInvite),
    );
  }

  /** Withdraws an invite that was not used; `false` if there is none. */
  delete(id: string, actor: Actor): Promise<boolean> {
    return this.work.run(async (unit) => {
      const row = await unit.manager.findOneBy(inviteEntity, { id });
      if (!row || row.state === 'CONSUMED') return false;
      await this.remove(unit, id);
      await unit.audit({ actor, action: 'invite.delete', subject: `invite:${id}`, result: 'ok' });
      return true;
    });
  }

  /**
   * Takes the invite for one registration. With `inTurn` the caller has the turn of all handshakes with this invite, over all
   * nodes: whoever had claimed it before is gone, or was too slow and will find its claim void.
   */
  claim(id: string, { inTurn = false }: { readonly inTurn?: boolean } = {}): Promise<Claim> {
    const claimId = randomUUID();
    return this.work.run(async ({ manager, now }): Promise<Claim> => {
      const result = await manager
        .createQueryBuilder()
        .update(inviteEntity)
        .set({ state: 'CLAIMED', claim_id: claimId, claimed_at: now })
        .where('id = :id AND expires_at > :now', { id, now })
        .andWhere("(state = 'OPEN' OR (state = 'CLAIMED' AND claimed_at <= :stale))", {
          stale: inTurn ? now : now - claimLeaseMs,
        })
        .execute();
      if (result.affected === 1) return { kind: 'claimed', claimId };
      const row = await manager.findOneBy(inviteEntity, { id });
      if (row?.state === 'CLAIMED') return { kind: 'busy' };
      if (row?.state !== 'CONSUMED') return { kind: 'gone' };
      return now - (row.consumed_at ?? 0) < replayPauseMs ? { kind: 'busy' } : { kind: 'consumed' };
    });
  }

  /** Gives a claim back after a failure: the token A stays good for another try (C-05). */
  release(id: string, claimId: string, actor: Actor, reason: string): Promise<void> {
    return this.work.run(async (unit) => {
      await unit.manager.update(
        inviteEntity,
        { id, claim_id: claimId, state: 'CLAIMED' },
        { state: 'OPEN', claim_id: null, claimed_at: null },
      );
      await unit.audit({ actor, action: 'credentials.register', subject: `invite:${id}`, result: reason });
    });
  }

  /**
   * Registers the platform that came with the invite: partner, roles, endpoints, its sealed token, the hash of ours and the
   * end of the invite, all or nothing. Returns the new partner and our token C, or `undefined` if the claim was lost.
   * @throws PartyTaken
   */
  async register(
    id: string,
    claimId: string,
    introduction: Introduction & { readonly switches: Partial<PartnerSwitches>; readonly origins: readonly string[] },
    actor: Actor,
  ): Promise<{ readonly partner: Partner; readonly token: string } | undefined> {
    const minted = this.work.mint.mint();
    const partnerId = await this.work.run(async (unit) => {
      const { manager, now } = unit;
      const row = await manager.findOneBy(inviteEntity, { id, claim_id: claimId, state: 'CLAIMED' });
      if (!row) return undefined;
      const partner = await insertPartner(this.work, unit, {
        ...introduction,
        name: row.name,
        allowedRoles: row.roles,
      });
      await insertCredential(unit, minted, { kind: 'partner', id: partner });
      await manager.update(
        inviteEntity,
        { id },
        {
          state: 'CONSUMED',
          claim_id: null,
          claimed_at: null,
          consumed_at: now,
          partner_id: partner,
          presented_digest: this.work.mint.digest(introduction.outboundToken).toString('hex'),
          versions_url: introduction.versionsUrl,
          issued_credential_id: minted.id,
        },
      );
      // Dead but for a repetition of the very POST whose answer may have been lost.
      await manager.update(
        credentialEntity,
        { owner_kind: 'invite', owner_id: id },
        { expires_at: now + replayGraceMs },
      );
      unit.touched.invites.add(id);
      const detail = {
        invite: id,
        credential: minted.id,
        url: introduction.versionsUrl,
        roles: introduction.roles.map(roleKey),
      };
      await unit.audit({ actor, action: 'credentials.register', subject: `partner:${partner}`, result: 'ok', detail });
      return partner;
    });
    const partner = partnerId === undefined ? undefined : this.work.directory.byId(partnerId);
    return partner && { partner, token: minted.token };
  }

  /**
   * A fresh token C for a POST that repeats the one which registered, or `undefined` if it is none: it must carry the same
   * token B and URL, and the first token C must never have been used. The token A itself ends after {@link replayGraceMs}.
   */
  async reissue(
    id: string,
    repeated: { readonly outboundToken: string; readonly versionsUrl: string },
    actor: Actor,
  ): Promise<string | undefined> {
    const minted = this.work.mint.mint();
    const digest = this.work.mint.digest(repeated.outboundToken);
    return this.work.run(async (unit) => {
      const { manager } = unit;
      const row = await manager.findOneBy(inviteEntity, { id, state: 'CONSUMED' });
      const { partner_id: partnerId, presented_digest: known, issued_credential_id: issuedId } = row ?? {};
      if (!row || !partnerId || !known || !issuedId) return undefined;
      const same = timingSafeEqual(digest, Buffer.from(known, 'hex')) && row.versions_url === repeated.versionsUrl;
      const issued = await manager.findOneBy(credentialEntity, { id: issuedId });
      const used = !issued || issued.first_used_at !== null || this.work.directory.wasUsed(issuedId);
      const partner = await manager.findOneBy(partnerEntity, { id: partnerId });
      if (!same || used || !partner || partner.unregistered_at !== null) return undefined;
      await deleteCredentials(unit, [issuedId]);
      await insertCredential(unit, minted, { kind: 'partner', id: partnerId });
      await manager.update(inviteEntity, { id }, { issued_credential_id: minted.id });
      unit.touched.partners.add(partnerId);
      const detail = { invite: id, credential: minted.id };
      await unit.audit({ actor, action: 'credentials.reissue', subject: `partner:${partnerId}`, result: 'ok', detail });
      return minted.token;
    });
  }

  /** A claim that cannot be granted, if any: another platform's or the hub's own (C-25). */
  takenClaim(claims: readonly RoleClaim[]): RoleClaim | undefined {
    return takenClaim(this.work, claims);
  }

  private async remove(unit: Unit, id: string): Promise<void> {
    await unit.manager.delete(credentialEntity, { owner_kind: 'invite', owner_id: id });
    await unit.manager.delete(inviteEntity, { id });
    unit.touched.invites.add(id);
  }
}
