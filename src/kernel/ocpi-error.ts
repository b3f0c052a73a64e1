import { StatusCode } from './status-code.js';

export interface OcpiErrorOptions {
  /** JSON pointer to what is wrong in the request's body. */
  readonly pointer?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A refusal that a partner may read. Thrown anywhere by meaning (`unknownReceiver()`), turned into an answer in one place.
 * The message never holds a token, a host name of ours or a stack.
 *
 * Spec: 2.2.1 §5; table "Which failure is what".
 */
export class OcpiError extends Error {
  readonly httpStatus: number;
  readonly statusCode: number;
  readonly pointer: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(httpStatus: number, statusCode: number, message: string, options: OcpiErrorOptions = {}) {
    super(message);
    this.name = 'OcpiError';
    this.httpStatus = httpStatus;
    this.statusCode = statusCode;
    this.pointer = options.pointer;
    this.headers = options.headers ?? {};
  }

  /** What stands in `status_message`: the sentence, and where in the body it applies. */
  get statusMessage(): string {
    return this.pointer === undefined ? this.message : `${this.pointer || '/'}: ${this.message}`;
  }
}

const withPointer = (pointer: string | undefined): OcpiErrorOptions => (pointer === undefined ? {} : { pointer });

/** 200/2001: valid JSON that breaks the rules (ST-01, D-16). */
export const invalidParameters = (message: string, pointer?: string): OcpiError =>
  new OcpiError(200, StatusCode.invalidParameters, message, withPointer(pointer));

/** 200/2002 */
export const notEnoughInformation = (message: string): OcpiError =>
  new OcpiError(200, StatusCode.notEnoughInformation, message);

/** 400/2001: no JSON at all, wrong charset, or nested too deep (T-18). */
export const malformedJson = (message: string): OcpiError => new OcpiError(400, StatusCode.invalidParameters, message);

/** 401/2000: no token, or one that opens nothing here (T-03). */
export const unauthorized = (message = 'The token is missing or unknown.'): OcpiError =>
  new OcpiError(401, StatusCode.clientError, message);

/** 404/2000: no such URL or module (T-42). */
export const notFound = (message = 'There is nothing at this URL.'): OcpiError =>
  new OcpiError(404, StatusCode.clientError, message);

/** 404/2003: no such Location, EVSE or Connector (ST-02, O-11, L-14). */
export const unknownLocation = (message = 'The Location, EVSE or Connector is unknown.'): OcpiError =>
  new OcpiError(404, StatusCode.unknownLocation, message);

/** 404/2001: no such object of another kind (ST-02, O-11). */
export const unknownObject = (what: string): OcpiError =>
  new OcpiError(404, StatusCode.invalidParameters, `The ${what} is unknown.`);

/** 404/2004: no such Token (ST-02, O-11, TK-12). */
export const unknownToken = (message = 'The Token is unknown.'): OcpiError =>
  new OcpiError(404, StatusCode.unknownToken, message);

/** 404/2001: the owner in the URL is no party of the caller (O-05). */
export const notYourParty = (): OcpiError =>
  new OcpiError(404, StatusCode.invalidParameters, 'The party in the URL is not one of your registered parties.');

/** 405/2000 with `Allow` (T-42). */
export const methodNotAllowed = (allow: readonly string[]): OcpiError =>
  new OcpiError(405, StatusCode.clientError, 'This method is not offered here.', {
    headers: { Allow: allow.join(', ') },
  });

/** 413/2001 */
export const payloadTooLarge = (limit: number): OcpiError =>
  new OcpiError(413, StatusCode.invalidParameters, `The body is larger than ${limit} bytes.`, {
    headers: { Connection: 'close' },
  });

/** 415/2001 */
export const unsupportedMediaType = (message: string): OcpiError =>
  new OcpiError(415, StatusCode.invalidParameters, message);

/** 429/2000 with `Retry-After` */
export const tooManyRequests = (retryAfterSeconds: number): OcpiError =>
  new OcpiError(429, StatusCode.clientError, 'Too many requests.', {
    headers: { 'Retry-After': String(retryAfterSeconds) },
  });

/** 503/3000 with `Retry-After`: the hub as a whole cannot serve. */
export const unavailable = (retryAfterSeconds: number, message = 'The hub cannot serve at the moment.'): OcpiError =>
  new OcpiError(503, StatusCode.serverError, message, { headers: { 'Retry-After': String(retryAfterSeconds) } });

/** 200/3001 (C-13). Says nothing about the network behind the hub. */
export const cannotUseClientApi = (message = "The client's versions or endpoints could not be used."): OcpiError =>
  new OcpiError(200, StatusCode.cannotUseClientApi, message);

/** 200/3002 (C-14) */
export const unsupportedVersion = (message = 'The client does not offer OCPI 2.2.1.'): OcpiError =>
  new OcpiError(200, StatusCode.unsupportedVersion, message);

/** 200/3003 (C-15) */
export const missingEndpoints = (message: string): OcpiError =>
  new OcpiError(200, StatusCode.missingEndpoints, message);

/** 200/4000 */
export const hubError = (message: string): OcpiError => new OcpiError(200, StatusCode.hubError, message);

/** 200/4001 */
export const unknownReceiver = (message = 'The receiving party is unknown.'): OcpiError =>
  new OcpiError(200, StatusCode.unknownReceiver, message);

/** 200/4002 */
export const receiverTimeout = (message = 'The receiving party did not answer in time.'): OcpiError =>
  new OcpiError(200, StatusCode.receiverTimeout, message);

/** 200/4003 */
export const receiverNotConnected = (message = 'The receiving party is not connected.'): OcpiError =>
  new OcpiError(200, StatusCode.receiverNotConnected, message);

/** 200/3000: an unexpected failure of ours after the OCPI layer took the request (ST-10). */
export const internalError = (): OcpiError =>
  new OcpiError(200, StatusCode.serverError, 'The hub failed to handle this request; nothing was changed.');
