import type { Location } from '../../generated/ocpi.js';
import type { Clock } from '../../kernel/clock.js';
import { invalidParameters, unknownLocation } from '../../kernel/ocpi-error.js';
import type { Oddity } from '../../kernel/oddity.js';
import {
  asStored,
  type Body,
  checkNotAhead,
  checkSameId,
  checkSameOwner,
  fieldOf,
  type OcpiReply,
  type PagedList,
  type PartyRequest,
  pathParam,
  requiredBody,
  stored,
} from '../../platform/http/index.js';
import type { Visibility } from '../../platform/routing/index.js';
import type { SchemaRegistry } from '../../platform/schema/index.js';
import type { StoredDocument } from '../../platform/storage/index.js';
import { connectorSlot, evseSlot } from './location-document.js';
import {
  patchConnector,
  patchEvse,
  patchLocation,
  putConnector,
  putEvse,
  putLocation,
  type RuleContext,
} from './location-rules.js';
import type { LocationDecision, LocationKey, LocationStore } from './location-store.js';

export interface LocationsDeps {
  readonly store: LocationStore;
  readonly pages: PagedList;
  readonly visibility: Pick<Visibility, 'ownersFor'>;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly oddities: (location: Location) => readonly Oddity[];
  /** Names of vendor objects that a PATCH merges one level deep. */
  readonly extensionKeys: ReadonlySet<string>;
  /** How far `last_updated` may be ahead of the hub's clock, in ms (T25). */
  readonly maxAheadMs: number;
  /** Told what an acknowledged write came to. */
  readonly onAcknowledged: (effect: 'stored' | 'stale' | 'unchanged') => void;
}

type Level = 'location' | 'evse' | 'connector';
type Operation = (request: PartyRequest) => Promise<OcpiReply>;

/** The operations of the locations module, one for each OCPI method and object. */
export interface LocationOperations {
  putLocation: Operation;
  patchLocation: Operation;
  putEvse: Operation;
  patchEvse: Operation;
  putConnector: Operation;
  patchConnector: Operation;
  /** GET on the Receiver interface: the owner checks what the hub holds (O-16). */
  getOwn: Operation;
  listLocations: Operation;
  /** GET of one Location, EVSE or Connector on the Sender interface (L-02). */
  getOne: Operation;
}

export function locationOperations(deps: LocationsDeps): LocationOperations {
  const latest = (): number => deps.clock.now() + deps.maxAheadMs;
  const rules = (request: PartyRequest): RuleContext => ({
    applyStale: request.partner.switches.stale === 'apply',
    extensionKeys: deps.extensionKeys,
    checkWhole: (level, value) => check(deps, level, value),
    oddities: deps.oddities,
  });

  const change = async (
    request: PartyRequest,
    decide: (current: StoredDocument | undefined) => LocationDecision,
  ): Promise<OcpiReply> => {
    const context = { correlationId: request.ids.correlationId, now: deps.clock.now() };
    const decision = await deps.store.change(keyOf(request), context, decide);
    if (decision.kind === 'store') {
      deps.onAcknowledged('stored');
      return stored(decision.isNew);
    }
    deps.onAcknowledged(decision.reason === 'stale' ? 'stale' : 'unchanged');
    return stored(false);
  };

  const put = (request: PartyRequest, level: Level, idField: 'id' | 'uid', id: string): Body => {
    const body = requiredBody(request);
    check(deps, level, body.value);
    checkSameId(body.value, idField, id);
    checkNotAhead(body.value, latest(), ['evses', 'connectors']);
    return body;
  };

  const patch = (request: PartyRequest, level: Level, idField: 'id' | 'uid', id: string): Body => {
    const body = requiredBody(request);
    const violation = deps.schemas.validatePatch(`locations/${level}`, body.value);
    if (violation) throw invalidParameters(violation.message, violation.pointer);
    if (fieldOf(body.value, idField) !== undefined) checkSameId(body.value, idField, id);
    checkNotAhead(body.value, latest(), ['evses', 'connectors']);
    return body;
  };

  return {
    async putLocation(request) {
      const { location_id } = keyOf(request);
      const body = put(request, 'location', 'id', location_id);
      checkSameOwner(body.value, request);
      return change(request, putLocation(body.text, body.value as Location, rules(request)));
    },
    async patchLocation(request) {
      const { location_id } = keyOf(request);
      const body = patch(request, 'location', 'id', location_id);
      checkSameOwner(body.value, request);
      return change(request, patchLocation(body.text, rules(request)));
    },
    async putEvse(request) {
      const uid = pathParam(request, 'evse_uid');
      return change(request, putEvse(uid, put(request, 'evse', 'uid', uid).text, rules(request)));
    },
    async patchEvse(request) {
      const uid = pathParam(request, 'evse_uid');
      return change(request, patchEvse(uid, patch(request, 'evse', 'uid', uid).text, rules(request)));
    },
    async putConnector(request) {
      const id = pathParam(request, 'connector_id');
      const { text } = put(request, 'connector', 'id', id);
      return change(request, putConnector(pathParam(request, 'evse_uid'), id, text, rules(request)));
    },
    async patchConnector(request) {
      const id = pathParam(request, 'connector_id');
      const { text } = patch(request, 'connector', 'id', id);
      return change(request, patchConnector(pathParam(request, 'evse_uid'), id, text, rules(request)));
    },
    async getOwn(request) {
      const document = await deps.store.find(keyOf(request));
      if (document === undefined) throw unknownLocation();
      return asStored(part(document, request));
    },
    async listLocations(request) {
      const owners = deps.visibility.ownersFor(request.partner, request.from, 'locations');
      return deps.pages.serve(request.url, request.query, owners, request.partner.switches.withheld);
    },
    async getOne(request) {
      const owners = deps.visibility.ownersFor(request.partner, request.from, 'locations');
      const [document, another] = await deps.store.findById(pathParam(request, 'location_id'), owners, 2);
      if (document === undefined) throw unknownLocation();
      if (another !== undefined)
        throw invalidParameters('Several parties have a Location of this id; only a list shows which is whose.');
      return asStored(part(document, request));
    },
  };
}

/** The Location itself, or the EVSE or Connector of it that the path names. */
function part(document: string, request: PartyRequest): string {
  const { evse_uid, connector_id } = request.params;
  if (evse_uid === undefined) return document;
  const evse = evseSlot(document, evse_uid).text;
  const found = evse === undefined || connector_id === undefined ? evse : connectorSlot(evse, connector_id).text;
  if (found === undefined) throw unknownLocation();
  return found;
}

function keyOf(request: PartyRequest): LocationKey {
  return {
    country_code: pathParam(request, 'country_code'),
    party_id: pathParam(request, 'party_id'),
    location_id: pathParam(request, 'location_id'),
  };
}

function check(deps: LocationsDeps, level: Level, value: unknown): void {
  const violation = deps.schemas.validate(`locations/${level}`, value);
  if (violation) throw invalidParameters(violation.message, violation.pointer);
}
