/** A refusal in one of HERE's two forms. HERE section 6. */
export class EvError extends Error {
  constructor(
    /** 400, 401, 403, 404, 410, 416, 429, 500 or 503. */
    readonly status: number,
    /** What is wrong, for the caller's engineer; no secrets, no stack. */
    readonly reason: string,
    /** What to do about it. */
    readonly action: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(reason);
    this.name = 'EvError';
  }
}

export const badRequest = (reason: string, action = 'Send only documented values.'): EvError =>
  new EvError(400, reason, action);
export const unknownKey = (): EvError =>
  new EvError(401, 'invalid_credentials', 'Send a key that the operator of this hub gave out.');
export const forbidden = (reason: string): EvError =>
  new EvError(403, reason, 'Ask without it, or ask the operator of this hub for the right.');
export const notFound = (reason: string): EvError => new EvError(404, reason, 'Check the id.');
export const unavailable = (reason: string, retryAfterSeconds = 2): EvError =>
  new EvError(503, reason, 'Try again later.', { 'Retry-After': String(retryAfterSeconds) });
