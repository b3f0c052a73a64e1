import { unknownReceiver } from '../../kernel/ocpi-error.js';
import { StatusCode } from '../../kernel/status-code.js';
import type { ForwardedAnswer } from './forwarding-types.js';

/** Asks one party; its signal aborts once the answer is of no use any more. */
export type Ask = (signal: AbortSignal) => Promise<ForwardedAnswer>;

const unknownThings: ReadonlySet<number | undefined> = new Set([StatusCode.unknownLocation, StatusCode.unknownToken]);

/**
 * Asks all at once. The first success is the answer, and the others are called off; without one it is the last that knew nothing
 * (2003, 2004), then any other answer.
 *
 * @param signal aborts when the caller has gone away
 * @throws OcpiError 4001 if nobody gave an answer
 */
export async function askAll(asks: readonly Ask[], signal?: AbortSignal): Promise<ForwardedAnswer> {
  const over = new AbortController();
  const both = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  let unknown: ForwardedAnswer | undefined;
  let other: ForwardedAnswer | undefined;
  const judged = asks.map(async (ask) => {
    const answer = await ask(both);
    if (isSuccess(answer)) return answer;
    if (unknownThings.has(answer.statusCode)) unknown = answer;
    else other = answer;
    throw new Error('no success');
  });
  try {
    return await Promise.any(judged);
  } catch {
    const answer = unknown ?? other;
    if (answer) return answer;
    throw unknownReceiver('No party that could be meant gave an answer.');
  } finally {
    over.abort();
  }
}

function isSuccess({ httpStatus, statusCode }: ForwardedAnswer): boolean {
  return httpStatus >= 200 && httpStatus < 300 && statusCode !== undefined && statusCode >= 1000 && statusCode < 2000;
}
