import type { Method, OutboundRequest } from '../outbound/outbound-types.js';
import type { ChangeRow } from '../storage/index.js';
import type { Circuit } from './circuit.js';
import type { FeedEntry } from './feed-entry.js';
import type { LaneServices } from './lane-services.js';
import { judge, type Verdict } from './outcome.js';
import type { DeliveryEvent } from './ports.js';
import type { LaneRoute, Receiver } from './receivers.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The lane is in other hands by now: nothing may be sent or written. */
export class NotOurs extends Error {}

/** Makes a lane's calls: puts the request together, judges the answer, tells the breaker and the observer. */
export class LaneCalls {
  constructor(
    private readonly services: LaneServices,
    private readonly circuit: () => Circuit,
    /** Told when the breaker closes again. */
    private readonly onRecovery: () => void,
  ) {}

  /**
   * Tells a receiver of an object.
   * @param isOurs whether the lane still is; asked again right before the request leaves, for a process may be frozen meanwhile
   * @throws NotOurs, and nothing was sent
   */
  async push(
    route: LaneRoute,
    receiver: Receiver,
    entry: FeedEntry,
    method: Method,
    path: string,
    body: string | undefined,
    isOurs: () => boolean,
  ): Promise<Verdict> {
    const { row } = entry;
    const request: Writable<OutboundRequest> = {
      method,
      url: `${route.modules.get(row.module)?.base}${path}`,
      token: route.token,
      tokenForm: route.tokenForm,
      origins: route.origins,
      profile: 'push',
      headers: receiver.headers,
      correlationId: row.correlationId,
      mayLeave: isOurs,
    };
    if (body !== undefined) request.body = body;
    return this.call(route, request, receiver, row);
  }

  /** Asks the platform whether it is there. Throws as {@link push} does. */
  async probe(route: LaneRoute, isOurs: () => boolean): Promise<Verdict> {
    const { token, tokenForm, origins } = route;
    const where = { method: 'GET', url: route.versionsUrl, profile: 'push' } as const;
    const request = { ...where, token, tokenForm, origins, mayLeave: isOurs };
    return this.call(route, request, undefined, undefined);
  }

  private async call(
    route: LaneRoute,
    request: OutboundRequest,
    receiver: Receiver | undefined,
    row: ChangeRow | undefined,
  ): Promise<Verdict> {
    const { clock, client, timing, observer } = this.services;
    if (request.mayLeave?.() === false) throw new NotOurs();
    const { method } = request;
    const circuit = this.circuit();
    const ticket = circuit.ticket();
    const sentAt = clock.now();
    const outcome = await client.send(request);
    if (outcome.kind === 'refused' && outcome.reason === 'withdrawn') throw new NotOurs();
    const now = clock.now();
    const { retryAfterCapMs, settlingMs } = timing;
    // Of a token that was exchanged while the request was under way a refusal tells nothing.
    const isOldToken = route.token !== this.services.outboundToken(route.partnerId);
    const settling = isOldToken || sentAt - route.credentialsAt < settlingMs;
    const verdict = judge(method, outcome, { lenient: route.lenient, now, retryAfterCapMs, settling });
    if (verdict.kind === 'failure') circuit.failed(ticket, now, verdict.retryAfterMs);
    else if (verdict.kind !== 'unauthorised' && circuit.succeeded(ticket, now)) this.onRecovery();
    const answered = outcome.kind === 'answered';
    const refused = outcome.kind === 'refused';
    // Written out in full: putting it together from parts cost as much as the rest of this function.
    observer.delivered?.({
      partner: route.partnerId,
      party: receiver?.key ?? '',
      module: row?.module ?? 'versions',
      object: row?.object ?? '',
      method,
      httpStatus: answered ? outcome.httpStatus : undefined,
      statusCode: answered ? outcome.statusCode : undefined,
      outcome: nameOf(verdict),
      reason: verdict.kind === 'rejected' || verdict.kind === 'failure' ? verdict.reason : undefined,
      durationMs: refused ? now - sentAt : outcome.durationMs,
      requestId: refused ? undefined : outcome.requestId,
      correlationId: row?.correlationId,
      lagMs: row ? now - row.recordedAt : 0,
    });
    return verdict;
  }
}

function nameOf(verdict: Verdict): DeliveryEvent['outcome'] {
  if (verdict.kind === 'failure') return verdict.ambiguous ? 'ambiguous' : 'failure';
  if (verdict.kind === 'rejected') return verdict.heals ? 'healed' : 'rejected';
  return verdict.kind;
}
