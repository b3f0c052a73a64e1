import type { Clock } from '../../kernel/clock.js';
import type { Role } from '../../kernel/module-id.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import type { Partner, PartnerDirectory } from '../../platform/partners/index.js';
import type { RemoteParties, RemoteParty } from '../../platform/routing/index.js';
import { sameState } from './client-info.js';
import type { RemotePartyStore, ToldParties, ToldParty } from './remote-party-store.js';

export type TellingPartner = Pick<Partner, 'id' | 'roles' | 'unregisteredAt'>;

/** A hub has named a party that is not its to name (threat T1); nothing was taken of it. */
export interface IgnoredParty {
  readonly partnerId: string;
  /** `DE/CP1` */
  readonly party: string;
  readonly why: 'the hub itself' | 'registered here' | 'behind another hub';
}

export interface RemotePartyBookOptions {
  readonly store: Pick<RemotePartyStore, 'all' | 'newest' | 'take' | 'forget'>;
  readonly directory: Pick<PartnerDirectory, 'byId' | 'speakingFor'>;
  /** The hub's own party. */
  readonly hub: PartyRef;
  readonly clock: Clock;
  /** Told once of each party of each partner. */
  readonly onIgnored: (ignored: IgnoredParty) => void;
}

/** So many refusals are remembered, so that none is told twice. */
const mostIgnored = 10_000;

export type Told = Omit<ToldParty, 'partnerId'>;

/**
 * The parties behind other hubs, in memory (O-06, H-18, A-18).
 *
 * What another hub says of its parties is believed as far as it is its to say: a party that is registered here is reached here, whatever
 * anybody else claims, and nobody else is this hub (T1). That is judged whenever somebody asks, since parties come and go; what is
 * refused at the door as well is not even remembered.
 */
export class RemotePartyBook implements RemoteParties {
  private version = -1;
  private told: readonly ToldParty[] = [];
  private byParty = new Map<string, ToldParty[]>();
  private everything: readonly RemoteParty[] | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly ignored = new Set<string>();

  constructor(private readonly options: RemotePartyBookOptions) {}

  /** Reads what was told before this process began. */
  async load(): Promise<void> {
    this.apply(await this.options.store.all());
  }

  all(): readonly RemoteParty[] {
    this.everything ??= this.told.filter((one) => this.counts(one));
    return this.everything;
  }

  of(party: PartyRef): readonly RemoteParty[] {
    const told = this.byParty.get(partyKey(party));
    return told ? told.filter((one) => this.counts(one)) : [];
  }

  /**
   * In which roles a hub speaks for a party when it brings a message of it; none for one that it has never named, or that is
   * gone or not there yet. One that was OFFLINE is not, as it sends.
   */
  rolesBehind(partnerId: string, party: PartyRef): readonly Role[] {
    return this.of(party)
      .filter((one) => one.partnerId === partnerId && (one.status === 'CONNECTED' || one.status === 'OFFLINE'))
      .map(({ role }) => role);
  }

  /** What a hub has told of a party, in all its roles. */
  toldBy(partnerId: string, party: PartyRef): readonly ToldParty[] {
    return this.byParty.get(partyKey(party))?.filter((one) => one.partnerId === partnerId && this.counts(one)) ?? [];
  }

  /** The partners that have named a party. */
  tellers(): ReadonlySet<string> {
    return new Set(this.told.map((one) => one.partnerId));
  }

  /** Takes what a hub says; `whole`: it has named all its parties, in a list whose reading began at `since` (ms). */
  async take(partner: TellingPartner, told: readonly Told[], whole?: { readonly since: number }): Promise<void> {
    const taken = told.filter((one) => this.isTheirs(partner, one));
    // The usual repetition needs no transaction.
    if (!whole && taken.every((one) => this.isKnown(partner.id, one))) return;
    this.apply(await this.options.store.take(partner.id, taken, this.options.clock.now(), whole));
  }

  /** Forgets what partners said that are gone. */
  async sweep(): Promise<void> {
    for (const partnerId of this.tellers())
      if (!this.options.directory.byId(partnerId)) this.apply(await this.options.store.forget(partnerId));
  }

  /** Takes over what other nodes have been told. */
  async follow(): Promise<void> {
    const newest = await this.options.store.newest();
    if (newest !== undefined && newest !== this.version) await this.load();
  }

  /** Partners have changed: who is registered here is nobody's to tell of. */
  partnersChanged(): void {
    this.everything = undefined;
  }

  /** Calls `listener` when what is known has changed. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private isTheirs(partner: TellingPartner, { country_code, party_id }: Told): boolean {
    const party = { country_code, party_id };
    const why = sameParty(party, this.options.hub)
      ? 'the hub itself'
      : this.isRegistered(party)
        ? 'registered here'
        : this.isBehindAnother(partner.id, party)
          ? 'behind another hub'
          : undefined;
    if (why === undefined) return true;
    const ignored = { partnerId: partner.id, party: partyKey(party), why } as const;
    const name = Object.values(ignored).join(' ');
    if (!this.ignored.has(name)) {
      if (this.ignored.size >= mostIgnored) this.ignored.clear();
      this.ignored.add(name);
      this.options.onIgnored(ignored);
    }
    return false;
  }

  /** The first hub that names a party speaks for it until it says that the party is gone, or is gone itself. */
  private isBehindAnother(partnerId: string, party: PartyRef): boolean {
    const others = this.of(party).filter((one) => one.partnerId !== partnerId && one.status !== 'SUSPENDED');
    if (others.length === 0 || this.toldBy(partnerId, party).length > 0) return false;
    return others.some((one) => {
      const hub = this.options.directory.byId(one.partnerId);
      return hub?.unregisteredAt === undefined && hub?.status !== 'SUSPENDED';
    });
  }

  private isKnown(partnerId: string, told: Told): boolean {
    const before = this.toldBy(partnerId, told).find((one) => one.role === told.role);
    return before !== undefined && before.lastUpdated === told.lastUpdated && sameState(before, told);
  }

  private counts(told: ToldParty): boolean {
    const partner = this.options.directory.byId(told.partnerId);
    const isHub = partner?.roles.some(({ role }) => role === 'HUB') ?? false;
    return isHub && !sameParty(told, this.options.hub) && !this.isRegistered(told);
  }

  /** A platform that has ended its connection leaves its parties free to come back behind another hub. */
  private isRegistered(party: PartyRef): boolean {
    return this.options.directory.speakingFor(party).some(({ unregisteredAt }) => unregisteredAt === undefined);
  }

  private apply(told: ToldParties | undefined): void {
    // Answers of the database may overtake one another.
    if (!told || told.version <= this.version) return;
    this.version = told.version;
    this.told = told.parties;
    this.byParty = new Map();
    for (const one of told.parties) {
      const key = partyKey(one);
      const known = this.byParty.get(key);
      if (known) known.push(one);
      else this.byParty.set(key, [one]);
    }
    this.everything = undefined;
    for (const listener of this.listeners) listener();
  }
}
