import {
  type AdminActor,
  conflict,
  type InviteDesk,
  type InviteView,
  type PartnerDesk,
  type PartnerView,
  partnerFailed,
  partnerView,
  type RegistrationDesk,
  timeOf,
  unknownThing,
} from '../../admin/index.js';
import type { Clock } from '../../kernel/clock.js';
import { type CredentialsInitiator, type FailureReason, RegistrationFailure } from '../../modules/credentials/index.js';
import { type Invite, InviteRefusal, type Partner, type Partners } from '../../platform/partners/index.js';

export interface PartnerDesksOptions {
  readonly partners: Partners;
  readonly initiator: CredentialsInitiator;
  readonly clock: Clock;
  readonly versionsUrl: () => string;
  /** Told once the operator has let a partner go on: its lane and its pulls go on, too, whatever stopped them. */
  readonly onResumed: (partnerId: string) => Promise<void>;
  /** How many objects of a partner's parties are stored, by kind. */
  readonly objectsOf: (partner: Partner) => Promise<Readonly<Record<string, number>>>;
  /** Names of the vendor objects that this hub knows. */
  readonly vendorObjects: readonly string[];
}

export interface PartnerDesks {
  readonly invites: InviteDesk;
  readonly registrations: RegistrationDesk;
  readonly partners: PartnerDesk;
}

/** What the operator does about partners, carried out by the partner registries and the credentials module. */
export function partnerDesks(options: PartnerDesksOptions): PartnerDesks {
  const { partners, initiator } = options;
  const view = async (partner: Partner | undefined): Promise<PartnerView> => {
    if (!partner) throw unknownThing('partner');
    const objects = await options.objectsOf(partner);
    const lastSeenAt = partners.directory.lastSeenAt(partner.id);
    return partnerView(
      { ...partner, ...(lastSeenAt === undefined ? {} : { lastSeenAt }) },
      objects,
      options.vendorObjects,
    );
  };

  return {
    invites: {
      async create({ name, roles, origins, expiresInDays }, actor) {
        try {
          const { invite, token } = await partners.invites.create({ name, roles, origins, expiresInDays }, actor);
          return { id: invite.id, token, versions_url: options.versionsUrl(), expires_at: timeOf(invite.expiresAt) };
        } catch (error) {
          if (error instanceof InviteRefusal) throw conflict(error.message);
          throw error;
        }
      },
      async list() {
        const now = options.clock.now();
        return (await partners.invites.list()).map((invite) => inviteView(invite, now));
      },
      revoke: (id, actor) => partners.invites.delete(id, actor),
    },
    registrations: {
      async register({ name, versionsUrl, token, roles, origins }, actor) {
        const wishes = { ...(roles ? { roles } : {}), ...(origins ? { origins } : {}) };
        const order = { name, versions_url: versionsUrl, token, ...wishes };
        return view(await told(() => initiator.startRegistration(order, actor)));
      },
    },
    partners: {
      list: () =>
        Promise.all(
          [...partners.directory.all()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)).map(view),
        ),
      get: async (id) => {
        const partner = partners.directory.byId(id);
        return partner && view(partner);
      },
      rotate: async (id, actor) => view(await told(() => initiator.rotate(id, actor))),
      suspend: async (id, actor) => view(await partners.registry.suspend(id, actor)),
      async resume(id, actor) {
        const partner = await partners.registry.resume(id, actor);
        if (partner && partner.unregisteredAt === undefined) await options.onResumed(id);
        return view(partner);
      },
      change: async (id, change, actor: AdminActor) => view(await partners.registry.update(id, change, actor)),
      async unregister(id, actor) {
        await told(() => initiator.unregister(id, actor));
      },
    },
  };
}

function inviteView(invite: Invite, now: number): InviteView {
  return {
    id: invite.id,
    name: invite.name,
    roles: invite.roles,
    origins: invite.origins,
    state: invite.state === 'OPEN' && invite.expiresAt <= now ? 'EXPIRED' : invite.state,
    created_at: timeOf(invite.createdAt),
    expires_at: timeOf(invite.expiresAt),
    ...(invite.partnerId === undefined ? {} : { partner_id: invite.partnerId }),
  };
}

/** Reasons that lie with the order or with us, not with the partner. */
const ours: ReadonlySet<FailureReason> = new Set(['invalid', 'busy', 'conflict', 'unknown_partner']);

async function told<T>(handshake: () => Promise<T>): Promise<T> {
  try {
    return await handshake();
  } catch (error) {
    if (!(error instanceof RegistrationFailure)) throw error;
    throw ours.has(error.reason) ? conflict(error.message) : partnerFailed(error.reason, error.message);
  }
}
