import type { PartyRef } from '../../kernel/party-ref.js';
import { isRecord } from '../handshake/credentials.js';
import { type ControlInput, ControlInputError } from './control-server.js';

/** A text parameter, or undefined. */
export function textIn(input: ControlInput, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new ControlInputError(`${name} is no string`);
  return value;
}

/** A text parameter that must be there. */
export function requiredText(input: ControlInput, name: string): string {
  const value = textIn(input, name);
  if (value === undefined || value === '') throw new ControlInputError(`${name} is missing`);
  return value;
}

/** A number parameter, or undefined; text from a query counts. */
export function numberIn(input: ControlInput, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const number = Number(value);
  if (!Number.isFinite(number)) throw new ControlInputError(`${name} is no number`);
  return number;
}

/** True if the switch is on. */
export function flagIn(input: ControlInput, name: string): boolean {
  const value = input[name];
  return value === true || value === 'true' || value === '1';
}

/** A list parameter, or undefined. */
export function listIn(input: ControlInput, name: string): unknown[] | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new ControlInputError(`${name} is no list`);
  return value;
}

/** A party as `FR/EM1` or as an object, or undefined. */
export function partyIn(input: ControlInput, name: string): PartyRef | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (isRecord(value) && typeof value.country_code === 'string' && typeof value.party_id === 'string') {
    return { country_code: value.country_code, party_id: value.party_id };
  }
  const [country_code, party_id] = typeof value === 'string' ? value.split('/') : [];
  if (country_code === undefined || party_id === undefined) throw new ControlInputError(`${name} is no party`);
  return { country_code, party_id };
}

/** Only the entries that are defined, for options whose absence means a default. */
export function defined<T extends object>(entries: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
