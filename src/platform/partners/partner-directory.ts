import type { Clock } from '../../kernel/clock.js';
import { decodeAuthorization, type TokenForm } from '../../kernel/credentials-token.js';
import type { InterfaceRole, Role } from '../../kernel/module-id.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { CredentialOwner, CredentialRow, CredentialState } from './credential-entities.js';
import type { Caller, Invite, Partner } from './partner.js';
import { type Snapshot, type Touched, touchedKinds } from './partner-rows.js';
import { type TokenMint, tokenId } from './token-mint.js';

/** A token that opens something, by its hash. */
interface Credential {
  readonly id: string;
  readonly digest: Buffer;
  readonly kind: CredentialOwner;
  readonly ownerId: string;
  readonly state: CredentialState;
  readonly expiresAt: number | undefined;
  used: boolean;
  lastUsedAt: number | undefined;
}

/** What happened since it was last asked for; see {@link PartnerDirectory.takeActivity}. */
export interface Activity {
  /** By partner id: when it last called, ms since the epoch. */
  readonly seen: ReadonlyMap<string, number>;
  /** By credential id. */
  readonly used: ReadonlyMap<string, number>;
}

/**
 * Who is registered, in memory: reads are synchronous, so no request waits for the database to know its caller.
 *
 * What is on disk is changed by the registries; each committed change arrives here as a {@link Snapshot}. Partners that
 * are suspended or have ended their connection stay listed (their objects do), but their tokens open nothing.
 */
export class PartnerDirectory {
  private readonly partners = new Map<string, Partner>();
  private readonly invites = new Map<string, Invite>();
  private readonly parties = new Map<string, Partner[]>();
  private readonly outbound = new Map<string, string>();
  private readonly credentials = new Map<string, Credential>();
  private readonly owned = new Map<string, Credential[]>();
  private readonly listeners = new Set<(partnerId: string) => void>();
  private readonly inviteListeners = new Set<() => void>();
  /** Asks for what other nodes have changed; set where there are others. */
  askOthers: (() => Promise<void>) | undefined;
  private readonly seen = new Map<string, number>();
  /** By kind and id: the revision of what is known; also of what is gone. */
  private readonly revisions = new Map<string, number>();
  private unwritten = new Set<string>();
  private used = new Map<string, number>();
  /** Told once per credential, when it is first used as the active one. */
  onFirstUse: (partnerId: string, credentialId: string) => void = () => undefined;

  constructor(
    private readonly mint: TokenMint,
    private readonly clock: Clock,
  ) {}

  /**
   * Who presents this `Authorization` header, or `undefined` if it opens nothing.
   *
   * Base64 first; the raw reading only for partners flagged for it, and for tokens that are on their way to
   * become a partner's, where the form is not known yet (T-05). Spec: 2.2.1 §4.1.2, T-03…T-08.
   */
  authenticate(authorizationHeader: string | undefined): Caller | undefined {
    const presented = decodeAuthorization(authorizationHeader);
    if (!presented) return undefined;
    const caller = presented.decoded === undefined ? undefined : this.callerOf(presented.decoded, 'base64');
    return caller ?? this.callerOf(presented.raw, 'raw');
  }

  /**
   * A token that this node does not know may have been given out by another one just now. Resolves when that is known here;
   * undefined if it cannot be. To be asked when {@link authenticate} has found nobody.
   */
  newsOf(authorizationHeader: string | undefined): Promise<void> | undefined {
    const presented = this.askOthers && decodeAuthorization(authorizationHeader);
    if (!presented) return undefined;
    const ids = [presented.decoded, presented.raw].map((token) => (token === undefined ? undefined : tokenId(token)));
    const unknown = ids.some((id) => id !== undefined && !this.credentials.has(id));
    return unknown ? this.askOthers?.() : undefined;
  }

  byId(id: string): Partner | undefined {
    return this.partners.get(id);
  }

  all(): readonly Partner[] {
    return [...this.partners.values()];
  }

  /** The partner that speaks for a party; without a role any of them. */
  byParty(party: PartyRef, role?: Role): Partner | undefined {
    const partners = this.parties.get(partyKey(party));
    if (!partners || role === undefined) return partners?.[0];
    const key = partyKey(party);
    return partners.find((partner) => partner.roles.some((entry) => entry.role === role && partyKey(entry) === key));
  }

  /** All partners that speak for a party, in whatever role. */
  speakingFor(party: PartyRef): readonly Partner[] {
    return this.parties.get(partyKey(party)) ?? [];
  }

  isKnownParty(party: PartyRef): boolean {
    return this.parties.has(partyKey(party));
  }

  /** The URL of one of a partner's interfaces, as the partner gave it. */
  endpoint(partner: Partner, identifier: string, role: InterfaceRole): string | undefined {
    return partner.endpoints.find((entry) => entry.identifier === identifier && entry.role === role)?.url;
  }

  /** The token that the partner is called with, in clear. */
  outboundToken(partnerId: string): string | undefined {
    return this.outbound.get(partnerId);
  }

  /** When the partner last called, ms since the epoch. */
  lastSeenAt(partnerId: string): number | undefined {
    return this.seen.get(partnerId) ?? this.partners.get(partnerId)?.lastSeenAt;
  }

  /** Notes that a partner has called. */
  touch(partnerId: string): void {
    this.seen.set(partnerId, this.clock.now());
    this.unwritten.add(partnerId);
  }

  /** Calls `listener` with the id of each partner that was added, changed or removed. Returns how to stop that. */
  onChange(listener: (partnerId: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The invites that may still be used, or are being used at this moment. */
  openInvites(): readonly Invite[] {
    const now = this.clock.now();
    return [...this.invites.values()].filter(({ state, expiresAt }) => state !== 'CONSUMED' && expiresAt > now);
  }

  /** Calls `listener` when an invite was made, used or withdrawn; not when one runs out. Returns how to stop that. */
  onInvites(listener: () => void): () => void {
    this.inviteListeners.add(listener);
    return () => this.inviteListeners.delete(listener);
  }

  /** Whether a credential was ever used as the active one. */
  wasUsed(credentialId: string): boolean {
    return this.credentials.get(credentialId)?.used ?? false;
  }

  /** Whether what is known of a partner, an invite or a registration is at least as new as a revision. */
  isAsNewAs(kind: keyof Touched, id: string, revision: number): boolean {
    return (this.revisions.get(`${kind} ${id}`) ?? -1) >= revision;
  }

  /** Notes when a partner has called another node. */
  seenElsewhere(partnerId: string, at: number): void {
    if (at > (this.seen.get(partnerId) ?? 0)) this.seen.set(partnerId, at);
  }

  /** Hands over what is to be written down of last uses, and starts anew. */
  takeActivity(): Activity {
    const seen = new Map([...this.unwritten].map((id) => [id, this.seen.get(id) ?? 0]));
    const used = this.used;
    this.unwritten = new Set();
    this.used = new Map();
    return { seen, used };
  }

  /**
   * Takes over what a committed transaction changed. For the registries of this folder.
   *
   * Snapshots may come in any order, as reading what others changed overlaps with changes of our own: what is known to be newer
   * stays.
   */
  apply(given: Snapshot): void {
    const snapshot = this.onlyNews(given);
    for (const [id, record] of snapshot.registrations) this.own('registration', id, record?.credentials ?? []);
    for (const [id, record] of snapshot.invites) {
      if (record) this.invites.set(id, record.invite);
      else this.invites.delete(id);
      this.own('invite', id, record?.credentials ?? []);
    }
    for (const [id, record] of snapshot.partners) {
      if (record) this.partners.set(id, record.partner);
      else this.partners.delete(id);
      if (record?.outboundToken === undefined) this.outbound.delete(id);
      else this.outbound.set(id, record.outboundToken);
      this.own('partner', id, record?.credentials ?? []);
    }
    if (snapshot.partners.size > 0) this.indexParties();
    if (snapshot.invites.size > 0) for (const listener of this.inviteListeners) listener();
    for (const id of snapshot.partners.keys()) for (const listener of this.listeners) listener(id);
  }

  private onlyNews(given: Snapshot): Snapshot {
    const { revision } = given;
    if (revision === undefined) return given;
    const news = {
      partners: new Map(given.partners),
      invites: new Map(given.invites),
      registrations: new Map(given.registrations),
    };
    for (const kind of touchedKinds) {
      for (const id of given[kind].keys()) {
        if (this.isAsNewAs(kind, id, revision)) news[kind].delete(id);
        else this.revisions.set(`${kind} ${id}`, revision);
      }
    }
    return news;
  }

  private callerOf(token: string, form: TokenForm): Caller | undefined {
    const id = tokenId(token);
    const credential = id === undefined ? undefined : this.credentials.get(id);
    if (!credential) return undefined;
    const now = this.clock.now();
    if (credential.expiresAt !== undefined && now >= credential.expiresAt) return undefined;
    const partner = credential.kind === 'partner' ? this.partners.get(credential.ownerId) : undefined;
    if (credential.kind === 'partner') {
      if (!partner || partner.status === 'SUSPENDED') return undefined;
      if (form === 'raw' && !partner.switches.inbound_raw) return undefined;
    }
    if (!this.mint.matches(token, credential.digest)) return undefined;
    this.noteUse(credential, now);
    const caller = { credentialId: credential.id, presentedToken: token, form };
    if (partner) return { ...caller, partner };
    if (credential.kind === 'registration') return { ...caller, registrationId: credential.ownerId };
    const invite = this.invites.get(credential.ownerId);
    return invite && { ...caller, invite };
  }

  /** The first use of a new token ends the one that it replaces. */
  private noteUse(credential: Credential, now: number): void {
    if (credential.lastUsedAt !== now) {
      credential.lastUsedAt = now;
      this.used.set(credential.id, now);
    }
    if (credential.used || credential.kind !== 'partner' || credential.state !== 'ACTIVE') return;
    credential.used = true;
    const siblings = this.owned.get(credential.ownerId) ?? [];
    for (const sibling of siblings) if (sibling.state === 'RETIRING') this.credentials.delete(sibling.id);
    this.onFirstUse(credential.ownerId, credential.id);
  }

  private own(kind: CredentialOwner, ownerId: string, rows: readonly CredentialRow[]): void {
    const previous = this.owned.get(ownerId) ?? [];
    // A credential that has meanwhile become a partner's is no longer the registration's to remove.
    for (const old of previous) if (this.credentials.get(old.id)?.ownerId === ownerId) this.credentials.delete(old.id);
    const fresh = rows.map((row): Credential => {
      const before = previous.find((old) => old.id === row.id && old.state === row.state);
      return {
        id: row.id,
        digest: Buffer.from(row.digest, 'hex'),
        kind,
        ownerId,
        state: row.state,
        expiresAt: row.expires_at ?? undefined,
        used: row.first_used_at !== null || (before?.used ?? false),
        lastUsedAt: row.last_used_at ?? before?.lastUsedAt,
      };
    });
    const replaced = fresh.some((credential) => credential.state === 'ACTIVE' && credential.used);
    for (const credential of fresh) {
      if (credential.state !== 'RETIRING' || !replaced) this.credentials.set(credential.id, credential);
    }
    if (fresh.length > 0) this.owned.set(ownerId, fresh);
    else this.owned.delete(ownerId);
  }

  private indexParties(): void {
    this.parties.clear();
    for (const partner of this.partners.values()) {
      for (const key of new Set(partner.roles.map(partyKey))) {
        const known = this.parties.get(key);
        if (known) known.push(partner);
        else this.parties.set(key, [partner]);
      }
    }
  }
}
