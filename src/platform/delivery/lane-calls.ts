import type { Method, OutboundOutcome } from '../outbound/outbound-types.js';
import type { Circuit } from './circuit.js';
import type { FeedEntry } from './feed-entry.js';
import type { LaneServices } from './lane-services.js';
import { judge, type Verdict } from './outcome.js';
import type { DeliveryEvent } from './ports.js';
import type { LaneRoute, Receiver } from './receivers.js';

/** Makes a lane's calls: puts the request together, judges the answer, tells the breaker and the observer. */
export class LaneCalls {
  constructor(
    private readonly services: LaneServices,
    private readonly circuit: () => Circuit,
    /** Told when the breaker closes again. */
    private readonly onRecovery: () => void,
  ) {}

  /** Tells a receiver of an object. */
  async push(
    route: LaneRoute,
    receiver: Receiver,
    entry: FeedEntry,
    method: Method,
    path: string,
    body: string | undefined,
  ): Promise<Verdict> {
    const { clock, client } = this.services;
    const { row } = entry;
    const circuit = this.circuit();
    const ticket = circuit.ticket();
    const sentAt = clock.now();
    const outcome = await client.send({
      method,
      url: `${route.modules.get(row.module)?.base}${path}`,
      token: route.token,
      tokenForm: route.tokenForm,
      origins: route.origins,
      profile: 'push',
      headers: receiver.headers,
      correlationId: row.correlationId,
      ...(body === undefined ? {} : { body }),
    });
    const now = clock.now();
    const verdict = this.judged(method, outcome, route, circuit, ticket, now);
    this.services.observer.delivered?.({
      ...report(outcome, verdict, now - sentAt),
      partner: route.partnerId,
      party: receiver.key,
      module: row.module,
      object: row.object,
      method,
      correlationId: row.correlationId,
      lagMs: now - row.recordedAt,
    });
    return verdict;
  }

  /** Asks the platform whether it is there. */
  async probe(route: LaneRoute): Promise<Verdict> {
    const { clock, client } = this.services;
    const circuit = this.circuit();
    const ticket = circuit.ticket();
    const sentAt = clock.now();
    const outcome = await client.send({
      method: 'GET',
      url: route.versionsUrl,
      token: route.token,
      tokenForm: route.tokenForm,
      origins: route.origins,
      profile: 'push',
    });
    const now = clock.now();
    const verdict = this.judged('GET', outcome, route, circuit, ticket, now);
    this.services.observer.delivered?.({
      ...report(outcome, verdict, now - sentAt),
      partner: route.partnerId,
      party: '',
      module: 'versions',
      object: '',
      method: 'GET',
      correlationId: undefined,
      lagMs: 0,
    });
    return verdict;
  }

  private judged(
    method: Method,
    outcome: OutboundOutcome,
    route: LaneRoute,
    circuit: Circuit,
    ticket: number,
    now: number,
  ): Verdict {
    const { retryAfterCapMs } = this.services.timing;
    const verdict = judge(method, outcome, { lenient: route.lenient, now, retryAfterCapMs });
    if (verdict.kind === 'failure') circuit.failed(ticket, now, verdict.retryAfterMs);
    else if (verdict.kind !== 'unauthorised' && circuit.succeeded(ticket, now)) this.onRecovery();
    return verdict;
  }
}

function report(
  outcome: OutboundOutcome,
  verdict: Verdict,
  elapsedMs: number,
): Pick<DeliveryEvent, 'httpStatus' | 'statusCode' | 'outcome' | 'reason' | 'durationMs' | 'requestId'> {
  const answered = outcome.kind === 'answered';
  return {
    httpStatus: answered ? outcome.httpStatus : undefined,
    statusCode: answered ? outcome.statusCode : undefined,
    outcome: nameOf(verdict),
    reason: verdict.kind === 'rejected' || verdict.kind === 'failure' ? verdict.reason : undefined,
    durationMs: outcome.kind === 'refused' ? elapsedMs : outcome.durationMs,
    requestId: outcome.kind === 'refused' ? undefined : outcome.requestId,
  };
}

function nameOf(verdict: Verdict): DeliveryEvent['outcome'] {
  if (verdict.kind === 'failure') return verdict.ambiguous ? 'ambiguous' : 'failure';
  if (verdict.kind === 'rejected') return verdict.heals ? 'healed' : 'rejected';
  return verdict.kind;
}
