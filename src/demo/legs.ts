import type { Leg } from '../simulator/index.js';

/** How the routing headers of a message must be: on its first leg as sent, on its second as received. */
export interface ExpectedRouting {
  readonly from: string;
  /** Whom the hub must pass it on to. */
  readonly receiver: string;
  /** The sender named nobody. */
  readonly open?: boolean;
}

/**
 * Holds the two legs of a message against one another: what the sender sent and was answered, and what the receiver got from the hub
 * and answered. The receiver's simulator has checked the token itself, and refuses any but its own.
 *
 * @returns what is wrong with them, in words; empty if nothing is
 */
export function legProblems(first: Leg | undefined, second: Leg | undefined, routing: ExpectedRouting): string[] {
  if (first === undefined) return ['was never sent'];
  if (second === undefined) return ['never reached the receiver'];
  const { from, receiver, open = false } = routing;
  const expected: [what: string, is: string | undefined, wanted: string | undefined][] = [
    ['FROM of the first leg', first.from, from],
    ['TO of the first leg', first.to, open ? undefined : receiver],
    ['FROM of the second leg', second.from, from],
    ['TO of the second leg', second.to, receiver],
    ['X-Correlation-ID of the second leg', second.correlation_id, first.correlation_id],
    ['FROM of the answer', first.answer.from, receiver],
    ['TO of the answer', first.answer.to, from],
    ['X-Request-ID of the answer', first.answer.request_id, first.request_id],
    ['X-Correlation-ID of the answer', first.answer.correlation_id, first.correlation_id],
    ['HTTP status of the answer', String(first.http), String(second.http)],
    ['status_code of the answer', String(first.code), String(second.code)],
  ];
  const problems = expected.flatMap(([what, is, wanted]) =>
    is === wanted ? [] : [`${what} is ${is ?? 'absent'}, not ${wanted ?? 'absent'}`],
  );
  if (second.request_id === first.request_id) problems.push('X-Request-ID is the same on both legs');
  return problems;
}
