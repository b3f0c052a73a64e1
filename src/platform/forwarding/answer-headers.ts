import { type PartyRef, sameParty } from '../../kernel/party-ref.js';
import type { Streamed } from '../outbound/index.js';
import { isOneOf, normalizeOrigin } from '../outbound/index.js';
import { type Reached, readRoutingHeaders } from '../routing/index.js';

type Headers = Streamed['headers'];

const jsonType = /^application\/(?:[a-z0-9.-]+\+)?json\s*(?:;[\x20-\x7e]*)?$/i;
const printable = /^[\x20-\x7e]{1,64}$/;
const counts = ['X-Total-Count', 'X-Limit'] as const;

/** The headers that are handed on as they are; cookies, hop-by-hop and all else are left behind. */
export function keptHeaders(headers: Headers): string[] {
  const type = headers['content-type'];
  const kept = ['Content-Type', type !== undefined && jsonType.test(type) ? type : 'application/json'];
  for (const name of counts) {
    const value = headers[name.toLowerCase()];
    if (typeof value === 'string' && printable.test(value)) kept.push(name, value);
  }
  return kept;
}

/**
 * Who answered: as the receiver says, if that is who was asked or another party of the same platform; else who was asked. Nobody
 * answers for a party of somebody else (T2).
 */
export function answeringParty(headers: Headers, to: PartyRef, { partner }: Reached): PartyRef {
  if (headers['ocpi-from-party-id'] === undefined) return to;
  try {
    const { from } = readRoutingHeaders(headers);
    if (from && (sameParty(from, to) || partner.roles.some((role) => sameParty(role, from)))) return from;
  } catch {
    // What cannot be a party is none.
  }
  return to;
}

/** A URL that a receiver named, made absolute; or why it is not handed on. */
export type NamedUrl = { readonly url: URL } | { readonly dropped: string };

const longestUrl = 2_048;

/** Reads a URL from a header: it must lead to the same partner (T8, T9). */
export function namedUrl(text: string, base: string, { partner }: Reached): NamedUrl {
  if (text.length > longestUrl) return { dropped: 'too long' };
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    return { dropped: 'no URL' };
  }
  const origin = partner.origins.includes(url.origin) ? url.origin : normalizeOrigin(url.href);
  if (origin === undefined || url.username !== '' || url.password !== '') return { dropped: 'no plain http URL' };
  if (!isOneOf(partner.origins, origin))
    return { dropped: `leads to ${origin}, which is none of the partner's origins` };
  if (url.hash !== '') url.hash = '';
  return { url };
}
