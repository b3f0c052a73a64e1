import { ciKey, keySegment, partyKey } from '../../../kernel/party-ref.js';
import type { EvReliabilityConfig } from '../../../platform/config/index.js';
import { exactOf } from '../pricing/decimal.js';

/** What a Session or a CDR says of an EVSE. */
export interface SeenSession {
  /** Party key of the CPO. */
  readonly owner: string;
  /** The same for a Session and its CDR. */
  readonly name: string;
  readonly placeId: string;
  /** As ids are compared. */
  readonly evseUid: string;
  /** As ids are compared; empty: not said. */
  readonly connectorId: string;
  /** ms since the epoch */
  readonly start: number;
  /** ms since the epoch; undefined: it goes on. */
  readonly end: number | undefined;
  readonly outcome: 'successful' | 'failed' | 'open';
  /** A CDR is the last word on its Session. */
  readonly sealed: boolean;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads a Session. @returns undefined for what says nothing of an EVSE: a reservation, one that is only pending, or one that lacks
 * what is needed to tell
 */
export function seenInSession(given: unknown, thresholds: EvReliabilityConfig): SeenSession | undefined {
  const session = membersOf(given);
  const { status } = session;
  if (status === 'PENDING' || status === 'RESERVATION') return undefined;
  const seen = seenAt(session, session.id, session.location_id, session.evse_uid, session.connector_id);
  if (!seen) return undefined;
  const { start, end } = seen;
  if (status === 'INVALID') return { ...seen, outcome: 'failed', sealed: false };
  if (status !== 'COMPLETED' || end === undefined) return { ...seen, outcome: 'open', sealed: false };
  return { ...seen, outcome: isGood(end - start, session.kwh, thresholds) ? 'successful' : 'failed', sealed: false };
}

/** Reads a CDR. @returns undefined for a credit, and for one that lacks what is needed to tell */
export function seenInCdr(given: unknown, thresholds: EvReliabilityConfig): SeenSession | undefined {
  const cdr = membersOf(given);
  if (cdr.credit === true) return undefined;
  const place = membersOf(cdr.cdr_location);
  // A CDR without a Session still is one.
  const id = cdr.session_id ?? (typeof cdr.id === 'string' ? `cdr ${cdr.id}` : undefined);
  const seen = seenAt(cdr, id, place.id, place.evse_uid, place.connector_id);
  if (seen?.end === undefined) return undefined;
  const isSuccessful = isGood(seen.end - seen.start, cdr.total_energy, thresholds);
  return { ...seen, outcome: isSuccessful ? 'successful' : 'failed', sealed: true };
}

function seenAt(
  from: Members,
  id: unknown,
  placeId: unknown,
  evseUid: unknown,
  connectorId: unknown,
): Omit<SeenSession, 'outcome' | 'sealed'> | undefined {
  const { country_code, party_id } = from;
  const start = timeOf(from.start_date_time);
  if (![country_code, party_id, id, placeId, evseUid].every((text) => typeof text === 'string' && text !== ''))
    return undefined;
  if (start === undefined) return undefined;
  const end = timeOf(from.end_date_time);
  return {
    owner: partyKey({ country_code: String(country_code), party_id: String(party_id) }),
    name: ciKey(String(id)),
    placeId: ciKey(String(placeId)),
    evseUid: keySegment(String(evseUid)),
    connectorId: typeof connectorId === 'string' ? keySegment(connectorId) : '',
    start,
    end: end !== undefined && end >= start ? end : undefined,
  };
}

function isGood(lasted: number, kwh: unknown, thresholds: EvReliabilityConfig): boolean {
  const wh = exactOf(kwh)?.times(1_000);
  const { leastSessionMs, longestSessionMs, leastSessionWh } = thresholds;
  return lasted >= leastSessionMs && lasted <= longestSessionMs && wh?.gte(leastSessionWh) === true;
}

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? (value as Members) : {});

function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  // OCPI's times are UTC, with or without the letter.
  const ms = Date.parse(/[zZ]$/.test(value) ? value : `${value}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
