import { randomUUID } from 'node:crypto';
import {
  credentialEntity,
  type RegistrationRow,
  type RegistrationStep,
  registrationEntity,
} from './credential-entities.js';
import { type Actor, type Partner, type PartnerEndpoint, type RoleClaim, roleKey } from './partner.js';
import { dropTokens, openToken, sealToken } from './partner-rows.js';
import type { PartnerWork, Unit } from './partner-work.js';
import { deleteCredentials, type Introduction, insertCredential, insertPartner, takenClaim } from './partner-writes.js';

/** How long the token B of a registration that never ended opens our versions. */
export const registrationLifeMs = 24 * 3_600_000;

export interface RegistrationRequest {
  readonly name: string;
  readonly versionsUrl: string;
  /** The partner's token A, in clear; only its keyed hash is kept, to know a repeated request. */
  readonly token: string;
  readonly roles: readonly RoleClaim[] | undefined;
  readonly origins: readonly string[];
}

/** A registration that the hub is carrying out at a partner. */
export interface Registration {
  readonly id: string;
  readonly step: RegistrationStep;
  /** What was discovered before the POST, in step POST. */
  readonly endpoints: readonly PartnerEndpoint[] | undefined;
  /** Our token B, in clear. */
  readonly token: string;
}

/**
 * Registrations that the hub starts: each is a row with its step, so that one that was cut off by a crash or a lost answer
 * can be finished by asking for it again, with the same token B (C-29, P15). The row ends with the registration.
 */
export class RegistrationRegistry {
  constructor(private readonly work: PartnerWork) {}

  /** Starts a registration, or takes up the one that was begun with the same token A and versions URL. */
  begin(request: RegistrationRequest, actor: Actor): Promise<Registration> {
    const minted = this.work.mint.mint();
    const tokenDigest = this.work.mint.digest(request.token).toString('hex');
    return this.work.run(async (unit) => {
      const { manager, now } = unit;
      const known = await manager.findOneBy(registrationEntity, { token_digest: tokenDigest });
      if (known) {
        const token = await openToken(manager, this.work.ring, known.id, 'registration');
        const credential = await manager.findOneBy(credentialEntity, { id: known.credential_id });
        const alive = credential !== null && (credential.expires_at ?? 0) > now;
        if (token !== undefined && alive && known.versions_url === request.versionsUrl)
          return { id: known.id, step: known.step, endpoints: known.endpoints ?? undefined, token };
        await this.remove(unit, known);
      }
      const id = randomUUID();
      await manager.insert(registrationEntity, {
        id,
        name: request.name,
        versions_url: request.versionsUrl,
        token_digest: tokenDigest,
        roles: request.roles ?? null,
        origins: request.origins,
        step: 'DISCOVER',
        endpoints: null,
        credential_id: minted.id,
        created_at: now,
      });
      await insertCredential(unit, minted, { kind: 'registration', id, expiresAt: now + registrationLifeMs });
      await sealToken(manager, this.work.ring, { owner: id, purpose: 'registration', clear: minted.token, at: now });
      unit.touched.registrations.add(id);
      const detail = { name: request.name, url: request.versionsUrl, credential: minted.id };
      await unit.audit({ actor, action: 'registration.start', subject: `registration:${id}`, result: 'ok', detail });
      return { id, step: 'DISCOVER', endpoints: undefined, token: minted.token };
    });
  }

  /** Notes, before the POST leaves, that from now on the partner may have registered us. */
  async posting(id: string, endpoints: readonly PartnerEndpoint[]): Promise<void> {
    await this.work.run(({ manager }) => manager.update(registrationEntity, { id }, { step: 'POST', endpoints }));
  }

  /** Stores the partner; the token B that it knows becomes its own. @throws PartyTaken */
  async complete(id: string, introduction: Introduction, actor: Actor): Promise<Partner | undefined> {
    const partnerId = await this.work.run(async (unit) => {
      const { manager } = unit;
      const row = await manager.findOneBy(registrationEntity, { id });
      if (!row) return undefined;
      const partner = await insertPartner(this.work, unit, {
        ...introduction,
        name: row.name,
        allowedRoles: row.roles ?? introduction.roles.map(claimOf),
        origins: row.origins,
        switches: {},
      });
      await manager.update(
        credentialEntity,
        { id: row.credential_id },
        { owner_kind: 'partner', owner_id: partner, expires_at: null },
      );
      await this.remove(unit, row);
      const detail = {
        registration: id,
        credential: row.credential_id,
        url: introduction.versionsUrl,
        roles: introduction.roles.map(roleKey),
      };
      await unit.audit({ actor, action: 'registration.complete', subject: `partner:${partner}`, result: 'ok', detail });
      return partner;
    });
    return partnerId === undefined ? undefined : this.work.directory.byId(partnerId);
  }

  /** Ends a registration that failed: nothing of it is left but the audit. */
  async abandon(id: string, actor: Actor, reason: string): Promise<void> {
    await this.work.run(async (unit) => {
      const row = await unit.manager.findOneBy(registrationEntity, { id });
      if (!row) return;
      await this.remove(unit, row);
      await deleteCredentials(unit, [row.credential_id]);
      await unit.audit({ actor, action: 'registration.fail', subject: `registration:${id}`, result: reason });
    });
  }

  /** Notes an attempt whose outcome is open; the registration can be taken up again. */
  async leaveOpen(id: string, actor: Actor, reason: string): Promise<void> {
    await this.work.note({ actor, action: 'registration.open', subject: `registration:${id}`, result: reason });
  }

  /** A claim that cannot be granted, if any (C-25). */
  takenClaim(claims: readonly RoleClaim[]): RoleClaim | undefined {
    return takenClaim(this.work, claims);
  }

  private async remove(unit: Unit, row: RegistrationRow): Promise<void> {
    await unit.manager.delete(credentialEntity, { owner_kind: 'registration', owner_id: row.id });
    await dropTokens(unit.manager, row.id, ['registration']);
    await unit.manager.delete(registrationEntity, { id: row.id });
    unit.touched.registrations.add(row.id);
  }
}

function claimOf({ country_code, party_id, role }: RoleClaim): RoleClaim {
  return { country_code, party_id, role };
}
