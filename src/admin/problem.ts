import type { FieldError } from './check.js';

export interface ProblemOptions {
  /** Further members of the answer. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A refusal that the operator may read; becomes `application/problem+json` (RFC 9457) in one place.
 * `code` is the last part of `type`, for programs; `detail` is for people and never holds a token.
 */
export class AdminProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail);
    this.name = 'AdminProblem';
  }
}

/** 400: the body or the query is not what the call takes. */
export const invalidRequest = (errors: readonly FieldError[]): AdminProblem =>
  new AdminProblem(400, 'invalid-request', 'The request is not valid', sentence(errors), { members: { errors } });

export const malformedBody = (): AdminProblem =>
  new AdminProblem(400, 'malformed-json', 'The body is not JSON', 'The body could not be read as JSON.');

export const unauthorized = (): AdminProblem =>
  new AdminProblem(401, 'unauthorized', 'Not authorised', 'Send the admin token as "Authorization: Bearer …".', {
    headers: { 'WWW-Authenticate': 'Bearer realm="roamhub admin"' },
  });

/** @param what such as `partner` */
export const unknownThing = (what: string): AdminProblem =>
  new AdminProblem(404, 'not-found', 'Not found', `There is no such ${what}.`);

export const methodNotAllowed = (allow: readonly string[]): AdminProblem =>
  new AdminProblem(405, 'method-not-allowed', 'Method not allowed', `Allowed here: ${allow.join(', ')}.`, {
    headers: { Allow: allow.join(', ') },
  });

/** 409: it cannot be done in the present state of things. */
export const conflict = (detail: string): AdminProblem => new AdminProblem(409, 'conflict', 'Not possible now', detail);

export const bodyTooLarge = (limit: number): AdminProblem =>
  new AdminProblem(413, 'body-too-large', 'The body is too large', `A body may have at most ${limit} bytes.`);

export const unsupportedBody = (): AdminProblem =>
  new AdminProblem(415, 'unsupported-body', 'The body is of the wrong type', 'Send application/json, not encoded.');

/**
 * 502: a partner's answer, or the lack of one, ended what was asked for.
 * @param reason a word for programs, such as `unreachable` @param detail a sentence for people
 */
export const partnerFailed = (reason: string, detail: string): AdminProblem =>
  new AdminProblem(502, 'partner-failed', 'The partner did not play its part', detail, { members: { reason } });

export const storageDown = (): AdminProblem =>
  new AdminProblem(503, 'storage-unavailable', 'The database cannot be used', 'Nothing was changed; try again.', {
    headers: { 'Retry-After': '5' },
  });

/** 500: a bug; the log line with the same id has the rest. */
export const internalFault = (): AdminProblem =>
  new AdminProblem(500, 'internal', 'The hub made an error', 'The log has the details under the id in "instance".');

function sentence(errors: readonly FieldError[]): string {
  const [first] = errors;
  if (first === undefined) return 'The request is not valid.';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return `${first.pointer || 'The body'} ${first.detail}${more}.`;
}
