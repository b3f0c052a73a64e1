import type { PartyRef } from '../../kernel/party-ref.js';
import { printObject, rawNumber } from '../data/raw-number.js';
import type { CdrToken } from '../tokens/wallet.js';
import { type JsonObject, textIn } from '../wire/json-object.js';
import { stampText } from '../wire/stamp.js';
import type { Place } from './place.js';

/** What Session and CDR of a charge have in common. */
export interface ChargeFacts {
  owner: PartyRef;
  sessionId: string;
  token: CdrToken;
  place: Place;
  authMethod: 'AUTH_REQUEST' | 'COMMAND' | 'WHITELIST';
  authorizationReference: string | undefined;
  startedAt: number;
}

/** A charging period as it is told: what was charged from then on. */
export interface Period {
  startsAt: number;
  kwh: number;
}

const PRICE_PER_KWH = 0.3;

/** Numbers as real meters print them: with their trailing zeros. */
const amount = (value: number, decimals = 4): string => rawNumber(value.toFixed(decimals));

const idOf = (object: JsonObject, name: string): string => textIn(object, name) ?? '#NA';

const periodOf = ({ startsAt, kwh }: Period): object => ({
  start_date_time: stampText(startsAt),
  dimensions: [{ type: 'ENERGY', volume: amount(kwh) }],
});

/** A Session as it begins, wire text. Spec: 2.2.1 §9.3.1. */
export const sessionText = (facts: ChargeFacts, now: number): string =>
  printObject({
    country_code: facts.owner.country_code,
    party_id: facts.owner.party_id,
    id: facts.sessionId,
    start_date_time: stampText(facts.startedAt),
    kwh: rawNumber('0.000'),
    cdr_token: facts.token,
    auth_method: facts.authMethod,
    ...(facts.authorizationReference !== undefined && { authorization_reference: facts.authorizationReference }),
    location_id: idOf(facts.place.location, 'id'),
    evse_uid: idOf(facts.place.evse, 'uid'),
    connector_id: idOf(facts.place.connector, 'id'),
    meter_id: `METER-${facts.sessionId}`,
    currency: 'EUR',
    charging_periods: [],
    status: 'ACTIVE',
    x_vendor: { serial: 'Ä-7', phases: [1, 2, null] },
    last_updated: stampText(now),
  });

/** A PATCH with what has been charged since. */
export const progressPatch = (kwh: number, period: Period, now: number): string =>
  printObject({ kwh: amount(kwh, 3), charging_periods: [periodOf(period)], last_updated: stampText(now) });

/** The last PATCH. */
export const completedPatch = (kwh: number, endedAt: number): string =>
  printObject({
    kwh: amount(kwh, 3),
    end_date_time: stampText(endedAt),
    status: 'COMPLETED',
    total_cost: costOf(kwh),
    last_updated: stampText(endedAt),
  });

const costOf = (kwh: number): object => ({
  excl_vat: amount(kwh * PRICE_PER_KWH, 2),
  incl_vat: amount(kwh * PRICE_PER_KWH * 1.21, 2),
});

/** The CDR of a charge, wire text. Spec: 2.2.1 §10.3.1. */
export function cdrText(facts: ChargeFacts, periods: readonly Period[], endedAt: number): string {
  const { owner, place, token, sessionId } = facts;
  const { location, evse, connector } = place;
  const kwh = periods.reduce((sum, period) => sum + period.kwh, 0);
  return printObject({
    country_code: owner.country_code,
    party_id: owner.party_id,
    id: sessionId.replace(/^S/, 'C'),
    start_date_time: stampText(facts.startedAt),
    end_date_time: stampText(endedAt),
    session_id: sessionId,
    cdr_token: token,
    auth_method: facts.authMethod,
    ...(facts.authorizationReference !== undefined && { authorization_reference: facts.authorizationReference }),
    cdr_location: {
      id: idOf(location, 'id'),
      name: textIn(location, 'name') ?? null,
      address: idOf(location, 'address').slice(0, 45),
      city: idOf(location, 'city'),
      postal_code: textIn(location, 'postal_code') ?? null,
      country: idOf(location, 'country'),
      coordinates: location.coordinates,
      evse_uid: idOf(evse, 'uid'),
      evse_id: idOf(evse, 'evse_id'),
      connector_id: idOf(connector, 'id'),
      connector_standard: idOf(connector, 'standard'),
      connector_format: idOf(connector, 'format'),
      connector_power_type: idOf(connector, 'power_type'),
    },
    meter_id: `METER-${sessionId}`,
    currency: 'EUR',
    charging_periods: periods.length === 0 ? [periodOf({ startsAt: facts.startedAt, kwh: 0 })] : periods.map(periodOf),
    signed_data: {
      encoding_method: 'OCMF',
      encoding_method_version: 1,
      signed_values: [{ nature: 'End', plain_data: `OCMF|{"ID":"${sessionId}"}`, signed_data: 'c2lnbmVk+/==' }],
    },
    total_cost: costOf(kwh),
    total_energy: amount(kwh),
    total_time: rawNumber(((endedAt - facts.startedAt) / 3_600_000).toFixed(6)),
    last_updated: stampText(endedAt),
  });
}
