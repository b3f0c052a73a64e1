import type { Location } from '../../generated/ocpi.js';
import { membersOf } from '../../kernel/json-text.js';
import { mergeObject } from '../../kernel/merge-text.js';
import { unknownLocation } from '../../kernel/ocpi-error.js';
import type { Oddity } from '../../kernel/oddity.js';
import { ciKey } from '../../kernel/party-ref.js';
import type { StoredDocument } from '../../platform/storage/index.js';
import { connectorSlot, evseSlot, type ItemSlot, instantOf } from './location-document.js';
import { mergeEvse, mergeLocation } from './location-merge.js';
import type { LocationDecision } from './location-store.js';

/** What the rules need to know beside the object itself. */
export interface RuleContext {
  /** Whether an older `last_updated` than the stored one is applied all the same (a partner's switch). */
  readonly applyStale: boolean;
  readonly extensionKeys: ReadonlySet<string>;
  /** Judges a whole merged object; throws what its owner is to read. */
  readonly checkWhole: (level: 'location' | 'evse' | 'connector', value: unknown) => void;
  readonly oddities: (location: Location) => readonly Oddity[];
}

type StoreDecision = Extract<LocationDecision, { kind: 'store' }>;
type News = { readonly kind: 'PUT' | 'PATCH'; readonly patch?: string };
type Decide = (current: StoredDocument | undefined) => LocationDecision;

const stale: LocationDecision = { kind: 'unchanged', reason: 'stale' };
const identical: LocationDecision = { kind: 'unchanged', reason: 'identical' };

/** PUT Location: replaces it as sent; an EVSE that is left out is gone, and flagged (L-20). */
export function putLocation(text: string, location: Location, context: RuleContext): Decide {
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
    const location = JSON.parse(document) as Location;
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
    const slot = evseSlot(current.document, uid);
    if (slot.text !== undefined && instantOf(text) < instantOf(slot.text) && !context.applyStale) return stale;
    if (slot.text === text) return identical;
    return judged(storeEvse(current, slot, uid, text, { kind: 'PUT' }), context);
  };
}

/** PATCH EVSE: what status updates are (L-15, L-17). */
export function patchEvse(uid: string, patch: string, context: RuleContext): Decide {
  return (current) => {
    if (!current) throw unknownLocation();
    const slot = evseSlot(current.document, uid);
    if (slot.text === undefined) throw unknownLocation();
    if (instantOf(patch) < instantOf(slot.text) && !context.applyStale) return stale;
    const evse = mergeEvse(slot.text, patch, context.extensionKeys);
    if (evse === slot.text) return identical;
    const decision = storeEvse(current, slot, uid, evse, newsOf(patch));
    if (isStatusOnly(patch)) return decision;
    context.checkWhole('evse', JSON.parse(evse));
    return judged(decision, context);
  };
}

/** PUT Connector under a known EVSE; lifts EVSE and Location (L-10). Others are told of the EVSE. */
export function putConnector(uid: string, id: string, text: string, context: RuleContext): Decide {
  return changeConnector(uid, id, context, (present) => {
    if (present !== undefined && instantOf(text) < instantOf(present) && !context.applyStale) return undefined;
    return text;
  });
}

/** PATCH Connector (L-10, L-15). */
export function patchConnector(uid: string, id: string, patch: string, context: RuleContext): Decide {
  return changeConnector(uid, id, context, (present) => {
    if (present === undefined) throw unknownLocation();
    if (instantOf(patch) < instantOf(present) && !context.applyStale) return undefined;
    const connector = mergeObject(present, patch, context.extensionKeys);
    context.checkWhole('connector', JSON.parse(connector));
    return connector;
  });
}

/** @param next the Connector's new text from the present one, or undefined if the change is stale */
function changeConnector(
  uid: string,
  id: string,
  context: RuleContext,
  next: (present: string | undefined) => string | undefined,
): Decide {
  return (current) => {
    const evse = current && evseSlot(current.document, uid);
    if (!current || evse?.text === undefined) throw unknownLocation('The Location or EVSE is unknown; PUT it first.');
    const slot = connectorSlot(evse.text, id);
    const connector = next(slot.text);
    if (connector === undefined) return stale;
    if (connector === slot.text) return identical;
    const decision = judged(storeEvse(current, evse, uid, slot.holding(connector), { kind: 'PUT' }), context);
    return { ...decision, isNew: slot.text === undefined };
  };
}

function storeEvse(current: StoredDocument, slot: ItemSlot, uid: string, evse: string, news: News): StoreDecision {
  const isNew = slot.text === undefined;
  return {
    kind: 'store',
    isNew,
    document: slot.holding(evse),
    lastUpdated: Math.max(current.lastUpdated, instantOf(evse)),
    // A new EVSE is told with its Location: two that were told alone could stand in another order at a partner than here.
    news: isNew ? { kind: 'PUT' } : { evseUid: uid, ...news },
  };
}

/** A decision with what is odd about the Location that comes of it (T-37); a status alone changes nothing of that. */
function judged(decision: StoreDecision, context: RuleContext): StoreDecision {
  return { ...decision, oddities: context.oddities(JSON.parse(decision.document) as Location) };
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
function newsOf(patch: string): News {
  const plain = membersOf(patch).every((member) => /^["\-\dtf]/.test(patch.charAt(member.start)));
  return plain ? { kind: 'PATCH', patch } : { kind: 'PUT' };
}

function vanished(before: string, location: Location): Oddity[] {
  const present = new Set((location.evses ?? []).map((evse) => ciKey(evse.uid)));
  const known = (JSON.parse(before) as Location).evses ?? [];
  return known
    .filter((evse) => !present.has(ciKey(evse.uid)) && evse.status !== 'REMOVED')
    .map((evse) => ({ rule: 'L-20', pointer: '/evses', message: `EVSE ${evse.uid} vanished without being REMOVED` }));
}
