import { type PartyRef, partyKey } from '../../kernel/party-ref.js';

/** A request and its answer as one platform saw them: the other half is in the log of the platform at the other end. */
export interface Leg {
  direction: 'in' | 'out';
  /** When it began, epoch milliseconds. */
  at: number;
  ms: number;
  module: string;
  role: 'SENDER' | 'RECEIVER';
  method: string;
  /** Below the endpoint with its query, or the whole URL where a URL was given. */
  target: string;
  request_id: string;
  correlation_id: string;
  /** `FR/EM1` */
  to?: string;
  from?: string;
  http: number;
  /** OCPI `status_code`. */
  code?: number;
  /** Routing headers and ids of the answer. */
  answer: { to?: string; from?: string; request_id?: string; correlation_id?: string };
}

const KEPT = 2_000;

/** Modules whose traffic is a stream: counted elsewhere, one by one of no interest here. */
const STREAMED: ReadonlySet<string> = new Set(['locations', 'tariffs']);

/** The last 2,000 legs of everything but Locations and Tariffs, for looking at both ends of what went through a hub. */
export class LegLog {
  private legs: Leg[] = [];

  /** Whether legs of a module are kept. */
  keeps(module: string): boolean {
    return !STREAMED.has(module);
  }

  note(leg: Leg): void {
    this.legs.push(leg);
    if (this.legs.length >= 2 * KEPT) this.legs = this.legs.slice(-KEPT);
  }

  /** Oldest first; those with a correlation id, or all. */
  list(correlationId?: string): Leg[] {
    return this.legs.slice(-KEPT).filter((leg) => correlationId === undefined || leg.correlation_id === correlationId);
  }
}

/** `{to, from}` as text, without what is not there. */
export function namedParties(to: PartyRef | undefined, from: PartyRef | undefined): { to?: string; from?: string } {
  return { ...(to && { to: partyKey(to) }), ...(from && { from: partyKey(from) }) };
}
