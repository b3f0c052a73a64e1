import { randomUUID } from 'node:crypto';
import type { FixedAnswer } from '../floors/floor-server.js';
import { authorization } from '../harness/handshake.js';
import { httpCall } from '../harness/http-call.js';
import type { Hub } from '../harness/hub.js';
import type { RequestSpec } from '../load/load-client.js';
import { type Access, reader, type StoredLocation } from './stored-hub.js';

/** What every request between partners carries; it is meant for the hub. */
export function ocpiHeaders(token: string, from: { country_code: string; party_id: string }): Record<string, string> {
  return {
    Authorization: authorization(token),
    'X-Request-ID': randomUUID(),
    'X-Correlation-ID': randomUUID(),
    'OCPI-from-country-code': from.country_code,
    'OCPI-from-party-id': from.party_id,
    'OCPI-to-country-code': 'NL',
    'OCPI-to-party-id': 'HUB',
  };
}

/** GET of one page of 50. */
export function pageRequest(access: Access, offset: number, headers: Record<string, string> = {}): RequestSpec {
  return {
    method: 'GET',
    target: `${access.senderPath}?offset=${offset}&limit=50`,
    headers: { ...ocpiHeaders(access.readerToken, reader), ...headers },
  };
}

/** A change of a part of a Location, or of all of it. */
export function ownerRequest(
  access: Access,
  method: 'PATCH' | 'PUT',
  location: StoredLocation,
  uid: string | undefined,
  body: string,
): RequestSpec {
  const { country_code, party_id, id } = location;
  const place = [country_code, party_id, id, ...(uid === undefined ? [] : [uid])].map(encodeURIComponent).join('/');
  return {
    method,
    target: `${access.receiverPath}/${place}`,
    headers: ocpiHeaders(access.ownerToken, location),
    body,
  };
}

/** Headers that Node.js adds by itself, at the hub and at a floor. */
const added = new Set(['date', 'connection', 'keep-alive']);

/** Sends a request to the hub and keeps its answer for a floor to repeat. */
export async function captured(hub: Hub, request: RequestSpec): Promise<FixedAnswer> {
  const { method, target, headers, body } = request;
  const url = `http://127.0.0.1:${hub.port}${target}`;
  const json = body === undefined ? {} : { json: JSON.parse(body) as unknown };
  const answer = await httpCall({ method, url, headers, ...json });
  if (answer.status >= 300) throw new Error(`${method} ${target}: ${answer.status} ${answer.body.toString('utf8')}`);
  const kept: string[] = [];
  for (let index = 0; index < answer.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = answer.rawHeaders.slice(index, index + 2);
    if (!added.has(name.toLowerCase())) kept.push(name, value);
  }
  return { target, headers: kept, body: answer.body };
}
