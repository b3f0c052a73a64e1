import { type CredentialRow, credentialEntity } from './credential-entities.js';
import type { Actor, RoleClaim } from './partner.js';
import { partnerEntity } from './partner-entities.js';
import { credentialsOf, sealToken } from './partner-rows.js';
import type { PartnerWork, Unit } from './partner-work.js';
import {
  deleteCredentials,
  type Introduction,
  insertCredential,
  isAlive,
  takenClaim,
  writeIntroduction,
} from './partner-writes.js';
import type { MintedToken } from './token-mint.js';

/** How long a replaced token stays good if the new one is not used. */
export const retireMs = 600_000;

/** Exchange of the tokens of a partner that is registered, started by it or by the hub. */
export class CredentialRotation {
  constructor(private readonly work: PartnerWork) {}

  /**
   * PUT credentials by the partner: stores its new token, roles and endpoints, and makes a new token for it. The token
   * that it called with stays good until the new one is used, at most {@link retireMs}; others end at once.
   *
   * Returns the new token, or `undefined` if the partner or that token has meanwhile gone: another node may have ended it,
   * and whoever has an old token must not come by a new one. @throws PartyTaken
   */
  rotateInbound(
    partnerId: string,
    presentedCredentialId: string,
    introduction: Introduction,
    actor: Actor,
  ): Promise<string | undefined> {
    const minted = this.work.mint.mint();
    return this.work.change(partnerId, async (unit) => {
      if (!(await isAlive(unit, partnerId, presentedCredentialId))) return undefined;
      await writeIntroduction(this.work, unit, partnerId, introduction);
      await this.replaceCredential(unit, partnerId, presentedCredentialId);
      await insertCredential(unit, minted, { kind: 'partner', id: partnerId });
      await unit.manager.update(
        partnerEntity,
        { id: partnerId },
        { versions_url: introduction.versionsUrl, pending_origins: [], credentials_at: unit.now },
      );
      const detail = { credential: minted.id, replaced: presentedCredentialId, url: introduction.versionsUrl };
      await unit.audit({ actor, action: 'credentials.update', subject: `partner:${partnerId}`, result: 'ok', detail });
      return minted.token;
    });
  }

  /** Keeps in mind the origins that a partner asked for until the operator approves them (threat T7). */
  requestOrigins(partnerId: string, origins: readonly string[], actor: Actor): Promise<boolean> {
    return this.work.alter(partnerId, async (unit, row) => {
      const pending = [...new Set([...row.pending_origins, ...origins])].slice(-10);
      await unit.manager.update(partnerEntity, { id: partnerId }, { pending_origins: pending });
      const entry = { actor, action: 'credentials.update', subject: `partner:${partnerId}`, detail: { origins } };
      await unit.audit({ ...entry, result: 'needs approval: new origin' });
    });
  }

  /** Offers the partner a new token: both it and the present one are good until {@link rotateOutbound} or {@link abandonRotation}. */
  offerToken(partnerId: string): Promise<MintedToken | undefined> {
    const minted = this.work.mint.mint();
    return this.work.change(partnerId, async (unit) => {
      await insertCredential(unit, minted, { kind: 'partner', id: partnerId, state: 'ROTATING' });
      return minted;
    });
  }

  /** The partner has taken the offered token and given us a new one (C-23, C-24). `false` if the offer was withdrawn meanwhile. */
  async rotateOutbound(partnerId: string, offeredId: string, outboundToken: string, actor: Actor): Promise<boolean> {
    const done = await this.work.change(partnerId, async (unit): Promise<boolean> => {
      const { manager, now } = unit;
      if (!(await isAlive(unit, partnerId, offeredId))) return false;
      const present = (await credentialsOf(manager, 'partner', partnerId)).filter((row) => row.state === 'ACTIVE');
      await this.replaceCredential(unit, partnerId, present.at(-1)?.id, offeredId);
      await manager.update(credentialEntity, { id: offeredId }, { state: 'ACTIVE' });
      await sealToken(manager, this.work.ring, {
        owner: partnerId,
        purpose: 'outbound',
        clear: outboundToken,
        at: now,
      });
      await manager.update(partnerEntity, { id: partnerId }, { credentials_at: now });
      const detail = { credential: offeredId };
      await unit.audit({ actor, action: 'credentials.rotate', subject: `partner:${partnerId}`, result: 'ok', detail });
      return true;
    });
    return done ?? false;
  }

  /** The rotation failed. If the partner may have taken the offered token all the same, it is kept beside the present one. */
  abandonRotation(
    partnerId: string,
    offeredId: string,
    outcome: { readonly mayBeTaken: boolean; readonly reason: string },
    actor: Actor,
  ): Promise<boolean> {
    return this.work.alter(partnerId, async (unit) => {
      if (!outcome.mayBeTaken) await deleteCredentials(unit, [offeredId]);
      const subject = `partner:${partnerId}`;
      await unit.audit({ actor, action: 'credentials.rotate', subject, result: outcome.reason });
    });
  }

  /** A claim that cannot be granted to this partner, if any (C-25). */
  takenClaim(partnerId: string, claims: readonly RoleClaim[]): RoleClaim | undefined {
    return takenClaim(this.work, claims, partnerId);
  }

  /** Lets one token of a partner run out slowly and ends all others but `keepId`. */
  private async replaceCredential(unit: Unit, partnerId: string, retiringId?: string, keepId?: string): Promise<void> {
    const rows: CredentialRow[] = await credentialsOf(unit.manager, 'partner', partnerId);
    const ended = rows.filter(({ id }) => id !== retiringId && id !== keepId).map(({ id }) => id);
    await deleteCredentials(unit, ended);
    if (retiringId === undefined) return;
    await unit.manager.update(
      credentialEntity,
      { id: retiringId },
      { state: 'RETIRING', expires_at: unit.now + retireMs },
    );
  }
}
