import type { PartyRef } from '../../kernel/party-ref.js';
import type { FaultBox } from '../faults/fault-box.js';
import {
  answerWith,
  type ModuleRequest,
  notAllowed,
  type Reply,
  refused,
  type SimulatedModule,
} from '../http/exchange.js';
import { partOf } from '../wire/merge.js';
import type { Catalogue, CatalogueEntry, OwnedModule } from './catalogue.js';
import { type Page, readPage } from './paged-texts.js';

/** What the SENDER interfaces of a CPO platform need. */
export interface SenderOptions {
  catalogue: Catalogue;
  faults: FaultBox;
  pageLimit: number;
  /** The platform's own URL of a module's SENDER endpoint. */
  endpointUrl: (module: OwnedModule) => string;
  /** Told how many objects each page carried. */
  onPage: (objects: number) => void;
}

/** SENDER locations and tariffs of a CPO platform. Spec: 2.2.1 §8.2.1, §11.2.1, §4.1.4.1 (P-01 … P-18). */
export function senderModules(options: SenderOptions): SimulatedModule[] {
  const module = (identifier: OwnedModule): SimulatedModule => ({
    identifier,
    role: 'SENDER',
    callers: 'anybody',
    handle: (request) => {
      if (request.method !== 'GET') return notAllowed('GET');
      if (request.path.length === 0) return list(options, identifier, request);
      return identifier === 'locations' ? single(options.catalogue, request) : refused(404, 2000, 'no such endpoint');
    },
  });
  return [module('locations'), module('tariffs')];
}

function single(catalogue: Catalogue, request: ModuleRequest): Reply {
  const [id = '', ...part] = request.path;
  const location = catalogue.find('locations', id, request.to);
  const text = location === undefined || part.length === 0 ? location?.text : partOf(location.text, part);
  return text === undefined || part.length > 2 ? refused(404, 2003, 'unknown location') : answerWith(text);
}

function list(options: SenderOptions, module: OwnedModule, request: ModuleRequest): Reply {
  const { faults, pageLimit } = options;
  const query = new URLSearchParams(request.query);
  const page = readPage(query, pageLimit);
  if (typeof page === 'string') return refused(200, 2001, page);
  const matching = select(options.catalogue, module, request.to, page);
  const endless = faults.pageFault('endless-link') !== undefined;
  const offset = endless && page.offset >= matching.length ? 0 : page.offset;
  const objects = matching.slice(offset, offset + page.limit).map((entry) => entry.text);
  options.onPage(objects.length);
  const wrongTotal = faults.pageFault('wrong-total');
  const headers: [string, string][] = [
    ['X-Total-Count', String(wrongTotal === undefined ? matching.length : (wrongTotal.number ?? 1_000_000_000))],
    ['X-Limit', String(pageLimit)],
  ];
  const next = nextOffset(options, page.offset, page.limit, matching.length, endless);
  if (next !== undefined) {
    query.set('offset', String(next));
    query.set('limit', String(page.limit));
    const foreign = faults.pageFault('foreign-link');
    const url = foreign === undefined ? options.endpointUrl(module) : (foreign.value ?? 'http://127.0.0.1:1/next');
    headers.push(['Link', `<${url}?${query.toString()}>; rel="next"`]);
  }
  const bad = faults.pageFault('bad-object');
  if (bad !== undefined && objects.length > 0)
    objects.splice(Math.floor(objects.length / 2), 0, '{"id":42,"broken":true}');
  return answerWith(`[${objects.join(',')}]`, headers);
}

/** Where the next page starts, or undefined on the last one; under a fault, where it should not. */
function nextOffset(
  options: SenderOptions,
  offset: number,
  limit: number,
  total: number,
  endless: boolean,
): number | undefined {
  const next = offset + limit;
  if (offset > 0 && options.faults.pageFault('falling-offset') !== undefined) return Math.max(0, offset - limit);
  if (next < total) return next;
  return endless ? next : undefined;
}

function select(
  catalogue: Catalogue,
  module: OwnedModule,
  owner: PartyRef | undefined,
  page: Page,
): readonly CatalogueEntry[] {
  const all = catalogue.list(module, owner);
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = page;
  if (page.from === undefined && page.to === undefined) return all;
  return all.filter((entry) => entry.stamp >= from && entry.stamp < to);
}
