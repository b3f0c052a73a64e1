import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import { accepted, type ModuleRequest, notAllowed, type Reply, refused } from '../http/exchange.js';
import { type JsonObject, readObject, textIn } from '../wire/json-object.js';

/** A result as it came. */
export interface ReceivedResult {
  at: number;
  /** `DE/CP1` */
  from: string | undefined;
  correlation_id: string;
  request_id: string;
  body: JsonObject;
}

/** What results are waited for: one `response_url`. */
export interface Expectation {
  readonly id: string;
  /** Ours, that asked. */
  readonly asker: PartyRef;
  /** Who answered at once, and so may send the result. */
  responder: PartyRef | undefined;
  readonly results: ReceivedResult[];
}

/**
 * Takes the results that are posted later to a `response_url`: bare objects, not wrapped in the envelope, addressed to the party
 * that asked, by the party that answered.
 *
 * Spec: 2.2.1 §13.2.2, §14.4.2.1 (CMD-05, CMD-09, CP-05, CP-06, R-44).
 */
export class ResultMailbox {
  private readonly expected = new Map<string, Expectation>();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Makes an id for the end of a `response_url`. */
  expect(asker: PartyRef): Expectation {
    const expectation: Expectation = { id: randomUUID(), asker, responder: undefined, results: [] };
    this.expected.set(expectation.id, expectation);
    return expectation;
  }

  /** A POST at a `response_url`; the id is the last segment of its path. */
  take(request: ModuleRequest): Reply {
    if (request.method !== 'POST') return notAllowed('POST');
    const expectation = this.expected.get(request.path.at(-1) ?? '');
    if (expectation === undefined) return refused(404, 2000, 'nothing is expected at this URL');
    const body = readObject(request.body);
    if (body === undefined) return refused(400, 2001, 'body is no JSON object');
    if (body.status_code !== undefined) request.report('result-wrapped');
    if (textIn(body, 'result') === undefined) return refused(200, 2001, 'result is missing');
    if (request.to !== undefined && partyKey(request.to) !== partyKey(expectation.asker)) {
      request.report('result-to', partyKey(request.to));
    }
    const from = request.from === undefined ? undefined : partyKey(request.from);
    const { responder } = expectation;
    if (responder !== undefined && from !== partyKey(responder)) request.report('result-from', from);
    const { correlationId: correlation_id, requestId: request_id } = request;
    expectation.results.push({ at: this.clock.now(), from, correlation_id, request_id, body });
    for (const wake of this.waiting) wake();
    return accepted();
  }

  /** Waits for the nth result (from 1); undefined if it does not come in time. */
  wait(expectation: Expectation, count: number, timeoutMs: number): Promise<ReceivedResult | undefined> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(expectation.results[count - 1]);
      };
      const look = (): void => {
        if (expectation.results.length >= count) end();
      };
      const timer = setTimeout(end, timeoutMs);
      this.waiting.add(look);
      look();
    });
  }
}
