import type { Clock } from '../../kernel/clock.js';
import { formatDateTime } from '../../kernel/date-time.js';
import { compactJson, defaultJsonLimits, inspectJson, itemsOf, type Span } from '../../kernel/json-text.js';
import { newMessageId } from '../../kernel/message-ids.js';
import { invalidParameters, OcpiError } from '../../kernel/ocpi-error.js';
import { ciKey, isAddressable, type PartyRef, partyKey } from '../../kernel/party-ref.js';
import { type Answered, type CrawlEnd, crawl, dataText, type OutboundClient } from '../outbound/index.js';
import type { Partner } from '../partners/index.js';
import { routingHeaders } from '../routing/index.js';
import { PullRefusals } from './pull-refusals.js';
import type { PullTurn } from './pull-schedule.js';
import { ownerRolesOf, type PullContext, type PullSink } from './pull-sink.js';
import type { PullState, PullStateStore } from './pull-state.js';

export interface PullListDeps {
  readonly client: OutboundClient;
  readonly states: PullStateStore;
  readonly clock: Clock;
  readonly hub: PartyRef;
  /** Told of an object that the rules refuse. */
  readonly onRefused: (refusal: { module: string; party: string; id: string; reason: string }) => void;
}

export interface PullListRequest {
  readonly partner: Partner;
  readonly party: PartyRef;
  readonly sink: PullSink;
  /** The partner's SENDER endpoint of the module. */
  readonly url: string;
  /** The token that we present. */
  readonly token: string;
  readonly full: boolean;
  readonly signal: AbortSignal;
  readonly turn: PullTurn;
}

/** Objects asked for per page; partners may give fewer. */
const pageSize = 250;
/** A partial crawl reaches this far behind the last one, for clocks that differ. ms */
const overlapMs = 5 * 60_000;
/** A complete list that would take away more than this share of many objects is believed only by an operator. */
const removalGuard = { share: 0.5, least: 100 };

/** So many pages in a row without an object that was not on a page before: the list has no end (P-14). */
const repeatedPages = 3;

/** What a list has shown so far. */
interface Shown {
  /** Owner and id of each object, or its text where those cannot be read. */
  readonly all: Set<string>;
  /** Pages in a row that showed nothing new. */
  repeats: number;
  /** Upper-case ids of the party's objects. */
  readonly ids: Set<string>;
  /** Pages that were no list, and objects without an owner or id. */
  unreadable: number;
}

/** The parts of a {@link PullState} that a crawl counts up. */
interface Tally {
  pages: number;
  totalCount?: number;
  stored: number;
  unchanged: number;
  refused: number;
  foreign: number;
  readonly refusals: PullRefusals;
}

/**
 * Reads one list of one party to its end and stores what is good of it.
 *
 * A complete crawl without date filter replaces: what it did not show is taken out (P-16, A-13). A filtered, stopped or resumed
 * crawl, and one during which the partner's total fell (P-15), only adds and updates. Progress is kept after each page.
 */
export async function pullList(deps: PullListDeps, request: PullListRequest): Promise<PullState> {
  const { partner, sink } = request;
  const party = partyKey(request.party);
  const before = await deps.states.get(partner.id, sink.module, party);
  const resumed = before?.phase === 'running' && before.nextUrl !== undefined;
  const full = resumed ? before.full : request.full || before?.goodSince === undefined;
  const sinceLast = full ? sink.listFrom?.() : (before?.goodSince ?? 0) - overlapMs;
  const dateFrom = resumed ? before.dateFrom : sinceLast;
  const startedAt = resumed ? before.startedAt : deps.clock.now();
  // What a platform pushed since it registered is not older news than the first list that it shows.
  const settledAt = before?.fullSince === undefined ? Math.min(startedAt, partner.createdAt) : startedAt;
  const tally: Tally = resumed ? tallyOf(before) : newTally();
  const kept = { goodSince: before?.goodSince, fullSince: before?.fullSince };
  const state = (rest: Partial<PullState>): PullState =>
    withoutUndefined({
      partner: partner.id,
      module: sink.module,
      party,
      phase: 'running',
      full,
      dateFrom,
      startedAt,
      removed: 0,
      ...kept,
      ...tally,
      refusals: tally.refused > 0 ? tally.refusals.list() : undefined,
      ...rest,
    });

  const context: PullContext = { correlationId: newMessageId(), applyStale: partner.switches.stale === 'apply' };
  const shown: Shown = { all: new Set(), repeats: 0, ids: new Set(), unreadable: 0 };
  let totalFell = false;
  const end = await crawl(
    deps.client,
    {
      firstUrl: resumed ? (before.nextUrl ?? '') : firstUrl(request.url, dateFrom),
      token: request.token,
      tokenForm: partner.switches.outbound_raw ? 'raw' : 'base64',
      origins: partner.origins,
      headers: routingHeaders(request.party, deps.hub),
      correlationId: context.correlationId,
      signal: request.signal,
    },
    async (page, url) => {
      await deps.states.put(state({ nextUrl: url }), request.turn);
      const total = totalOf(page);
      if (total !== undefined && tally.totalCount !== undefined && total < tally.totalCount) totalFell = true;
      if (total !== undefined) tally.totalCount = total;
      const before = shown.all.size;
      await takePage(deps, request, page, context, tally, shown);
      tally.pages++;
      shown.repeats = shown.all.size > before ? 0 : shown.repeats + 1;
      return request.signal.aborted || shown.repeats === repeatedPages ? false : undefined;
    },
  );
  const finishedAt = deps.clock.now();
  if (end.ended === 'stopped') {
    // Interrupted by our own stop: the next start goes on there.
    const goesOn = end.reason === 'ended-by-caller' && shown.repeats < repeatedPages;
    const note = shown.repeats < repeatedPages ? noteOf(end) : `After page ${end.pages} the list only repeated itself.`;
    const stopped = state(goesOn ? { nextUrl: end.url } : { phase: 'stopped', finishedAt, note });
    await deps.states.put(stopped, request.turn);
    return stopped;
  }
  const replaces = full && !resumed && !totalFell && !sink.addsOnly;
  const replaced = replaces ? await replace(request, shown, settledAt, context) : { removed: 0 };
  const complete = state({
    phase: 'complete',
    finishedAt,
    goodSince: startedAt,
    ...(full ? { fullSince: startedAt } : {}),
    ...replaced,
  });
  await deps.states.put(complete, request.turn);
  return complete;
}

async function takePage(
  deps: PullListDeps,
  request: PullListRequest,
  page: Answered,
  context: PullContext,
  tally: Tally,
  shown: Shown,
): Promise<void> {
  const list = compactList(dataText(page));
  if (!list) {
    shown.unreadable++;
    noteRefusal(deps, request, tally, '', 'a page is no list');
    return;
  }
  const take = async ({ start, end }: Span): Promise<void> => {
    const text = list.text.slice(start, end);
    return takeObject(deps, request, { text, clean: list.clean }, context, tally, shown);
  };
  await Promise.all(itemsOf(list.text).map(take));
}

async function takeObject(
  deps: PullListDeps,
  request: PullListRequest,
  { text, clean }: ListText,
  context: PullContext,
  tally: Tally,
  shown: Shown,
): Promise<void> {
  const { sink, partner } = request;
  const value: unknown = JSON.parse(text);
  const id = sink.idOf(value);
  const owner = ownerOf(value);
  const own = partner.roles.some(
    ({ role, ...party }) =>
      ownerRolesOf(sink).includes(role) && owner !== undefined && partyKey(party) === partyKey(owner),
  );
  shown.all.add(owner && id !== undefined ? `${partyKey(owner)}/${ciKey(id)}` : text);
  if (owner && !own) {
    tally.foreign++;
    return;
  }
  if (!owner || id === undefined) shown.unreadable++;
  else if (partyKey(owner) === partyKey(request.party)) shown.ids.add(ciKey(id));
  try {
    if (!clean) checkText(text);
    if (id !== undefined && !isAddressable(id)) throw invalidParameters('its id cannot stand in a URL');
    const outcome = await sink.accept(owner ?? request.party, value, text, context);
    tally[outcome]++;
  } catch (error) {
    if (!(error instanceof OcpiError)) throw error;
    noteRefusal(deps, request, tally, id ?? '', error.statusMessage);
  }
}

function noteRefusal(deps: PullListDeps, request: PullListRequest, tally: Tally, id: string, reason: string): void {
  tally.refused++;
  tally.refusals.add(reason, id);
  deps.onRefused({ module: request.sink.module, party: partyKey(request.party), id, reason });
}

async function replace(
  request: PullListRequest,
  { ids: present, unreadable }: Shown,
  since: number,
  context: PullContext,
): Promise<{ removed: number; note?: string }> {
  const { sink, party } = request;
  // What cannot be read may be any of the stored objects.
  if (unreadable > 0)
    return { removed: 0, note: `${unreadable} parts of the list were unreadable; nothing was taken out.` };
  const held = await sink.count(party);
  const missing = held - present.size;
  if (missing > removalGuard.least && missing > held * removalGuard.share)
    return {
      removed: 0,
      note: `The list holds ${present.size} objects where ${held} are stored; nothing was taken out.`,
    };
  return { removed: await sink.removeAbsent(party, present, since, context) };
}

/** A list as text without white space; `clean` if no object of it needs a look of its own. */
interface ListText {
  readonly text: string;
  readonly clean: boolean;
}

/** Undefined if `data` is no list. */
function compactList(data: string | undefined): ListText | undefined {
  if (data === undefined) return undefined;
  try {
    if (!Array.isArray(JSON.parse(data))) return undefined;
  } catch {
    return undefined;
  }
  const { depth, nodes } = defaultJsonLimits;
  const inspection = inspectJson(data, { depth: depth + 1, nodes });
  return inspection.kind === 'fine'
    ? { text: inspection.text, clean: true }
    : { text: compactJson(data), clean: false };
}

/** @throws OcpiError for an object that would be refused as the body of a request, too (T13). */
function checkText(text: string): void {
  const inspection = inspectJson(text);
  if (inspection.kind === 'fine') return;
  throw invalidParameters('key' in inspection ? `${inspection.kind}: ${inspection.key}` : inspection.kind);
}

function newTally(): Tally {
  return { pages: 0, stored: 0, unchanged: 0, refused: 0, foreign: 0, refusals: new PullRefusals() };
}

function tallyOf({ pages, totalCount, stored, unchanged, refused, foreign, refusals }: PullState): Tally {
  const total = totalCount === undefined ? {} : { totalCount };
  return { pages, stored, unchanged, refused, foreign, ...total, refusals: new PullRefusals(refusals) };
}

function ownerOf(value: unknown): PartyRef | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { country_code, party_id } = value as Record<string, unknown>;
  return typeof country_code === 'string' && typeof party_id === 'string' ? { country_code, party_id } : undefined;
}

function firstUrl(endpoint: string, dateFrom: number | undefined): string {
  const url = new URL(endpoint);
  url.searchParams.set('offset', '0');
  url.searchParams.set('limit', String(pageSize));
  if (dateFrom !== undefined) url.searchParams.set('date_from', formatDateTime(dateFrom));
  return url.href;
}

function totalOf(page: Answered): number | undefined {
  const header = page.headers['x-total-count'];
  return typeof header === 'string' && /^\d{1,12}$/.test(header) ? Number(header) : undefined;
}

function noteOf(end: Extract<CrawlEnd, { ended: 'stopped' }>): string {
  const { outcome } = end;
  if (!outcome) return `The list was left at page ${end.pages + 1}: ${end.reason}.`;
  const answer =
    outcome.kind === 'answered'
      ? `HTTP ${outcome.httpStatus}, OCPI ${outcome.statusCode ?? 'none'}`
      : `${outcome.kind}, ${outcome.reason}`;
  return `Page ${end.pages + 1} could not be read: ${answer}.`;
}

/** Leaves out what is undefined, so that a state reads the same after it was stored. */
function withoutUndefined(state: { [K in keyof PullState]?: PullState[K] | undefined }): PullState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as unknown as PullState;
}
