import { withoutTokens } from '../../kernel/credentials-token.js';
import { isSuccess, type OutboundOutcome } from '../../platform/outbound/outbound-types.js';
import type { Discovery } from './partner-discovery.js';

/**
 * Why a handshake that the hub started came to nothing.
 *
 * `unclear`: the partner may or may not have acted on it; asking for the same again takes it up where it stopped.
 */
export type FailureReason =
  | 'invalid'
  | 'busy'
  | 'unusable'
  | 'unsupported_version'
  | 'missing_endpoints'
  | 'foreign_origin'
  | 'rejected'
  | 'unclear'
  | 'conflict'
  | 'unknown_partner';

/** For the operator; the message says what to do where that is known, and holds no token. */
export class RegistrationFailure extends Error {
  constructor(
    readonly reason: FailureReason,
    message: string,
  ) {
    super(message);
    this.name = 'RegistrationFailure';
  }
}

export const unknownPartner = (): RegistrationFailure =>
  new RegistrationFailure('unknown_partner', 'There is no such partner, or its connection has ended.');

export const conflict = (sentence: string): RegistrationFailure => new RegistrationFailure('conflict', sentence);

/** What the operator is told when the partner's versions could not be used. */
export function failureOfDiscovery(discovery: Exclude<Discovery, { kind: 'found' }>): RegistrationFailure {
  switch (discovery.kind) {
    case 'unsupported':
      return new RegistrationFailure('unsupported_version', 'The partner does not offer OCPI 2.2.1.');
    case 'missing':
      return new RegistrationFailure('missing_endpoints', discovery.what);
    case 'foreign':
      return new RegistrationFailure(
        'foreign_origin',
        `${discovery.what} Add ${discovery.origins.join(', ')} to allow it.`,
      );
    case 'unusable':
      return new RegistrationFailure(
        'unusable',
        discovery.why === undefined ? discovery.what : `${discovery.what} (${discovery.why})`,
      );
  }
}

/**
 * What came of a POST or PUT credentials that did not succeed. A fault of the partner's server, or an answer that says yes and
 * cannot be read, leaves open whether it has taken our token.
 */
export function refusedBy(outcome: OutboundOutcome, secrets: readonly string[]): RegistrationFailure {
  switch (outcome.kind) {
    case 'refused':
      return new RegistrationFailure('foreign_origin', `Policy forbids to call the partner (${outcome.reason}).`);
    case 'unreachable':
      return new RegistrationFailure('unusable', `The partner could not be reached (${outcome.reason}).`);
    case 'ambiguous':
      return new RegistrationFailure('unclear', `The partner gave no usable answer (${outcome.reason}); try again.`);
    case 'answered': {
      const codes = `HTTP ${outcome.httpStatus}, OCPI ${outcome.statusCode ?? 'none'}`;
      const said = withoutTokens(outcome.statusMessage ?? '', secrets).slice(0, 200);
      const { httpStatus } = outcome;
      if (isSuccess(outcome))
        return new RegistrationFailure('unclear', `The partner accepted with unusable credentials (${codes}).`);
      if (httpStatus >= 500)
        return new RegistrationFailure('unclear', `The partner failed (${codes}); try again. ${said}`);
      return new RegistrationFailure('rejected', `The partner refused (${codes}). ${said}`);
    }
  }
}
