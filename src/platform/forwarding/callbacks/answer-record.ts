import { OcpiError } from '../../../kernel/ocpi-error.js';
import type { PartyRef } from '../../../kernel/party-ref.js';
import type { ForwardedAnswer } from '../forwarding-types.js';

/** An answer as it is kept for a request that comes again: printable, and equal in every byte once it is read back. */
type Recorded =
  | {
      readonly kind: 'answer';
      readonly httpStatus: number;
      readonly statusCode: number | null;
      readonly headers: readonly string[];
      readonly from: PartyRef;
      /** Base64 */
      readonly body: string;
      readonly requestId: string;
    }
  | { readonly kind: 'refusal'; readonly httpStatus: number; readonly statusCode: number; readonly message: string };

export function recordOf(answer: ForwardedAnswer & { readonly body: Buffer }): string {
  const { httpStatus, statusCode = null, headers, from, body, requestId } = answer;
  const recorded: Recorded = {
    kind: 'answer',
    httpStatus,
    statusCode,
    headers,
    from,
    body: body.toString('base64'),
    requestId,
  };
  return JSON.stringify(recorded);
}

export function refusalRecord({ httpStatus, statusCode, message }: OcpiError): string {
  const recorded: Recorded = { kind: 'refusal', httpStatus, statusCode, message };
  return JSON.stringify(recorded);
}

/** The answer again. @throws OcpiError where a refusal was the answer */
export function answerOf(record: string): ForwardedAnswer {
  const recorded = JSON.parse(record) as Recorded;
  if (recorded.kind === 'refusal') throw new OcpiError(recorded.httpStatus, recorded.statusCode, recorded.message);
  const { httpStatus, statusCode, headers, from, body, requestId } = recorded;
  return {
    httpStatus,
    statusCode: statusCode ?? undefined,
    headers,
    from,
    body: Buffer.from(body, 'base64'),
    requestId,
    durationMs: 0,
  };
}
