import type { Clock } from '../../kernel/clock.js';
import type { InterfaceRole } from '../../kernel/module-id.js';
import { invalidParameters, methodNotAllowed } from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { OutboundClient, Streamed } from '../outbound/index.js';
import type { Partner, SealingKeyRing } from '../partners/index.js';
import { type Reached, routingHeaders } from '../routing/index.js';
import { judgeStart, judgeWhole } from './answer-body.js';
import { answeringParty, keptHeaders, namedUrl } from './answer-headers.js';
import { failureOf, notOcpi, refusalOf } from './answer-outcome.js';
import { ForwardFailure } from './forward-failure.js';
import type { ForwardedAnswer, ForwardOrder, Forwards } from './forwarding-types.js';
import { linkUrl, rewriteLinks } from './link-rewriting.js';
import { SealedReferences } from './sealed-references.js';
import { targetUrl } from './target-url.js';

export interface ForwarderOptions {
  readonly client: Pick<OutboundClient, 'stream'>;
  readonly ring: Pick<SealingKeyRing, 'sealCompact' | 'openCompact'>;
  readonly clock: Clock;
  /** The hub's own public URL of an interface, without a slash at the end. */
  readonly interfaceUrl: (module: string, interfaceRole: InterfaceRole) => string;
  /** A receiver does not take our token: somebody must look. */
  readonly onRefusedToken: (partner: Partner) => void;
  /** What a receiver named is not handed on; for the operator's log. */
  readonly onDroppedHeader: (partner: Partner, header: 'Link' | 'Location', why: string) => void;
  /** How long the link to another page can be followed; a day. */
  readonly linkSeconds?: number;
  /** How long the URL of a CDR can be followed; 400 days. */
  readonly locationSeconds?: number;
}

/** Longer answers are handed on while they arrive. */
const longAnswerBytes = 64 * 1024;
/** An answer that somebody wants to look into before it is handed on may not be longer. */
const wholeAnswerBytes = 256 * 1024;
const daySeconds = 86_400;

/**
 * Passes messages on to one party, at once and at most once: it stores nothing, repeats nothing and follows no redirect.
 *
 * Spec: 2.2.1 §4.1.8 and §5.4; R-04… …, T-21. Promise P10, threats T8 and T9.
 */
export class Forwarder implements Forwards {
  private readonly references: SealedReferences;
  private readonly linkSeconds: number;
  private readonly locationSeconds: number;

  constructor(private readonly options: ForwarderOptions) {
    this.references = new SealedReferences(options.ring, options.clock);
    this.linkSeconds = options.linkSeconds ?? daySeconds;
    this.locationSeconds = options.locationSeconds ?? 400 * daySeconds;
  }

  async forward(
    order: ForwardOrder,
    receiver: Reached,
    options?: { readonly whole?: boolean },
  ): Promise<ForwardedAnswer> {
    const url = targetUrl(receiver.url, order.path, order.query);
    if (url === undefined) {
      const detail = 'a path that leads outside of the endpoint';
      const facts = { outcome: 'refused', mayHaveArrived: false, detail };
      throw new ForwardFailure(invalidParameters('The path cannot be passed on.'), facts);
    }
    return this.exchange(order, receiver, url, options?.whole === true);
  }

  receiverOf(reference: string, order: Omit<ForwardOrder, 'to'>): PartyRef {
    return this.references.open(reference, order).party;
  }

  async follow(reference: string, order: ForwardOrder, receiver: Reached): Promise<ForwardedAnswer> {
    if (order.method !== 'GET') throw methodNotAllowed(['GET']);
    const referred = this.references.open(reference, order);
    return this.exchange(order, receiver, this.references.resolve(referred, receiver), false);
  }

  private async exchange(
    order: ForwardOrder,
    receiver: Reached,
    url: string,
    whole: boolean,
  ): Promise<ForwardedAnswer> {
    const { partner, token } = receiver;
    const outcome = await this.options.client.stream(
      {
        method: order.method,
        url,
        token,
        tokenForm: partner.switches.outbound_raw ? 'raw' : 'base64',
        origins: partner.origins,
        profile: 'forward',
        headers: routingHeaders(order.to, order.from),
        ...(order.body !== undefined && order.body.length > 0 ? { body: order.body } : {}),
        correlationId: order.ids.correlationId,
        ...(order.signal ? { signal: order.signal } : {}),
        asWritten: true,
      },
      whole ? wholeAnswerBytes : longAnswerBytes,
    );
    if (outcome.kind !== 'answered') throw failureOf(outcome);
    return this.judged(order, receiver, url, outcome, whole);
  }

  /** @throws ForwardFailure for what is not to be handed on */
  private judged(
    order: ForwardOrder,
    receiver: Reached,
    url: string,
    answer: Streamed,
    whole: boolean,
  ): ForwardedAnswer {
    const { httpStatus, headers, start, stream, requestId, durationMs } = answer;
    const { partner } = receiver;
    let told = refusalOf(httpStatus) ?? (whole && stream ? notOcpi() : undefined);
    let statusCode: number | undefined;
    if (!told) {
      const verdict = stream ? judgeStart(start) : judgeWhole(start);
      if (verdict.kind === 'envelope') statusCode = verdict.statusCode;
      else if (!partner.switches.lenient_envelope || httpStatus >= 300) told = notOcpi();
    }
    if (told) {
      stream?.destroy();
      if (httpStatus === 401 || httpStatus === 403) this.options.onRefusedToken(partner);
      const detail = `HTTP ${httpStatus}, ${stream ? 'more than ' : ''}${start.length} bytes`;
      const facts = { outcome: 'answered', mayHaveArrived: true, detail, requestId, durationMs };
      throw new ForwardFailure(told, { ...facts, httpStatusOfReceiver: httpStatus });
    }
    return {
      httpStatus,
      statusCode,
      headers: this.headersOf(order, receiver, url, answer),
      from: answeringParty(headers, order.to, receiver),
      body: stream ?? start,
      requestId,
      durationMs,
    };
  }

  private headersOf(order: ForwardOrder, receiver: Reached, url: string, answer: Streamed): string[] {
    const { headers, stream, httpStatus } = answer;
    const { location, 'content-length': length } = headers;
    const link = oneText(headers.link);
    const kept = keptHeaders(headers);
    // The reader of a stream cannot know it; HTTP has checked that it is a number and will see to it that it is true.
    if (stream && length !== undefined) kept.push('Content-Length', length);
    if (link !== undefined && order.method === 'GET') {
      const rewritten = rewriteLinks(link, (target) => this.linkOf(target, order, receiver, url));
      if (rewritten !== undefined) kept.push('Link', rewritten);
      else if (/\bnext\b/i.test(link))
        this.options.onDroppedHeader(receiver.partner, 'Link', 'no link in it can be handed on');
    }
    if (location !== undefined && isNewCdr(order) && httpStatus < 300) {
      const rewritten = this.locationOf(location, order, receiver, url);
      if (rewritten !== undefined) kept.push('Location', rewritten);
    }
    return kept;
  }

  private linkOf(target: string, order: ForwardOrder, receiver: Reached, base: string): string | undefined {
    const named = this.named('Link', target, receiver, base);
    if (!named) return undefined;
    const reference = this.references.seal(named.href, receiver, order, this.linkSeconds);
    return linkUrl(this.options.interfaceUrl(order.module, order.interfaceRole), named.search.slice(1), reference);
  }

  private locationOf(location: string, order: ForwardOrder, receiver: Reached, base: string): string | undefined {
    const named = this.named('Location', location, receiver, base);
    if (!named) return undefined;
    const reference = this.references.seal(named.href, receiver, order, this.locationSeconds);
    return `${this.options.interfaceUrl(order.module, order.interfaceRole)}/${reference}`;
  }

  private named(header: 'Link' | 'Location', text: string, receiver: Reached, base: string): URL | undefined {
    const named = namedUrl(text, base, receiver);
    if ('url' in named) return named.url;
    this.options.onDroppedHeader(receiver.partner, header, named.dropped);
    return undefined;
  }
}

/** Node joins repeated headers of this name; its types do not say so. */
function oneText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Whose answer says where the CDR can be read again. Spec: 2.2.1 §10.2.2.2 */
function isNewCdr({ module, interfaceRole, method }: ForwardOrder): boolean {
  return module === 'cdrs' && interfaceRole === 'RECEIVER' && method === 'POST';
}
