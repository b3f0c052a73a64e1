import { membersOf } from '../../kernel/json-text.js';
import { invalidParameters, unknownLocation } from '../../kernel/ocpi-error.js';
import type { Oddity } from '../../kernel/oddity.js';
import { ciKey } from '../../kernel/party-ref.js';
import { connectorSpan, evseSpan, instantOf, lifted, withConnector, withEvse } from './location-document.js';
import { mergeEvse, mergeLocation, mergeObject } from './location-merge.js';
import type { LocationDecision, StoredLocation } from './location-store.js';

/** What the rules need to know beside the object itself. */
export interface RuleContext {
  /** Whether an older `last_updated` than the stored one is applied all the same (a partner's switch). */
  readonly applyStale: boolean;
  readonly extensionKeys: ReadonlySet<string>;
  /** Judges a whole merged object; throws what its owner is to read. */
  readonly checkWhole: (level: 'location' | 'evse' | 'connector', value: unknown) => void;
  readonly oddities: (location: WireLocation) => readonly Oddity[];
}

/** The parts of a Location that the rules look at. */
export interface WireLocation {
  readonly last_updated: string;
  readonly evses?: readonly WireEvse[] | null;
}

export interface WireEvse {
  readonly uid: string;
  readonly status: string;
  readonly last_updated: string;
}

type Decide = (current: StoredLocation | undefined) => LocationDecision;

const stale: LocationDecision = { kind: 'unchanged', reason: 'stale' };
const identical: LocationDecision = { kind: 'unchanged', reason: 'identical' };

/** PUT Location: replaces it as sent; an EVSE that is left out is gone, and flagged (L-20). */
export function putLocation(text: string, location: WireLocation, context: RuleContext): Decide {
  const lastUpdated = instantOf(text);
  return (current) => {
    if (current && lastUpdated < current.lastUpdated && !context.applyStale) return stale;
    if (current?.document === text) return identical;
    const oddities = [...context.oddities(location), ...(current ? vanished(current.document, location) : [])];
    return {
      kind: 'store',
      isNew: current === undefined,
      document: text,
      lastUpdated,
      news: { kind: 'PUT' },
      oddities,
    };
  };
}

/** PATCH Location (O-09…O-15, L-19). */
export function patchLocation(patch: string, context: RuleContext): Decide {
  return (current) => {
    if (!current) throw unknownLocation();
    if (instantOf(patch) < current.lastUpdated && !context.applyStale) return stale;
    const document = mergeLocation(current.document, patch, context.extensionKeys);
    if (document === current.document) return identical;
    const location = JSON.parse(document) as WireLocation;
    context.checkWhole('location', location);
    return {
      kind: 'store',
      isNew: false,
      document,
      lastUpdated: instantOf(document),
      news: newsOf(patch),
      oddities: context.oddities(location),
    };
  };
}

/** PUT EVSE under a known Location; lifts the Location's `last_updated` (L-09, L-13, L-14). */
export function putEvse(uid: string, text: string, context: RuleContext): Decide {
  return (current) => {
    if (!current) throw unknownLocation('The Location is unknown; PUT it first.');
    const span = evseSpan(current.document, uid);
    const present = span && current.document.slice(span.start, span.end);
    if (present !== undefined && instantOf(text) < instantOf(present) && !context.applyStale) return stale;
    if (present === text) return identical;
    return withChangedEvse(current, uid, text, present === undefined, { kind: 'PUT' });
  };
}

/** PATCH EVSE: what status updates are (L-15, L-17). */
export function patchEvse(uid: string, patch: string, context: RuleContext): Decide {
  return (current) => {
    const span = current && evseSpan(current.document, uid);
    if (!span) throw unknownLocation();
    const present = current.document.slice(span.start, span.end);
    if (instantOf(patch) < instantOf(present) && !context.applyStale) return stale;
    const evse = mergeEvse(present, patch, context.extensionKeys);
    if (evse === present) return identical;
    if (!isStatusOnly(patch)) context.checkWhole('evse', JSON.parse(evse));
    return withChangedEvse(current, uid, evse, false, newsOf(patch));
  };
}

/** PUT Connector under a known EVSE; lifts EVSE and Location (L-10). Others are told of the EVSE. */
export function putConnector(uid: string, id: string, text: string, context: RuleContext): Decide {
  return changeConnector(uid, id, (present) => {
    if (present !== undefined && instantOf(text) < instantOf(present) && !context.applyStale) return undefined;
    return text;
  });
}

/** PATCH Connector (L-10, L-15). */
export function patchConnector(uid: string, id: string, patch: string, context: RuleContext): Decide {
  return changeConnector(uid, id, (present) => {
    if (present === undefined) throw unknownLocation();
    if (instantOf(patch) < instantOf(present) && !context.applyStale) return undefined;
    const connector = mergeObject(present, patch, context.extensionKeys);
    context.checkWhole('connector', JSON.parse(connector));
    return connector;
  });
}

/** @param next the Connector's new text from the present one, or undefined if the change is stale */
function changeConnector(uid: string, id: string, next: (present: string | undefined) => string | undefined): Decide {
  return (current) => {
    const evseAt = current && evseSpan(current.document, uid);
    if (!evseAt) throw unknownLocation('The Location or EVSE is unknown; PUT it first.');
    const evse = current.document.slice(evseAt.start, evseAt.end);
    const at = connectorSpan(evse, id);
    const present = at && evse.slice(at.start, at.end);
    const connector = next(present);
    if (connector === undefined) return stale;
    if (connector === present) return identical;
    const changed = lifted(withConnector(evse, id, connector), stampOf(connector));
    return withChangedEvse(current, uid, changed, present === undefined, { kind: 'PUT' });
  };
}

function withChangedEvse(
  current: StoredLocation,
  uid: string,
  evse: string,
  isNew: boolean,
  news: { kind: 'PUT' | 'PATCH'; patch?: string },
): LocationDecision {
  const document = lifted(withEvse(current.document, uid, evse), stampOf(evse));
  return {
    kind: 'store',
    isNew,
    document,
    lastUpdated: Math.max(current.lastUpdated, instantOf(evse)),
    news: { evseUid: uid, ...news },
  };
}

function stampOf(object: string): string {
  return fieldOf(object, 'last_updated');
}

function fieldOf(object: string, key: string): string {
  const member = membersOf(object).find((entry) => entry.key === key);
  const value: unknown = member && JSON.parse(object.slice(member.start, member.end));
  if (typeof value !== 'string') throw invalidParameters(`${key} is missing.`, `/${key}`);
  return value;
}

function isStatusOnly(patch: string): boolean {
  return membersOf(patch).every(
    (member) => member.key === 'status' || member.key === 'last_updated' || member.key === 'uid',
  );
}

/**
 * A PATCH is passed on as one where every receiver must read it alike: plain values only. Nulls, lists and nested objects
 * are told as the whole object, since receivers differ in how they merge them.
 */
function newsOf(patch: string): { kind: 'PUT' | 'PATCH'; patch?: string } {
  const plain = membersOf(patch).every((member) => /^["\-\dtf]/.test(patch.charAt(member.start)));
  return plain ? { kind: 'PATCH', patch } : { kind: 'PUT' };
}

function vanished(before: string, location: WireLocation): Oddity[] {
  const present = new Set((location.evses ?? []).map((evse) => ciKey(evse.uid)));
  const known = (JSON.parse(before) as WireLocation).evses ?? [];
  return known
    .filter((evse) => !present.has(ciKey(evse.uid)) && evse.status !== 'REMOVED')
    .map((evse) => ({ rule: 'L-20', pointer: '/evses', message: `EVSE ${evse.uid} vanished without being REMOVED` }));
}
