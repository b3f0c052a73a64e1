import { parseDateTime } from '../../kernel/date-time.js';
import { invalidParameters, notFound } from '../../kernel/ocpi-error.js';
import { type PartyRef, sameParty } from '../../kernel/party-ref.js';
import { fieldOf } from '../../platform/http/index.js';

/** Spec: 2.2.1 §13.4.3 CommandType, CMD-01. */
export const commandTypes = [
  'CANCEL_RESERVATION',
  'RESERVE_NOW',
  'START_SESSION',
  'STOP_SESSION',
  'UNLOCK_CONNECTOR',
] as const;
export type CommandType = (typeof commandTypes)[number];

/** What the hub must know of a command; the rest is between its two parties. */
export interface Command {
  readonly type: CommandType;
  readonly locationId: string | undefined;
  readonly sessionId: string | undefined;
  readonly reservationId: string | undefined;
  /** RESERVE_NOW: until when it holds, ms since the epoch (CMD-09). */
  readonly expiresAt: number | undefined;
}

/**
 * Reads a command as far as the hub has to act on it, and refuses what the receiver could not tell as well as the hub: a Token
 * that is not the sender's.
 *
 * @param path `/START_SESSION`
 * @throws OcpiError 404/2000 for another word, 200/2001 for a body that breaks a rule
 */
export function readCommand(path: string, body: unknown, from: PartyRef): Command {
  const type = commandTypes.find((word) => path === `/${word}` || path === `/${word}/`);
  if (!type) throw notFound('There is no such command.');
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidParameters(`The body must be the object of ${type}.`, '');
  // CMD-02: said here as well, where a command names no receiver and none is found.
  if (typeof fieldOf(body, 'response_url') !== 'string')
    throw invalidParameters('response_url is missing or no URL.', '/response_url');
  if (type === 'START_SESSION' && isGiven(body, 'connector_id') && !isGiven(body, 'evse_uid'))
    throw invalidParameters('connector_id needs evse_uid.', '/evse_uid');
  checkToken(fieldOf(body, 'token'), from);
  return {
    type,
    locationId: text(body, 'location_id'),
    sessionId: text(body, 'session_id'),
    reservationId: text(body, 'reservation_id'),
    expiresAt: type === 'RESERVE_NOW' ? parseDateTime(text(body, 'expiry_date') ?? '') : undefined,
  };
}

/** CMD-12: an eMSP commands with its own Tokens. A command without one, or with a strange one, is for the receiver to judge. */
function checkToken(token: unknown, from: PartyRef): void {
  const country = fieldOf(token, 'country_code');
  const party = fieldOf(token, 'party_id');
  if (typeof country !== 'string' || typeof party !== 'string') return;
  if (!sameParty({ country_code: country, party_id: party }, from))
    throw invalidParameters('The Token belongs to another party than the one that sends the command.', '/token');
}

const isGiven = (body: unknown, name: string): boolean => (fieldOf(body, name) ?? null) !== null;

function text(body: unknown, name: string): string | undefined {
  const value = fieldOf(body, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
