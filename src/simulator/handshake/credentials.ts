import type { SimulatedParty } from '../http/exchange.js';
import { fromWire, toWire } from '../wire/wire-text.js';
import type { PeerRole } from './peer-link.js';

/** A credentials object as received. */
export interface Credentials {
  token: string;
  url: string;
  roles: PeerRole[];
}

/** Our credentials object, as wire text. Spec: 2.2.1 §7.3. */
export function credentialsText(token: string, versionsUrl: string, parties: readonly SimulatedParty[]): string {
  const roles = parties.map(({ country_code, party_id, role, name }) => ({
    role,
    party_id,
    country_code,
    business_details: { name: name ?? `${country_code} ${party_id}` },
  }));
  return toWire(JSON.stringify({ token, url: versionsUrl, roles }));
}

/** Reads a credentials object; a string says what is wrong with it (C-18, C-19, T-09). */
export function readCredentials(wire: string | undefined): Credentials | string {
  let value: unknown;
  try {
    value = JSON.parse(fromWire(wire ?? ''));
  } catch {
    return 'credentials are not JSON';
  }
  if (!isRecord(value)) return 'credentials are no object';
  const { token, url, roles } = value;
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,64}$/.test(token)) return 'token is not 1–64 printable characters';
  if (typeof url !== 'string' || !/^https?:\/\//.test(url)) return 'url is no absolute URL';
  if (!Array.isArray(roles) || roles.length === 0) return 'roles is empty';
  const read: PeerRole[] = [];
  for (const role of roles as unknown[]) {
    if (!isRecord(role)) return 'a role is no object';
    const { role: name, country_code, party_id, business_details } = role;
    if (typeof name !== 'string' || typeof country_code !== 'string' || typeof party_id !== 'string') {
      return 'a role lacks role, country_code or party_id';
    }
    if (!isRecord(business_details) || typeof business_details.name !== 'string')
      return 'a role lacks business_details';
    read.push({ role: name, country_code, party_id });
  }
  return { token, url, roles: read };
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
