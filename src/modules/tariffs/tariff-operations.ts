import type { Tariff } from '../../generated/ocpi.js';
import type { Clock } from '../../kernel/clock.js';
import { parseDateTime } from '../../kernel/date-time.js';
import { invalidParameters, unknownObject } from '../../kernel/ocpi-error.js';
import type { Oddity } from '../../kernel/oddity.js';
import {
  asStored,
  checkNotAhead,
  checkSameId,
  checkSameOwner,
  done,
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
import type { WriteContext } from '../../platform/storage/index.js';
import type { TariffKey, TariffStore } from './tariff-store.js';

export interface TariffsDeps {
  readonly store: TariffStore;
  readonly pages: PagedList;
  readonly visibility: Pick<Visibility, 'ownersFor'>;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly oddities: (tariff: Tariff) => readonly Oddity[];
  /** How far `last_updated` may be ahead of the hub's clock, in ms (T25). */
  readonly maxAheadMs: number;
  /** Told what an acknowledged write came to. */
  readonly onAcknowledged: (effect: 'stored' | 'stale' | 'unchanged') => void;
}

/** The operations of the tariffs module, one for each OCPI method and object. */
export interface TariffOperations {
  putTariff(request: PartyRequest): Promise<OcpiReply>;
  getTariff(request: PartyRequest): Promise<OcpiReply>;
  deleteTariff(request: PartyRequest): Promise<OcpiReply>;
  listTariffs(request: PartyRequest): Promise<OcpiReply>;
}

const effects = { created: 'stored', replaced: 'stored', stale: 'stale', identical: 'unchanged' } as const;

export function tariffOperations(deps: TariffsDeps): TariffOperations {
  const contextOf = (request: PartyRequest): WriteContext => ({
    correlationId: request.ids.correlationId,
    now: deps.clock.now(),
  });
  return {
    /** Spec: 2.2.1 §11.2.2.2, TA-02, TA-03. */
    async putTariff(request) {
      const { value, text } = requiredBody(request);
      const violation = deps.schemas.validate('tariffs/tariff', value);
      if (violation) throw invalidParameters(violation.message, violation.pointer);
      const key = keyOf(request);
      checkSameId(value, 'id', key.tariff_id);
      checkSameOwner(value, request);
      checkNotAhead(value, deps.clock.now() + deps.maxAheadMs);
      const write = {
        document: text,
        lastUpdated: parseDateTime(String(fieldOf(value, 'last_updated'))) ?? 0,
        oddities: deps.oddities(value as Tariff),
        applyStale: request.partner.switches.stale === 'apply',
      };
      const outcome = await deps.store.put(key, write, contextOf(request));
      deps.onAcknowledged(effects[outcome]);
      return stored(outcome === 'created');
    },
    async getTariff(request) {
      const document = await deps.store.find(keyOf(request));
      if (document === undefined) throw unknownObject('Tariff');
      return asStored(document);
    },
    /** Spec: 2.2.1 §11.2.2.3, TA-04: a Tariff that Connectors still name may go (TA-05). */
    async deleteTariff(request) {
      if (!(await deps.store.remove(keyOf(request), contextOf(request)))) throw unknownObject('Tariff');
      return done();
    },
    async listTariffs(request) {
      const owners = deps.visibility.ownersFor(request.partner, request.from, 'tariffs');
      return deps.pages.serve(request.url, request.query, owners, request.partner.switches.withheld);
    },
  };
}

function keyOf(request: PartyRequest): TariffKey {
  return {
    country_code: pathParam(request, 'country_code'),
    party_id: pathParam(request, 'party_id'),
    tariff_id: pathParam(request, 'tariff_id'),
  };
}
