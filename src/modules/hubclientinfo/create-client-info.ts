import type { Clock } from '../../kernel/clock.js';
import { type PartyRef, sameParty } from '../../kernel/party-ref.js';
import type { PushSource } from '../../platform/delivery/index.js';
import { defineModule, type OcpiModule, PagedList } from '../../platform/http/index.js';
import type { PartnerDirectory, SharedDatabase } from '../../platform/partners/index.js';
import type { SchemaRegistry } from '../../platform/schema/index.js';
import type { HubStorage } from '../../platform/storage/index.js';
import { ClientInfoKeeper } from './client-info-keeper.js';
import { clientInfoOperations, isHub } from './client-info-operations.js';
import { clientInfoPushSource } from './client-info-push.js';
import { ClientInfoStore, clientInfoDocuments } from './client-info-store.js';
import { ClientInfoView } from './client-info-view.js';
import { clientStates } from './client-states.js';
import { receiverEndpoints, senderEndpoints } from './endpoints.js';
import { type IgnoredParty, RemotePartyBook } from './remote-party-book.js';
import { RemotePartyStore } from './remote-party-store.js';

export interface ClientInfoDeps {
  readonly storage: Pick<HubStorage, 'documents' | 'transaction'>;
  /** The database beneath `storage`, where other nodes work on it, too. */
  readonly shared?: Pick<SharedDatabase, 'query'>;
  readonly directory: Pick<PartnerDirectory, 'all' | 'byId' | 'speakingFor' | 'openInvites'>;
  readonly schemas: Pick<SchemaRegistry, 'validate'>;
  readonly clock: Clock;
  /** The hub's own party. */
  readonly hub: PartyRef;
  /** Whether two parties may know of each other at all. */
  readonly mayKnow: (a: PartyRef, b: PartyRef) => boolean;
  /** How far `last_updated` may be ahead of the hub's clock, in ms (T25). */
  readonly maxAheadMs: number;
  /** Whether this node may keep ClientInfo up to date now; one does at a time. */
  readonly mayWrite: () => Promise<boolean>;
  /** Told of parties that another hub has named and must not (T1). */
  readonly onIgnored: (ignored: IgnoredParty) => void;
  /** Told of what went wrong behind the requests; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

/** Everything that knows who is connected, put together. */
export interface ClientInfo {
  readonly module: OcpiModule;
  readonly pushSource: PushSource;
  readonly store: ClientInfoStore;
  readonly keeper: ClientInfoKeeper;
  readonly view: ClientInfoView;
  /** The parties behind other hubs; `load()` before the hub listens. */
  readonly book: RemotePartyBook;
  /** Whether a partner is told of the ClientInfo of a party at all (`owner`: party key), for lanes. */
  tells(partnerId: string, owner: string): boolean;
  /** Whether a party is expected and belongs to no partner yet: known, and not connected (R-11, H-11). */
  isPlanned(party: PartyRef): boolean;
}

/** The hubclientinfo module, Sender and Receiver. Spec: 2.2.1 §15. */
export function createClientInfo(deps: ClientInfoDeps): ClientInfo {
  const { clock, directory, hub, mayKnow, onTrouble } = deps;
  const store = new ClientInfoStore(deps.storage.documents(clientInfoDocuments));
  const book = new RemotePartyBook({
    store: new RemotePartyStore(deps.storage, deps.shared),
    directory,
    hub,
    clock,
    onIgnored: deps.onIgnored,
  });
  const view = new ClientInfoView({ hub, remote: book, mayKnow });
  const keeper = new ClientInfoKeeper({
    store,
    states: () =>
      clientStates({ partners: directory.all(), openInvites: directory.openInvites(), remote: book.all(), hub }),
    onOwners: (owners) => view.noteOwners(owners),
    mayWrite: deps.mayWrite,
    clock,
    onTrouble,
  });
  book.onChange(() => keeper.wake());
  const operations = clientInfoOperations({
    pages: new PagedList(store.list),
    view,
    book,
    schemas: deps.schemas,
    clock,
    maxAheadMs: deps.maxAheadMs,
  });
  return {
    module: defineModule({
      kind: 'configuration',
      id: 'hubclientinfo',
      interfaces: { SENDER: senderEndpoints(operations), RECEIVER: receiverEndpoints(operations) },
      // A hub receives ClientInfo from other hubs only; anybody else would be told to push nothing to nowhere.
      isListedFor: ({ partner }, role) => role === 'SENDER' || (partner !== undefined && isHub(partner)),
    }),
    pushSource: clientInfoPushSource(store),
    store,
    keeper,
    view,
    book,
    tells: (partnerId, owner) => {
      const partner = directory.byId(partnerId);
      return partner !== undefined && view.tells(partner, owner);
    },
    isPlanned: (party) =>
      directory.speakingFor(party).length === 0 &&
      directory.openInvites().some(({ roles }) => roles.some((role) => sameParty(role, party))),
  };
}
