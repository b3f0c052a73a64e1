import type { Clock } from '../../kernel/clock.js';
import { roles } from '../../kernel/module-id.js';
import { notYourParty, unauthorized, unknownObject } from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import {
  asStored,
  checkSameOwner,
  type OcpiReply,
  type OcpiRequest,
  type PagedList,
  pathParam,
  requiredBody,
  stored,
} from '../../platform/http/index.js';
import type { Partner } from '../../platform/partners/index.js';
import type { SchemaRegistry } from '../../platform/schema/index.js';
import { clientInfoText } from './client-info.js';
import type { ClientInfoView } from './client-info-view.js';
import { readTold } from './read-told.js';
import type { RemotePartyBook } from './remote-party-book.js';
import type { ToldParty } from './remote-party-store.js';

export interface ClientInfoOperationsDeps {
  readonly pages: Pick<PagedList, 'serve'>;
  readonly view: Pick<ClientInfoView, 'ownersFor'>;
  readonly book: Pick<RemotePartyBook, 'take' | 'toldBy'>;
  readonly schemas: Pick<SchemaRegistry, 'validate'>;
  readonly clock: Clock;
  /** How far `last_updated` may be ahead of the hub's clock, in ms (T25). */
  readonly maxAheadMs: number;
}

/** The operations of the hubclientinfo module, one for each OCPI method and object. */
export interface ClientInfoOperations {
  listClientInfo(request: OcpiRequest): Promise<OcpiReply>;
  getClientInfo(request: OcpiRequest): OcpiReply;
  putClientInfo(request: OcpiRequest): Promise<OcpiReply>;
}

export function clientInfoOperations(deps: ClientInfoOperationsDeps): ClientInfoOperations {
  return {
    /** Spec: 2.2.1 §15.2.2, H-01. */
    async listClientInfo({ caller: { partner }, query, url }) {
      if (!partner) throw unauthorized();
      return deps.pages.serve(url, query, deps.view.ownersFor(partner));
    },
    /** Another hub checks what it has told of a party (H-02). */
    getClientInfo(request) {
      const told = deps.book.toldBy(hubOf(request).id, partyIn(request));
      const [first] = [...told].sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));
      if (!first) throw unknownObject('ClientInfo');
      return asStored(clientInfoText(first, first.lastUpdated));
    },
    /** Another hub tells of a party that is behind it (H-02, H-13). What is not its to tell is taken note of and has no effect (T1). */
    async putClientInfo(request) {
      const hub = hubOf(request);
      const { value } = requiredBody(request);
      partyIn(request);
      checkSameOwner(value, request);
      const told = readTold(value, { schemas: deps.schemas, latest: deps.clock.now() + deps.maxAheadMs });
      const isHeld = (): boolean => deps.book.toldBy(hub.id, told).some((one: ToldParty) => one.role === told.role);
      const before = isHeld();
      await deps.book.take(hub, [told]);
      return stored(!before && isHeld());
    },
  };
}

/** Whether a partner is a hub: nobody else has parties behind it. */
export function isHub({ roles: own }: Pick<Partner, 'roles'>): boolean {
  return own.some(({ role }) => role === 'HUB');
}

function hubOf({ caller: { partner } }: OcpiRequest): Partner {
  if (!partner) throw unauthorized();
  if (!isHub(partner)) throw notYourParty();
  return partner;
}

function partyIn(request: OcpiRequest): PartyRef {
  return { country_code: pathParam(request, 'country_code'), party_id: pathParam(request, 'party_id') };
}
