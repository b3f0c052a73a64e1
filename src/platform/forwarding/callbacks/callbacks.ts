import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.js';
import { invalidParameters, notFound, receiverTimeout, unavailable } from '../../../kernel/ocpi-error.js';
import { partyKey } from '../../../kernel/party-ref.js';
import { normalizeOrigin, type UrlGuard } from '../../outbound/index.js';
import type { Partner, SecretKeys } from '../../partners/index.js';
import type { WorkQueue } from '../../queue/index.js';
import type { PartnerBook, Reached } from '../../routing/index.js';
import type { DurableRows } from '../durable-rows.js';
import type {
  ForwardEnd,
  ForwardedAnswer,
  ForwardOrder,
  Forwards,
  Outward,
  Passage,
  RouteOrder,
} from '../forwarding-types.js';
import { answerOf, recordOf, refusalRecord } from './answer-record.js';
import { CallbackStore, digestOf } from './callback-store.js';
import { RequestGuard } from './request-guard.js';
import type { ResponseUrl } from './response-url.js';
import { type DroppedResult, isSuccess, ResultDelivery } from './result-delivery.js';

/** What a message asks for whose result comes later. */
export interface Asked {
  readonly responseUrl: ResponseUrl;
  /** Segment behind the hub's SENDER interface that results for it come to. */
  readonly command: string;
  /** More than one result may come until then, ms since the epoch (CMD-09). */
  readonly reusableUntil?: number;
  /** Told when the receiver has taken it: OCPI success. */
  onTaken?(receiver: Reached, answer: ForwardedAnswer): void;
}

export interface CallbacksOptions {
  readonly rows: DurableRows;
  readonly clock: Clock;
  readonly ring: SecretKeys['ring'];
  readonly forwards: Pick<Forwards, 'forward'>;
  readonly partners: Pick<PartnerBook, 'byId' | 'outboundToken'>;
  readonly urls: Pick<UrlGuard, 'check'>;
  readonly queue: WorkQueue;
  /** Whether this process has the database for itself. */
  readonly alone: boolean;
  /** Whether this process tries results again; at least one does. */
  readonly works?: boolean;
  /** The hub's own public URL of a module's SENDER interface, without a slash at the end. */
  readonly senderUrl: (module: string) => string;
  /** For the audit: somebody wanted a result sent to a third host (T10). */
  readonly onForeignResponseUrl: (event: {
    readonly partner: Partner;
    readonly module: string;
    origin: string;
  }) => void;
  /** For the audit: a result reached nobody. */
  readonly onDropped: (result: DroppedResult) => void;
  /** Told of what could not be noted or swept. */
  readonly onTrouble: (error: unknown) => void;
  /** How often a request that is under way at another node is looked for, ms. */
  readonly pollMs?: number;
  /** Before the second and the third try of a result, ms; else 5 s and 20 s. */
  readonly pausesMs?: readonly [number, number];
}

const second = 1000;
/** Added to the time that the receiver gives itself (CMD-07). */
const marginMs = 30 * second;
const defaultTimeoutMs = 120 * second;
const longestTimeoutMs = 24 * 3600 * second;
/** A reservation may be cancelled until its end (CMD-09), within reason. */
const longestReservationMs = 30 * 24 * 3600 * second;
/** How long a call of a callback may take before another is let in: longer than any forward. */
const busyMs = 60 * second;
const sweepMs = 30 * second;
/** Longer answers are not kept for a request that comes again: they would fill the disk (T12). Those of OCPI have a few hundred bytes. */
const mostRecordedBytes = 16 * 1024;

/**
 * What commands and charging profiles have in common: they ask one party for something, and its result comes later, to a URL that
 * the asking party named.
 *
 * That URL is replaced by one of the hub's, bound to both parties and kept sealed and durable before the message leaves. What
 * comes there is handed on to the original URL, as it is. A request that comes again is not passed on again (T17, P10).
 */
export class Callbacks {
  private readonly store: CallbackStore;
  private readonly guard: RequestGuard;
  private readonly results: ResultDelivery;
  private sweeping: NodeJS.Timeout | undefined;

  constructor(private readonly options: CallbacksOptions) {
    this.store = new CallbackStore(options.rows);
    this.guard = new RequestGuard(options);
    this.results = new ResultDelivery({ ...options, store: this.store });
  }

  /** Begins to look after results that wait. */
  start(): void {
    // What was being handed on when the last process ended is not any more.
    if (this.options.alone) this.store.letAllGo().catch(this.options.onTrouble);
    if (!(this.options.works ?? true)) return;
    const sweep = (): void => {
      this.sweep().catch(this.options.onTrouble);
    };
    this.sweeping = setInterval(sweep, sweepMs);
    this.sweeping.unref();
    sweep();
  }

  stop(): void {
    clearInterval(this.sweeping);
  }

  /** Wakes results that are due and takes out what is over. */
  async sweep(): Promise<void> {
    await this.results.wakeDue();
    await this.store.sweep();
    await this.guard.sweep();
  }

  /**
   * How such messages pass through.
   * @param read what a message asks for; throws OcpiError where it cannot be passed on
   */
  passage(read: (order: ForwardOrder) => Asked): Passage {
    return { outward: (order, receiver) => this.outward(order, receiver, read(order)) };
  }

  /**
   * A result has come to a URL that the hub gave out, and is handed on. Returns the originator's answer; undefined if there was
   * none, and the hub has taken it upon itself to try again.
   *
   * @throws OcpiError 404/2000 for a URL that was never given out, is not for this caller, has expired or is used up; 503 while another
   *   result for it is under way
   */
  async receive(order: RouteOrder, command: string, id: string): Promise<ForwardedAnswer | undefined> {
    const { trace, caller, from, module, ids } = order;
    trace.scenario = 'callback';
    const claim = { id: digestOf(id), module, command, receiver_partner: caller.id, receiver: partyKey(from) };
    const row = await this.store.claim({ ...claim, busyMs });
    // A cancellation may follow its reservation's result at once (CMD-09).
    if (!row && (await this.store.isBusy(claim)))
      throw unavailable(1, 'Another result for this URL is being handed on.');
    if (!row) throw notFound('No result is expected at this URL.');
    const result = { body: order.body ?? Buffer.alloc(0), from, correlationId: ids.correlationId };
    let used = false;
    try {
      const { candidate, answer, delivered } = await this.results.hand(row, result);
      trace.candidates.push(candidate);
      if (!delivered) await this.results.keep(row, result);
      used = answer === undefined || isSuccess(answer);
      return answer;
    } finally {
      // If the result has gone on, a database that fails here must not make its sender send it again.
      await this.store.letGo(row.id, used).catch(this.options.onTrouble);
    }
  }

  private async outward(order: ForwardOrder, receiver: Reached, asked: Asked): Promise<Outward> {
    this.checkResponseUrl(order, asked.responseUrl.url);
    const { caller, module, ids } = order;
    const key = digestOf(caller.id, module, ids.requestId);
    const begun = await this.guard.begin(key, contentOf(order));
    switch (begun.kind) {
      case 'answered':
        return { answer: answerOf(this.options.ring.open(begun.answer, answerSeal(caller))) };
      case 'lost':
        throw receiverTimeout('This request was passed on before and may have arrived; what came of it is not known.');
      case 'different':
        throw invalidParameters('Another request came under this X-Request-ID within the last minutes.');
      case 'first':
        return this.registered(order, receiver, asked, key);
    }
  }

  /** Notes where the result goes, before anything leaves. */
  private async registered(order: ForwardOrder, receiver: Reached, asked: Asked, key: string): Promise<Outward> {
    const { ring, senderUrl, clock } = this.options;
    const { caller, from, to, module } = order;
    const secret = randomBytes(24).toString('base64url');
    const id = digestOf(secret);
    const reservedMs = Math.min((asked.reusableUntil ?? 0) - clock.now(), longestReservationMs);
    const ttl = (timeoutMs: number): number => Math.max(timeoutMs, reservedMs) + marginMs;
    try {
      await this.store.add(
        {
          id,
          module,
          command: asked.command,
          originator_partner: caller.id,
          originator: `${from.country_code}/${from.party_id}`,
          receiver_partner: receiver.partner.id,
          receiver: partyKey(to),
          url: ring.seal(asked.responseUrl.url, { owner: caller.id, purpose: 'response_url' }),
          reusable: asked.reusableUntil === undefined ? 0 : 1,
        },
        // The message itself may take as long as a call may.
        ttl(defaultTimeoutMs) + busyMs,
      );
    } catch (error) {
      await this.guard.release(key).catch(this.options.onTrouble);
      throw error;
    }
    return {
      ...asked.responseUrl.replaced(`${senderUrl(module)}/${asked.command}/${secret}`),
      whole: true,
      settled: async (end) => {
        if (end.kind === 'answered' && isSuccess(end.answer)) asked.onTaken?.(receiver, end.answer);
        // The message has gone its way; a database that fails here must not make its sender send it again.
        await this.settle(end, key, id, caller, ttl).catch(this.options.onTrouble);
      },
    };
  }

  private async settle(
    end: ForwardEnd,
    key: string,
    id: string,
    caller: Partner,
    ttl: (timeoutMs: number) => number,
  ): Promise<void> {
    const note = (record: string): Promise<void> =>
      this.guard.settle(key, this.options.ring.seal(record, answerSeal(caller)));
    if (end.kind === 'answered') {
      const { answer } = end;
      const { body } = answer;
      const record =
        Buffer.isBuffer(body) && body.length <= mostRecordedBytes
          ? recordOf({ ...answer, body })
          : refusalRecord(receiverTimeout());
      await Promise.all([note(record), this.store.extend(id, ttl(timeoutIn(body)))]);
    } else if (end.mayHaveArrived) await note(refusalRecord(end.error));
    else await Promise.all([this.guard.release(key), this.store.remove(id)]);
  }

  /** A result goes to the platform that asked for it and nowhere else (T9, T10). */
  private checkResponseUrl({ caller, module }: ForwardOrder, url: string): void {
    const verdict = this.options.urls.check(url);
    if (verdict.kind === 'refused')
      throw invalidParameters('response_url is no URL that may be called.', '/response_url');
    const { origin } = verdict.target;
    if (caller.origins.some((one) => normalizeOrigin(one) === origin)) return;
    this.options.onForeignResponseUrl({ partner: caller, module, origin });
    throw invalidParameters('response_url leads to another host than those of your platform.', '/response_url');
  }
}

const answerSeal = ({ id }: Partner) => ({ owner: id, purpose: 'answer' });

/** Everything that makes a request the same. */
function contentOf({ method, interfaceRole, path, query, body, from, to }: ForwardOrder): string {
  return digestOf(method, interfaceRole, path, query, body ?? '', partyKey(from), partyKey(to));
}

/** What the receiver says how long the result may take, ms (CMD-03, CP-04). */
function timeoutIn(body: ForwardedAnswer['body']): number {
  if (!Buffer.isBuffer(body)) return defaultTimeoutMs;
  try {
    const { data } = JSON.parse(body.toString('utf8')) as { data?: { timeout?: unknown } | null };
    const timeout = data?.timeout;
    if (typeof timeout === 'number' && timeout >= 0) return Math.min(timeout * second, longestTimeoutMs);
  } catch {
    // No JSON: nothing is said.
  }
  return defaultTimeoutMs;
}
