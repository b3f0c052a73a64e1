import type { PlainRequest, PlainResponse } from '../../../platform/http/index.js';
import type { EvError } from './ev-error.js';

/** Those with HERE's long form and their titles and codes; all others have the short one. HERE section 6. */
const long: Readonly<Record<number, readonly [title: string, code: string]>> = {
  400: ['Bad Request', 'E629400'],
  404: ['Not Found', 'E629000'],
  500: ['Internal Server Error', 'E629500'],
  503: ['Service Unavailable', 'E629503'],
};

const short: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  410: 'Gone',
  416: 'Range Not Satisfiable',
  429: 'Too Many Requests',
};

/** The body of a refusal: long for what may be wrong with a request or with us, short for who asks and how. HERE section 6. */
export function errorBody(
  { status, reason, action }: EvError,
  correlationId: string,
): Readonly<Record<string, unknown>> {
  const [title, code] = long[status] ?? [];
  return title === undefined
    ? { error: short[status] ?? 'Error', error_description: `${reason}. ${action}`, status }
    : { title, status, code, cause: reason, action, correlationId };
}

/** Sends a whole JSON answer; to HEAD without its body. */
export function sendJson(
  request: PlainRequest,
  response: PlainResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': typeof body === 'string' ? Buffer.byteLength(body) : body.length,
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
