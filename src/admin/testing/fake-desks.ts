import type { PartyRef } from '../../kernel/party-ref.js';
import type {
  AdminActor,
  AdminPorts,
  AgreementView,
  BacktestView,
  DataExportsView,
  DataKeyView,
  DecisionView,
  HistoryTaken,
  HistoryView,
  InviteView,
  LaneView,
  MessageView,
  NewAgreement,
  NewDataKey,
  NewHistoryItem,
  NewInviteView,
  ParkedFilter,
  ParkedView,
  PartnerChange,
  PartnerView,
  PartyView,
  PullView,
} from '../index.js';
import { conflict, partnerFailed } from '../problem.js';

const at = '2026-01-01T00:00:00.000Z';

export const samplePartner = (id: string): PartnerView => ({
  id,
  name: `Partner ${id}`,
  status: 'CONNECTED',
  roles: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO', business_details: { name: 'CP1' } }],
  allowed_roles: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }],
  versions_url: 'https://cp1.example/ocpi/versions',
  versions: ['2.2.1'],
  endpoints: [{ identifier: 'locations', role: 'SENDER', url: 'https://cp1.example/ocpi/locations' }],
  origins: ['https://cp1.example'],
  pending_origins: [],
  switches: {
    inbound_raw: false,
    outbound_raw: false,
    lenient_envelope: false,
    stale: 'ignore',
    catch_up: 'push',
    push: true,
    pull: true,
    auto_rotate_days: 0,
    rate_limit: null,
    max_in_flight: null,
    custom_modules: [],
    keep_sessions: false,
    list_without_to: 'get_all',
    validation_http: 200,
  },
  last_seen: null,
  created_at: at,
  credentials_at: at,
  unregistered_at: null,
  objects: { locations: 12, tariffs: 3 },
});

const pull: PullView = {
  partner_id: 'p1',
  partner: 'Partner p1',
  module: 'locations',
  state: 'running',
  full: true,
  started_at: at,
  ended_at: null,
  pages: 2,
  objects: 100,
  total: 1000,
  stored: 99,
  refused: 1,
  party: 'DE/CP1',
  refusals: [{ reason: '/name: is required', count: 1, sample: 'LOC9' }],
  detail: null,
};

const lane: LaneView = {
  partner_id: 'p1',
  partner: 'Partner p1',
  cursor: 7,
  head: 9,
  lag_objects: 2,
  lag_seconds: 0.5,
  breaker: 'closed',
  in_flight: 1,
  parked: 1,
};

const parkedObject: ParkedView = {
  partner_id: 'p1',
  partner: 'Partner p1',
  module: 'locations',
  object: 'DE/CP1/LOC1',
  attempts: 6,
  http_status: 200,
  status_code: 2001,
  reason: 'refused',
  parked_at: at,
};

const partyOne = { country_code: 'DE', party_id: 'CP1' };
const nobody = { role: null, partner_id: null, partner: null, status: null };

/** Desks that keep everything in memory and remember what they were asked, with `p1` registered. */
export class FakeDesks implements AdminPorts {
  readonly calls: { what: string; with: unknown; actor?: AdminActor }[] = [];
  /** What partners were asked to change. */
  readonly changes: PartnerChange[] = [];
  readonly stored = new Map([['p1', samplePartner('p1')]]);
  private readonly made: InviteView[] = [];
  private readonly agreed: AgreementView[] = [];
  /** What the message log holds, newest first. */
  logged: readonly MessageView[] = [];
  /** The seq that the audit desk says is broken. */
  brokenAt: number | undefined;
  /** Thrown by the next registration, if set. */
  registrationFault: unknown;

  readonly invites = {
    create: (
      invite: { name: string; roles: InviteView['roles']; origins: readonly string[] },
      actor: AdminActor,
    ): NewInviteView => {
      this.calls.push({ what: 'invites.create', with: invite, actor });
      const { name, roles, origins } = invite;
      if (this.made.some((other) => other.name === name)) throw conflict(`${name} is invited already.`);
      const id = `i${this.made.length + 1}`;
      this.made.push({ id, name, roles, origins, state: 'OPEN', created_at: at, expires_at: at });
      return { id, token: 'token-a', versions_url: 'https://hub.example/ocpi/versions', expires_at: at };
    },
    list: () => this.made,
    revoke: (id: string, actor: AdminActor) => {
      this.calls.push({ what: 'invites.revoke', with: id, actor });
      return this.made.some((invite) => invite.id === id);
    },
  };

  readonly registrations = {
    register: async (registration: unknown, actor: AdminActor) => {
      this.calls.push({ what: 'registrations.register', with: registration, actor });
      if (this.registrationFault !== undefined) throw this.registrationFault;
      return samplePartner('p2');
    },
  };

  readonly partners = {
    list: () => [...this.stored.values()],
    get: (id: string) => this.stored.get(id),
    rotate: async (id: string, actor: AdminActor): Promise<PartnerView> => {
      this.calls.push({ what: 'partners.rotate', with: id, actor });
      throw partnerFailed('unreachable', 'The partner could not be reached.');
    },
    suspend: (id: string, actor: AdminActor) => this.put(id, { status: 'SUSPENDED' }, 'partners.suspend', actor),
    resume: (id: string, actor: AdminActor) => this.put(id, { status: 'CONNECTED' }, 'partners.resume', actor),
    change: (id: string, change: PartnerChange, actor: AdminActor) => {
      this.changes.push(change);
      return this.put(id, change.name === undefined ? {} : { name: change.name }, 'partners.change', actor);
    },
    unregister: async (id: string, actor: AdminActor) => {
      this.calls.push({ what: 'partners.unregister', with: id, actor });
      this.stored.delete(id);
    },
  };

  readonly lanes = {
    lanes: () => [lane],
    resync: (id: string, actor: AdminActor) => {
      this.calls.push({ what: 'lanes.resync', with: id, actor });
    },
    parked: (filter: ParkedFilter, limit: number) => {
      this.calls.push({ what: 'lanes.parked', with: { filter, limit } });
      return { total: 41, items: [parkedObject] };
    },
    replay: (filter: ParkedFilter, actor: AdminActor) => {
      this.calls.push({ what: 'lanes.replay', with: filter, actor });
      return 1;
    },
  };

  readonly pulls = {
    start: (id: string, request: unknown, actor: AdminActor) => {
      this.calls.push({ what: 'pulls.start', with: { id, request }, actor });
      return [pull];
    },
    progress: () => [pull],
  };

  readonly audit = {
    list: (limit: number, before: number | undefined) =>
      [4, 3, 2, 1]
        .filter((seq) => before === undefined || seq < before)
        .slice(0, limit)
        .map((seq) => ({
          seq,
          at,
          actor: 'operator',
          action: 'x',
          subject: 'hub',
          result: 'ok',
          source: null,
          detail: null,
        })),
    firstBroken: () => this.brokenAt,
  };

  readonly quality = {
    report: (filter: unknown, samples: number) => {
      this.calls.push({ what: 'quality.report', with: { filter, samples } });
      return { total: 0, counts: [], samples: [] };
    },
  };

  readonly agreements = {
    list: (filter: unknown) => {
      this.calls.push({ what: 'agreements.list', with: filter });
      return [...this.agreed];
    },
    add: (wish: NewAgreement, actor: AdminActor) => {
      this.calls.push({ what: 'agreements.add', with: wish, actor });
      const { both, ...rest } = wish;
      const wishes = both ? [rest, { ...rest, giver: rest.taker, taker: rest.giver }] : [rest];
      const same = (one: AgreementView, other: typeof rest) =>
        one.giver === other.giver && one.taker === other.taker && one.module === other.module;
      if (wishes.some((each) => this.agreed.some((one) => same(one, each) && one.effect !== each.effect)))
        throw conflict('Agreement a1 says otherwise.');
      const fresh = wishes.filter((each) => !this.agreed.some((one) => same(one, each)));
      for (const each of fresh) this.agreed.push({ id: `a${this.agreed.length + 1}`, ...each, created_at: at });
      return {
        agreements: this.agreed.filter((one) => wishes.some((each) => same(one, each))),
        made: fresh.length > 0,
      };
    },
    withdraw: (id: string, actor: AdminActor) => {
      this.calls.push({ what: 'agreements.withdraw', with: id, actor });
      return this.agreed.some((agreement) => agreement.id === id);
    },
    decide: (giver: PartyRef, taker: PartyRef, module: string): DecisionView => {
      this.calls.push({ what: 'agreements.decide', with: { giver, taker, module } });
      const [agreement] = this.agreed;
      if (agreement === undefined) return { allowed: true, rule: 'open' };
      return { allowed: agreement.effect === 'allow', rule: agreement.id, agreement };
    },
    parties: (): PartyView[] => [
      { ...partyOne, role: 'CPO', partner_id: 'p1', partner: 'Partner p1', status: 'CONNECTED', sharing: 'open' },
      { country_code: 'FR', party_id: 'EM9', ...nobody, sharing: 'closed' },
    ],
    setSharing: (party: PartyRef, sharing: string, actor: AdminActor) => {
      this.calls.push({ what: 'agreements.setSharing', with: { party, sharing }, actor });
    },
  };

  private readonly dataKeys: DataKeyView[] = [];
  readonly evData = {
    keys: () => [...this.dataKeys],
    createKey: async ({ name, scopes = ['all'], party }: NewDataKey, actor: AdminActor) => {
      this.calls.push({ what: 'evData.createKey', with: name, actor });
      const key: DataKeyView = {
        id: `k${this.dataKeys.length + 1}`,
        name,
        scopes,
        party: party ? `${party.country_code}/${party.party_id}` : null,
        created_at: at,
        expires_at: null,
      };
      this.dataKeys.push(key);
      return { ...key, key: 'in-clear' };
    },
    revokeKey: async (id: string, actor: AdminActor) => {
      this.calls.push({ what: 'evData.revokeKey', with: id, actor });
      return this.dataKeys.some((key) => key.id === id);
    },
    exports: async (): Promise<DataExportsView> => ({ making: false, versions: [] }),
    makeExport: async (actor: AdminActor): Promise<DataExportsView> => {
      this.calls.push({ what: 'evData.makeExport', with: undefined, actor });
      return { making: true, versions: [] };
    },
    importHistory: async (items: readonly NewHistoryItem[], actor: AdminActor): Promise<HistoryTaken> => {
      this.calls.push({ what: 'evData.importHistory', with: items, actor });
      return { taken: items.length, unknown: 0, ambiguous: 0 };
    },
    history: async (): Promise<HistoryView> => ({ ready: true, waiting: 0, subjects: 3, making: false }),
    backtest: async (days: number): Promise<BacktestView> => {
      const errors = { brier: 0.05, mae: 0.12 };
      return {
        places: days,
        observations: 48,
        from: null,
        to: null,
        model: errors,
        last_value: errors,
        mean_by_hour: errors,
      };
    },
  };

  readonly messages = {
    find: async (filter: unknown, limit: number, before: number | undefined) => {
      this.calls.push({ what: 'messages.find', with: { filter, limit, before } });
      return { messages: this.logged, next: this.logged.length === limit ? 7 : null };
    },
  };

  private put(id: string, change: Partial<PartnerView>, what: string, actor: AdminActor): PartnerView {
    this.calls.push({ what, with: id, actor });
    const partner = { ...samplePartner(id), ...this.stored.get(id), ...change };
    this.stored.set(id, partner);
    return partner;
  }
}
