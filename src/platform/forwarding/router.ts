import { hubError, internalError, OcpiError, receiverNotConnected, unknownReceiver } from '../../kernel/ocpi-error.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import { flowOf, type SharingPolicy } from '../agreements/index.js';
import type { PartyBook, Reached, RouteCandidate } from '../routing/index.js';
import { askAll } from './ask-all.js';
import { ForwardFailure } from './forward-failure.js';
import type {
  ForwardEnd,
  ForwardedAnswer,
  ForwardOrder,
  Forwards,
  Outward,
  Passage,
  RouteOrder,
  Sought,
} from './forwarding-types.js';
import { ReceiverRoom } from './receiver-room.js';

export interface RouterOptions {
  readonly book: PartyBook;
  readonly policy: SharingPolicy;
  readonly forwards: Forwards;
  /** Parties that are expected and have not connected yet (H-11). */
  readonly isPlanned?: (party: PartyRef) => boolean;
  /** Messages under way to one partner at a time, at most: a slow one must not use up the room of all. */
  readonly mostUnderWay?: number;
}

/** How a message goes to a party that was found. */
interface Way {
  readonly order: ForwardOrder;
  readonly receiver: Reached;
  readonly candidate: RouteCandidate;
}

/** So that one caller finds room for as many as it may send at once, and another one still does. */
const defaultMostUnderWay = 256;

/**
 * Passes messages on to the party that they are for: the one they name, or the one that their content shows. Decides whether that may
 * be, says why in the trace, and leaves the sending to {@link Forwards}.
 *
 * Spec: 2.2.1 §4.1.8; R-04… …R-37. Threats T3, T18.
 */
export class Router {
  /** Messages that are on their way through this hub just now (T18). */
  private readonly passing = new Set<string>();
  private readonly room: ReceiverRoom;

  constructor(private readonly options: RouterOptions) {
    this.room = new ReceiverRoom(options.mostUnderWay ?? defaultMostUnderWay);
  }

  /** To the party that the message names. @throws OcpiError 4000…4003 (R-10…R-16) */
  direct(order: RouteOrder, to: PartyRef, passage?: Passage): Promise<ForwardedAnswer> {
    order.trace.scenario = 'direct';
    return this.pass(order, to, 'named by OCPI-to', passage);
  }

  /** To the party that the message does not name. @throws OcpiError 4001 if nobody fits, and like {@link direct} */
  async open(order: RouteOrder, sought: Sought, passage?: Passage): Promise<ForwardedAnswer> {
    const { trace } = order;
    trace.scenario = 'open';
    trace.rules.push('R-32', 'R-34');
    switch (sought.kind) {
      case 'party':
        return this.pass(order, sought.party, sought.by, passage);
      case 'nobody':
        trace.candidates.push({ party: '', partnerId: undefined, why: sought.by });
        trace.rules.push('R-35');
        throw unknownReceiver('Nothing in this message says which party it is for; name it with OCPI-to.');
      case 'any':
        return this.anyOf(order, sought.parties, sought.by);
    }
  }

  /** To where a reference leads that the hub gave out itself. @throws OcpiError 404/2001 for any other, and like {@link direct} */
  async follow(order: RouteOrder, reference: string): Promise<ForwardedAnswer> {
    order.trace.scenario = 'continuation';
    order.trace.rules.push('R-45');
    const { forwards } = this.options;
    const way = this.wayTo(order, forwards.receiverOf(reference, order), 'the reference in the URL');
    return this.send(way, () => forwards.follow(reference, way.order, way.receiver));
  }

  private async pass(
    order: RouteOrder,
    to: PartyRef,
    by: string,
    passage: Passage | undefined,
  ): Promise<ForwardedAnswer> {
    const way = this.wayTo(order, to, by);
    const key = this.enter(order, to);
    try {
      return await this.sendThrough(way, passage);
    } finally {
      this.passing.delete(key);
    }
  }

  private async sendThrough(way: Way, passage: Passage | undefined): Promise<ForwardedAnswer> {
    const { forwards } = this.options;
    const outward: Outward = (await passage?.outward(way.order, way.receiver)) ?? {};
    if (outward.answer) {
      way.candidate.leg = legOf(outward.answer, 'answered before');
      return outward.answer;
    }
    const order = changed(way.order, outward);
    const whole = outward.whole ?? false;
    let end: ForwardEnd;
    try {
      const answer = await this.send({ ...way, order }, () => forwards.forward(order, way.receiver, { whole }));
      end = { kind: 'answered', answer };
    } catch (error) {
      const failed = failedEnd(error);
      end = failed;
      if (failed.error !== error) {
        await outward.settled?.(failed);
        throw error;
      }
    }
    await outward.settled?.(end);
    if (end.kind === 'failed') throw end.error;
    return end.answer;
  }

  /** All at once, each over its own way; the first success is the answer. */
  private anyOf(order: RouteOrder, parties: readonly PartyRef[], by: string): Promise<ForwardedAnswer> {
    order.trace.rules.push('R-35');
    const ways: Way[] = [];
    for (const party of parties) {
      try {
        ways.push(this.wayTo(order, party, by));
      } catch {
        // Why not is in the trace; another may know.
      }
    }
    return askAll(
      ways.map((way) => async (signal) => {
        const leg = { ...way.order, signal };
        const key = this.enter(order, leg.to);
        try {
          return await this.send({ ...way, order: leg }, () =>
            this.options.forwards.forward(leg, way.receiver, { whole: true }),
          );
        } finally {
          this.passing.delete(key);
        }
      }),
      order.signal,
    );
  }

  /** How a party is reached, if the message may go there; the candidate in the trace says what became of it. */
  private wayTo(order: RouteOrder, to: PartyRef, by: string): Way {
    const { book, policy, isPlanned } = this.options;
    const { trace, caller, interfaceRole, module, from } = order;
    const noted = (partnerId: string | undefined, why: string): RouteCandidate => {
      const candidate: RouteCandidate = { party: partyKey(to), partnerId, why };
      trace.candidates.push(candidate);
      return candidate;
    };
    const refuse = (rule: string, partnerId: string | undefined, why: string, error: OcpiError): never => {
      trace.rules.push(rule);
      noted(partnerId, why);
      throw error;
    };
    const isHub = caller.roles.some(({ role }) => role === 'HUB');
    const found = book.reach(to, module, interfaceRole, isHub ? caller.id : undefined);
    if (found.kind === 'unknown') {
      if (isPlanned?.(to)) refuse('R-11', undefined, 'not connected (PLANNED)', receiverNotConnected());
      return refuse('R-10', undefined, 'nobody here has this party', unknownReceiver());
    }
    const { allowed, rule } = policy.judge(flowOf(interfaceRole, module, from, to));
    // No contract between the two: to one another they are not connected (H-11), and learn no more.
    if (!allowed) return refuse('R-11', found.partner.id, `not shared (${rule})`, receiverNotConnected());
    if (found.kind === 'away')
      return refuse('R-11', found.partner.id, `not connected (${found.status})`, receiverNotConnected());
    if (found.kind === 'not-offered') {
      const sentence = `The receiving party offers no ${module} as ${interfaceRole}.`;
      return refuse('R-14', found.partner.id, `offers no ${module} ${interfaceRole}`, hubError(sentence));
    }
    if (rule !== 'open' && rule !== 'own') trace.rules.push(rule);
    return {
      order: { ...order, to: this.asWritten(order, to, found) },
      receiver: found,
      candidate: noted(found.partner.id, by),
    };
  }

  /** What a message names stays as it is; what the hub adds is spelled as the party itself spells it. */
  private asWritten(order: RouteOrder, to: PartyRef, { partner }: Reached): PartyRef {
    if (order.trace.scenario !== 'open') return to;
    const own = partner.roles.find((role) => sameParty(role, to));
    return own ? { country_code: own.country_code, party_id: own.party_id } : to;
  }

  /** Sends on a way that was found, within the room of its receiver, and notes the second leg. */
  private async send(way: Way, send: () => Promise<ForwardedAnswer>): Promise<ForwardedAnswer> {
    const leave = this.room.enter(way.receiver.partner.id, way.order.caller.id);
    if (!leave) throw hubError('Too many messages for the receiving party are under way.');
    try {
      const answer = await send();
      way.candidate.leg = legOf(answer, 'answered');
      return answer;
    } catch (error) {
      if (error instanceof ForwardFailure) way.candidate.leg = failedLeg(error);
      throw error;
    } finally {
      leave();
    }
  }

  /** A message that comes back to this hub while it is still under way here goes round in a circle of hubs (T18). */
  private enter(order: RouteOrder, to: PartyRef): string {
    const { ids, method, module, interfaceRole, path, from } = order;
    const key = [ids.correlationId, method, module, interfaceRole, path, partyKey(from), partyKey(to)].join(' ');
    if (!this.passing.has(key)) {
      this.passing.add(key);
      return key;
    }
    if (order.caller.roles.some(({ role }) => role === 'HUB')) {
      order.trace.rules.push('T18');
      throw hubError('This message is going round in a circle between hubs.');
    }
    // The same party sends the same again; its own key must outlive neither.
    const another = `${key} ${ids.requestId} ${performance.now()}`;
    this.passing.add(another);
    return another;
  }
}

/** What came of it; after a fault of ours nobody knows. */
function failedEnd(thrown: unknown): ForwardEnd & { readonly kind: 'failed' } {
  if (!(thrown instanceof OcpiError)) return { kind: 'failed', error: internalError(), mayHaveArrived: true };
  return { kind: 'failed', error: thrown, mayHaveArrived: thrown instanceof ForwardFailure && thrown.mayHaveArrived };
}

function changed(order: ForwardOrder, { body, query }: Outward): ForwardOrder {
  if (body === undefined && query === undefined) return order;
  return { ...order, ...(body === undefined ? {} : { body }), ...(query === undefined ? {} : { query }) };
}

function legOf(answer: ForwardedAnswer, outcome: string): NonNullable<RouteCandidate['leg']> {
  const { requestId, httpStatus, statusCode, durationMs } = answer;
  return { requestId, httpStatus, statusCode, outcome, durationMs };
}

function failedLeg(failure: ForwardFailure): NonNullable<RouteCandidate['leg']> {
  const { requestId, httpStatusOfReceiver, outcome, durationMs } = failure;
  return { requestId, httpStatus: httpStatusOfReceiver, statusCode: undefined, outcome, durationMs };
}
