import { invalidParameters } from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';

/** The two pairs of headers that say between whom a message travels. Spec: 2.2.1 §4.1.8.2, R-01. */
export interface RoutingHeaders {
  readonly to?: PartyRef;
  readonly from?: PartyRef;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Reads the routing headers of a request; names compare without case (T-25: Node hands them over in lower case).
 * @throws OcpiError 2001 if only half of a pair is there or a value cannot be a party.
 */
export function readRoutingHeaders(headers: Headers): RoutingHeaders {
  const to = pair(headers, 'to');
  const from = pair(headers, 'from');
  return { ...(to ? { to } : {}), ...(from ? { from } : {}) };
}

/** The routing headers of a message from `from` to `to`. */
export function routingHeaders(to: PartyRef, from: PartyRef): Record<string, string> {
  return {
    'OCPI-to-country-code': to.country_code,
    'OCPI-to-party-id': to.party_id,
    'OCPI-from-country-code': from.country_code,
    'OCPI-from-party-id': from.party_id,
  };
}

function pair(headers: Headers, direction: 'to' | 'from'): PartyRef | undefined {
  const country = headers[`ocpi-${direction}-country-code`];
  const party = headers[`ocpi-${direction}-party-id`];
  if (country === undefined && party === undefined) return undefined;
  if (typeof country !== 'string' || typeof party !== 'string')
    throw invalidParameters(`OCPI-${direction}-country-code and OCPI-${direction}-party-id go together.`);
  if (!/^[\x21-\x7e]{2}$/.test(country) || !/^[\x21-\x7e]{1,3}$/.test(party))
    throw invalidParameters(`The OCPI-${direction} headers name no party.`);
  return { country_code: country, party_id: party };
}
