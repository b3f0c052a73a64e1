import { randomUUID } from 'node:crypto';
import type { Role } from '../../kernel/module-id.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { Actor, Partner, PartnerWork, Unit } from '../partners/index.js';
import { type Agreement, type Effect, everyone, isSettable, keyOfText, partyOfKey } from './agreement.js';
import { agreementEntity, closedPartyEntity, moveVersion, readState, toAgreement } from './agreement-rows.js';
import type { CurrentPolicy } from './current-policy.js';
import { sharingChannel } from './sharing-follower.js';

/** What the operator wants agreed. */
export interface AgreementWish {
  /** `DE/CP1` in any case, or `*`. */
  readonly giver: string;
  readonly taker: string;
  /** A functional module, a custom one, or `*`. */
  readonly module: string;
  readonly effect: Effect;
  readonly note?: string;
}

/** Whether a party shares whatever is not denied (`open`), or only what is agreed (`closed`). */
export type Sharing = 'open' | 'closed';

/** A party in one role, as the operator sees it. */
export interface PartySharing {
  /** As its partner spells it. */
  readonly party: PartyRef;
  readonly sharing: Sharing;
  /** Role and partner; undefined for a party that is closed while no partner speaks for it. */
  readonly role: Role | undefined;
  readonly partner: Partner | undefined;
}

/** Why an agreement was not made; the message is for the operator. */
export class AgreementRefusal extends Error {
  constructor(
    /** `conflict`: the opposite is agreed already. `invalid`: it says nothing that could be followed. */
    readonly reason: 'conflict' | 'invalid',
    message: string,
  ) {
    super(message);
    this.name = 'AgreementRefusal';
  }
}

/** Every way to change what parties share. Each change is one transaction with its audit row, and in force when its promise settles. */
export class AgreementRegistry {
  constructor(
    private readonly work: PartnerWork,
    private readonly policy: CurrentPolicy,
    /** Whether other nodes are to be told. */
    private readonly notify: boolean,
  ) {}

  /** All agreements, the oldest first; those that bear on a party or a module by name or by `*`. */
  list(filter: { readonly party?: PartyRef; readonly module?: string } = {}): readonly Agreement[] {
    const { module } = filter;
    const party = filter.party && partyKey(filter.party);
    const bearsOn = (text: string, wanted: string | undefined): boolean =>
      wanted === undefined || text === everyone || text === wanted;
    return this.policy.state.agreements.filter(
      (agreement) =>
        (bearsOn(agreement.giver, party) || bearsOn(agreement.taker, party)) && bearsOn(agreement.module, module),
    );
  }

  /**
   * Makes agreements, all or none. One that is there already, with the same effect, is taken as it is and keeps its id and note.
   * @throws AgreementRefusal
   */
  async add(
    wishes: readonly AgreementWish[],
    actor: Actor,
  ): Promise<{ readonly agreements: readonly Agreement[]; readonly made: number }> {
    const checked = wishes.map((wish) => this.check(wish));
    return this.change(async (unit) => {
      const agreements: Agreement[] = [];
      let made = 0;
      for (const wish of checked) {
        const { effect, giver, taker, module } = wish;
        const there = await unit.manager.findOneBy(agreementEntity, { giver, taker, module });
        if (there && there.effect !== effect)
          throw new AgreementRefusal(
            'conflict',
            `Agreement ${there.id} says ${there.effect} for ${module} from ${giver} to ${taker}; withdraw it first.`,
          );
        if (there) {
          agreements.push(toAgreement(there));
          continue;
        }
        const row = { id: randomUUID(), ...wish, created_at: unit.now };
        await unit.manager.insert(agreementEntity, row);
        await unit.audit({
          actor,
          action: 'agreement.add',
          subject: `agreement:${row.id}`,
          result: 'ok',
          detail: { ...wish },
        });
        agreements.push(toAgreement(row));
        made++;
      }
      return { result: { agreements, made }, changed: made > 0 };
    });
  }

  /** False: there is no such agreement. */
  withdraw(id: string, actor: Actor): Promise<boolean> {
    return this.change(async (unit) => {
      const row = await unit.manager.findOneBy(agreementEntity, { id });
      if (!row) return { result: false, changed: false };
      const { giver, taker, module, effect } = row;
      await unit.manager.delete(agreementEntity, { id });
      await unit.audit({
        actor,
        action: 'agreement.withdraw',
        subject: `agreement:${id}`,
        result: 'ok',
        detail: { giver, taker, module, effect },
      });
      return { result: true, changed: true };
    });
  }

  /** Opens or closes a party; also one that is not registered yet, so that it never shares before it may. */
  async setSharing(party: PartyRef, sharing: Sharing, actor: Actor): Promise<void> {
    const key = partyKey(party);
    this.refuseHub(key);
    await this.change(async (unit) => {
      const isClosed = (await unit.manager.findOneBy(closedPartyEntity, { party: key })) !== null;
      if (isClosed === (sharing === 'closed')) return { result: undefined, changed: false };
      if (isClosed) await unit.manager.delete(closedPartyEntity, { party: key });
      else await unit.manager.insert(closedPartyEntity, { party: key, closed_at: unit.now });
      await unit.audit({
        actor,
        action: 'party.sharing',
        subject: `party:${key}`,
        result: 'ok',
        detail: { sharing },
      });
      return { result: undefined, changed: true };
    });
  }

  /** Every party in each of its roles, by party; also those that are closed while nobody speaks for them. */
  parties(): readonly PartySharing[] {
    const { closed } = this.policy.state;
    const known = this.work.directory.all().flatMap((partner) =>
      partner.roles.map((role): PartySharing & { readonly key: string } => {
        const key = partyKey(role);
        const party = { country_code: role.country_code, party_id: role.party_id };
        return { key, party, sharing: closed.has(key) ? 'closed' : 'open', role: role.role, partner };
      }),
    );
    const named = new Set(known.map(({ key }) => key));
    const absent = [...closed]
      .filter((key) => !named.has(key))
      .flatMap((key) => {
        const party = partyOfKey(key);
        return party ? [{ key, party, sharing: 'closed' as const, role: undefined, partner: undefined }] : [];
      });
    return [...known, ...absent]
      .sort((a, b) => compare(a.key, b.key) || compare(a.role ?? '', b.role ?? ''))
      .map(({ key: _key, ...party }) => party);
  }

  private check(wish: AgreementWish): Omit<AgreementWish, 'note'> & { note: string | null } {
    const [giver, taker] = [wish.giver, wish.taker].map((text) => {
      const key = keyOfText(text);
      if (key === undefined) throw new AgreementRefusal('invalid', `${text} is no party; write it as DE/CP1, or *.`);
      this.refuseHub(key);
      return key;
    }) as [string, string];
    if (giver === taker && giver !== everyone)
      throw new AgreementRefusal('invalid', `${giver} has what it has; agreements are between two parties.`);
    if (!isSettable(wish.module))
      throw new AgreementRefusal('invalid', `${wish.module} is no module that agreements can name.`);
    return { giver, taker, module: wish.module, effect: wish.effect, note: wish.note || null };
  }

  private refuseHub(key: string): void {
    if (key === partyKey(this.work.hub))
      throw new AgreementRefusal('invalid', `${key} is the hub itself, which shares nothing of its own.`);
  }

  private async change<T>(
    work: (unit: Unit) => Promise<{ readonly result: T; readonly changed: boolean }>,
  ): Promise<T> {
    const { result, state } = await this.work.run(async (unit) => {
      const { result, changed } = await work(unit);
      if (!changed) return { result, state: undefined };
      await moveVersion(unit.manager);
      const state = await readState(unit.manager);
      // Sent with the commit, and not at all without it.
      if (this.notify) await unit.manager.query('SELECT pg_notify($1, $2)', [sharingChannel, String(state.version)]);
      return { result, state };
    });
    if (state) this.policy.apply(state);
    return result;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
