import { In, Not } from 'typeorm';
import { credentialEntity, inviteEntity, sealedTokenEntity } from './credential-entities.js';
import type { Actor, Partner, PartnerStatus, PartnerSwitches, RoleClaim } from './partner.js';
import { partnerEndpointEntity, partnerEntity } from './partner-entities.js';
import { dropTokens, sealToken } from './partner-rows.js';
import type { PartnerWork } from './partner-work.js';
import { isAlive } from './partner-writes.js';

const hub: Actor = { name: 'hub' };

/** What the operator may change of a partner. */
export interface PartnerChange {
  readonly name?: string;
  readonly switches?: Partial<PartnerSwitches>;
  /** Vendor objects by name, and whether they are kept from the partner from now on; the others stay as they are. */
  readonly withhold?: Readonly<Record<string, boolean>>;
  /** The whole new list; what was pending and is in it is approved thereby (threat T7). */
  readonly origins?: readonly string[];
  /** The whole new list of what the platform may speak for. */
  readonly allowedRoles?: readonly RoleClaim[];
}

/** Everything that happens to a partner once it is there. Each change is one transaction with its audit row. */
export class PartnerRegistry {
  constructor(private readonly work: PartnerWork) {}

  /** Stops a partner: its token opens nothing, it is not called, its objects stay. */
  suspend(partnerId: string, actor: Actor): Promise<Partner | undefined> {
    return this.move(partnerId, 'SUSPENDED', 'partner.suspend', actor);
  }

  /** Lets a suspended partner go on; `undefined` if it has ended its connection. */
  resume(partnerId: string, actor: Actor): Promise<Partner | undefined> {
    return this.move(partnerId, 'CONNECTED', 'partner.resume', actor);
  }

  /**
   * Notes whether a partner can be reached, as the hub has found out (H-09); `reason` is for the audit. Does nothing to one
   * that is suspended or has ended its connection. Whether that changed anything.
   */
  async setStatus(partnerId: string, status: 'CONNECTED' | 'OFFLINE', reason = 'noticed'): Promise<boolean> {
    const known = this.work.directory.byId(partnerId);
    if (!known || known.status === status || known.status === 'SUSPENDED') return false;
    const done = await this.work.change(partnerId, async ({ manager, audit }, { status: before }): Promise<boolean> => {
      // Judged by what is on disk: another node may have been faster, or an operator.
      const { affected } = await manager.update(
        partnerEntity,
        { id: partnerId, status: Not(In(['SUSPENDED', status])) },
        { status },
      );
      if (affected !== 1) return false;
      const detail = { from: before, to: status, reason };
      await audit({ actor: hub, action: 'partner.status', subject: `partner:${partnerId}`, result: 'ok', detail });
      return true;
    });
    return done ?? false;
  }

  /** Changes what the operator decides; `undefined` if there is no such partner. */
  async update(partnerId: string, change: PartnerChange, actor: Actor): Promise<Partner | undefined> {
    await this.work.change(partnerId, async (unit, row) => {
      const { name = row.name, origins = row.origins, allowedRoles = row.allowed_roles } = change;
      const switches = { ...row.switches, ...change.switches, ...withheldAfter(row.switches, change) };
      const pending = row.pending_origins.filter((origin) => !origins.includes(origin));
      await unit.manager.update(
        partnerEntity,
        { id: partnerId },
        { name, switches, origins, allowed_roles: allowedRoles, pending_origins: pending },
      );
      const detail = { ...change };
      await unit.audit({ actor, action: 'partner.update', subject: `partner:${partnerId}`, result: 'ok', detail });
    });
    return this.work.directory.byId(partnerId);
  }

  /**
   * Ends a connection: the tokens of both directions are void and the endpoints forgotten (C-17, A-72). Partner, parties and
   * objects stay, as SUSPENDED. Returns `false` if the partner is not there or was removed before, or if the token that the
   * partner itself asked with has ended meanwhile.
   */
  async remove(partnerId: string, actor: Actor, presentedCredentialId?: string): Promise<boolean> {
    const done = await this.work.change(partnerId, async (unit): Promise<boolean> => {
      const { manager, now, touched } = unit;
      if (presentedCredentialId !== undefined && !(await isAlive(unit, partnerId, presentedCredentialId))) return false;
      await manager.delete(credentialEntity, { owner_kind: 'partner', owner_id: partnerId });
      await dropTokens(manager, partnerId, ['outbound']);
      await manager.delete(partnerEndpointEntity, { partner_id: partnerId });
      for (const invite of await manager.findBy(inviteEntity, { partner_id: partnerId })) {
        await manager.delete(credentialEntity, { owner_kind: 'invite', owner_id: invite.id });
        await manager.delete(inviteEntity, { id: invite.id });
        touched.invites.add(invite.id);
      }
      const ended = { status: 'SUSPENDED', unregistered_at: now, pending_origins: [] } as const;
      await manager.update(partnerEntity, { id: partnerId }, ended);
      await unit.audit({ actor, action: 'credentials.delete', subject: `partner:${partnerId}`, result: 'ok' });
      return true;
    });
    return done ?? false;
  }

  /** Seals every token anew with the active key, after a key was added to the ring. Returns how many. */
  reseal(actor: Actor): Promise<number> {
    return this.work.run(async (unit) => {
      const rows = (await unit.manager.find(sealedTokenEntity)).filter((row) => !this.work.ring.isCurrent(row.sealed));
      for (const { owner_id: owner, purpose, sealed, created_at: at } of rows) {
        const clear = this.work.ring.open(sealed, { owner, purpose });
        await sealToken(unit.manager, this.work.ring, { owner, purpose, clear, at });
      }
      await unit.audit({ actor, action: 'keys.reseal', subject: 'hub', result: 'ok', detail: { tokens: rows.length } });
      return rows.length;
    });
  }

  private async move(id: string, status: PartnerStatus, action: string, actor: Actor): Promise<Partner | undefined> {
    const done = await this.work.alter(id, async (unit) => {
      await unit.manager.update(partnerEntity, { id }, { status });
      await unit.audit({ actor, action, subject: `partner:${id}`, result: 'ok' });
    });
    return done ? this.work.directory.byId(id) : undefined;
  }
}

/** The new list of what is withheld, if the change says anything about it. */
function withheldAfter(
  { withheld = [] }: Partial<PartnerSwitches>,
  { switches, withhold }: PartnerChange,
): Partial<Pick<PartnerSwitches, 'withheld'>> {
  if (withhold === undefined) return {};
  const kept = (switches?.withheld ?? withheld).filter((name) => withhold[name] !== false);
  const added = Object.keys(withhold).filter((name) => withhold[name] === true);
  return { withheld: [...new Set([...kept, ...added])] };
}
