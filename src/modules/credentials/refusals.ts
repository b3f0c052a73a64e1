import {
  cannotUseClientApi,
  invalidParameters,
  missingEndpoints,
  OcpiError,
  tooManyRequests,
  unavailable,
  unsupportedVersion,
} from '../../kernel/ocpi-error.js';
import { StatusCode } from '../../kernel/status-code.js';
import { PartyTaken, type RoleClaim, roleKey } from '../../platform/partners/index.js';
import { NotYourTurn } from './handshake-turns.js';
import type { Discovery } from './partner-discovery.js';

const retryAfterSeconds = 2;

/** A PUT that leads to a new origin: the operator has to agree first, until then everything stays as it is (threat T7). */
export class ApprovalNeeded extends OcpiError {
  constructor(what: string) {
    super(
      200,
      StatusCode.invalidParameters,
      `${what} This needs approval by the operator of the hub; your present credentials stay valid.`,
    );
  }
}

/** 503/3000 with Retry-After: another registration with this invite is under way. */
export const registrationRunning = (): OcpiError =>
  unavailable(retryAfterSeconds, 'A registration with this token is under way.');

/** Refuses roles that were not agreed (threat T1) or that are taken (C-25). */
export function refuseRoles(outside: readonly RoleClaim[], taken: RoleClaim | undefined): void {
  const [first] = outside;
  if (first) throw invalidParameters(`${roleKey(first)} is not among the roles agreed with the operator.`, '/roles');
  if (taken) throw invalidParameters(`${roleKey(taken)} is registered by another platform.`, '/roles');
}

/** What a partner is told of a handshake that failed; nothing about networks. */
export function refusalOfDiscovery(discovery: Exclude<Discovery, { kind: 'found' }>): OcpiError {
  switch (discovery.kind) {
    case 'unsupported':
      return unsupportedVersion();
    case 'missing':
      return missingEndpoints(discovery.what);
    case 'unusable':
    case 'foreign':
      return cannotUseClientApi(discovery.what);
  }
}

/** Turns what a handshake may throw into a refusal; a bug stays what it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof PartyTaken)
    return invalidParameters(`${roleKey(error.claim)} is registered by another platform.`, '/roles');
  if (error instanceof NotYourTurn)
    return error.reason === 'running' ? registrationRunning() : tooManyRequests(error.retryAfterSeconds);
  return error;
}
