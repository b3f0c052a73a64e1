import type { Response } from 'express';
import { OcpiError } from '../kernel/ocpi-error.js';
import { StorageUnavailable } from '../platform/storage/storage-error.js';
import { bodyLimit } from './endpoint-handler.js';
import { AdminProblem, bodyTooLarge, internalFault, malformedBody, storageDown, unsupportedBody } from './problem.js';

/** Answers with `application/problem+json`. What is no refusal but a bug goes to `report`, and nothing of it into the answer. */
export function sendProblem(
  response: Response,
  error: unknown,
  requestId: string,
  report: (error: unknown) => void,
): void {
  const problem = problemFrom(error);
  if (problem.status === 500 || problem.status === 503) report(error);
  const { status, code, title, detail, options } = problem;
  response
    .status(status)
    .set({ ...options.headers, 'Content-Type': 'application/problem+json' })
    .end(
      JSON.stringify({
        type: `urn:roamhub:problem:${code}`,
        title,
        status,
        detail,
        instance: requestId,
        ...options.members,
      }),
    );
}

function problemFrom(error: unknown): AdminProblem {
  if (error instanceof AdminProblem) return error;
  if (error instanceof OcpiError) return problemFromOcpi(error);
  if (error instanceof StorageUnavailable) return storageDown();
  return problemFromFramework(error) ?? internalFault();
}

/** Rules of OCPI that an operator's call runs into, and what partners answered in a handshake (3xxx). */
function problemFromOcpi(error: OcpiError): AdminProblem {
  const { httpStatus, statusCode, statusMessage } = error;
  const members = { members: { status_code: statusCode } };
  if (httpStatus === 503) return storageDown();
  if (statusCode >= 3000)
    return new AdminProblem(502, 'partner-failed', 'The partner did not play its part', statusMessage, members);
  return new AdminProblem(422, 'ocpi-rule', 'A rule of OCPI forbids this', statusMessage, members);
}

/** What the body parser and the router throw: they set a status and, for bodies, a type. */
function problemFromFramework(error: unknown): AdminProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { status, type, limit } = error as Error & { status?: unknown; type?: unknown; limit?: unknown };
  if (status === 413) return bodyTooLarge(typeof limit === 'number' ? limit : bodyLimit);
  if (status === 415) return unsupportedBody();
  if (type === 'entity.parse.failed' || type === 'request.size.invalid' || type === 'request.aborted')
    return malformedBody();
  if (status === 400)
    return new AdminProblem(400, 'malformed-request', 'The request is malformed', 'The URL cannot be read.');
  return undefined;
}
