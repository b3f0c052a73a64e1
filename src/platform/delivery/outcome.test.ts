import { describe, expect, it } from '@jest/globals';
import type { Method, OutboundOutcome } from '../outbound/outbound-types.js';
import { judge } from './outcome.js';
import { accepted, answered, cut, unreachable } from './testing/scripted-client.js';

const options = { lenient: false, now: 0, retryAfterCapMs: 900_000 };

describe('what an answer means', () => {
  it.each<[string, Method, OutboundOutcome, object]>([
    ['200 and 1000', 'PUT', accepted, { kind: 'success' }],
    ['201 and 1001', 'PUT', answered(201, 1001), { kind: 'success' }],
    ['200 without envelope', 'PUT', answered(200), { kind: 'failure', ambiguous: false }],
    ['204', 'PUT', answered(204), { kind: 'failure', ambiguous: false }],
    ['OCPI 2001 to a PATCH', 'PATCH', answered(200, 2001), { kind: 'rejected', heals: true }],
    ['OCPI 2001 to a PUT', 'PUT', answered(200, 2001), { kind: 'rejected', heals: false, unknown: false }],
    ['OCPI 2003 to a PUT', 'PUT', answered(200, 2003), { kind: 'rejected', unknown: true }],
    ['OCPI 3000', 'PUT', answered(200, 3000), { kind: 'failure', ambiguous: false }],
    ['OCPI 4003', 'PUT', answered(200, 4003), { kind: 'failure' }],
    ['404 to a PATCH', 'PATCH', answered(404, 2003), { kind: 'rejected', heals: true }],
    ['404 without envelope to a PATCH', 'PATCH', answered(404), { kind: 'rejected', heals: true }],
    ['404 to a PUT', 'PUT', answered(404), { kind: 'rejected', heals: false, unknown: true }],
    ['404 to a DELETE', 'DELETE', answered(404), { kind: 'success' }],
    ['405 to a PATCH', 'PATCH', answered(405), { kind: 'rejected', heals: true }],
    ['501 to a PATCH', 'PATCH', answered(501), { kind: 'rejected', heals: true }],
    ['501 to a PUT', 'PUT', answered(501), { kind: 'failure' }],
    ['400 to a PATCH', 'PATCH', answered(400), { kind: 'rejected', heals: false }],
    ['400 and OCPI 2001 to a PATCH', 'PATCH', answered(400, 2001), { kind: 'rejected', heals: true }],
    ...[400, 405, 409, 410, 413, 415, 422].map((status): [string, Method, OutboundOutcome, object] => [
      `${status} to a PUT`,
      'PUT',
      answered(status),
      { kind: 'rejected', heals: false, http: status },
    ]),
    ...[401, 403].map((status): [string, Method, OutboundOutcome, object] => [
      `${status}`,
      'PUT',
      answered(status, 2000),
      { kind: 'unauthorised', http: status },
    ]),
    ...[301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504].map(
      (status): [string, Method, OutboundOutcome, object] => [
        `${status}`,
        'PATCH',
        answered(status, 1000),
        { kind: 'failure', ambiguous: false },
      ],
    ),
    ['a cut', 'PUT', cut, { kind: 'failure', ambiguous: true }],
    ['no connection', 'PUT', unreachable, { kind: 'failure', ambiguous: false }],
    ['our own refusal', 'PUT', { kind: 'refused', reason: 'blocked-address' }, { kind: 'failure', ambiguous: false }],
  ])('%s', (_what, method, outcome, verdict) => {
    expect(judge(method, outcome, options)).toMatchObject(verdict);
  });

  it('of a partner that is flagged lenient is its HTTP status where there is no envelope', () => {
    expect(judge('PUT', answered(200), { ...options, lenient: true })).toEqual({ kind: 'success' });
    expect(judge('PUT', answered(200, 3000), { ...options, lenient: true })).toMatchObject({ kind: 'failure' });
  });

  it('carries what Retry-After asks for', () => {
    const answer = answered(503, 3000, { 'retry-after': '9' });
    expect(judge('PUT', answer, options)).toMatchObject({ retryAfterMs: 9000 });
  });

  it('names its reason in one line, with little of the partner’s words', () => {
    const answer = { ...answered(422, 2001), statusMessage: `bad\r\n${'x'.repeat(1000)}` };
    const verdict = judge('PUT', answer, options);
    if (verdict.kind !== 'rejected') throw new Error(verdict.kind);
    expect(verdict.reason).toMatch(/^HTTP 422, OCPI 2001: bad x+$/);
    expect(verdict.reason.length).toBeLessThan(250);
  });
});
