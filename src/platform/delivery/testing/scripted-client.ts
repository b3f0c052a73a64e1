import type { Answered, OutboundOutcome, OutboundRequest } from '../../outbound/outbound-types.js';
import type { PushClient } from '../ports.js';

export interface SentRequest extends OutboundRequest {
  /** ms since the epoch */
  readonly at: number;
}

const ids = { requestId: 'request', durationMs: 5 };

export function answered(httpStatus: number, statusCode?: number, headers: Answered['headers'] = {}): Answered {
  const envelope = statusCode !== undefined;
  return { kind: 'answered', httpStatus, statusCode, statusMessage: undefined, envelope, text: '', headers, ...ids };
}

export const accepted = answered(200, 1000);
export const cut: OutboundOutcome = { kind: 'ambiguous', reason: 'reset', bytesSent: true, detail: '', ...ids };
export const unreachable: OutboundOutcome = { kind: 'unreachable', reason: 'connect', detail: '', ...ids };

/** A client that answers as it is told, and notes what it was asked to send. */
export class ScriptedClient implements PushClient {
  readonly sent: SentRequest[] = [];
  answer: (request: SentRequest, index: number) => OutboundOutcome | Promise<OutboundOutcome> = () => accepted;

  constructor(private readonly now: () => number) {}

  async send(request: OutboundRequest): Promise<OutboundOutcome> {
    const sent = { ...request, at: this.now() };
    this.sent.push(sent);
    return this.answer(sent, this.sent.length - 1);
  }

  /** Method and path below the RECEIVER endpoints. */
  get calls(): readonly string[] {
    return this.sent.map(
      ({ method, url }) =>
        `${method} ${url.replace(/^.*?\/(receiver\/)?(?=locations|tariffs|tokens|hubclientinfo|versions)/, '')}`,
    );
  }

  /** When requests left, in ms after the first of them. */
  get times(): readonly number[] {
    return this.sent.map(({ at }) => at - (this.sent[0]?.at ?? 0));
  }
}
