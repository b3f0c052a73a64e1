import type http from 'node:http';
import { Readable } from 'node:stream';
import { type Call, Exchange, type Unanswered } from './exchange.js';
import { AnswerBroken } from './outbound-types.js';

export interface StreamedAnswer {
  readonly kind: 'answered';
  readonly response: http.IncomingMessage;
  readonly start: Buffer;
  readonly stream: Readable | undefined;
}

/**
 * Hands the answer on while it arrives: a short one in one piece, a longer one as a stream that its reader sets the pace of.
 *
 * The call is over when the body is: until then its deadline, its size limit and its signal go on, and all of them end the stream with an
 * {@link AnswerBroken}. A reader who destroys the stream ends the call.
 */
export class StreamedExchange extends Exchange<StreamedAnswer> {
  private stream: AnswerStream | undefined;

  /**
   * @param wholeUpTo bytes of body that are waited for before anything is told
   * @param over told once when the call is over
   */
  constructor(
    call: Call,
    private readonly wholeUpTo: number,
    private readonly over: () => void,
  ) {
    super(call);
  }

  /** The reader has gone. */
  readonly drop = (): void => this.cut('aborted', 'nobody reads the answer any more');

  protected override begin(response: http.IncomingMessage): void {
    if (this.wholeUpTo === 0 && response.headers['content-length'] !== '0') this.open(response);
  }

  protected override take(chunk: Buffer): void {
    const { stream, response } = this;
    if (stream) {
      if (!stream.push(chunk)) response?.pause();
      return;
    }
    super.take(chunk);
    if (this.size > this.wholeUpTo && response) this.open(response);
  }

  protected complete(response: http.IncomingMessage): void {
    this.settle({ kind: 'answered', response, start: this.collected(), stream: undefined });
  }

  protected override settle(result: StreamedAnswer | Unanswered): void {
    super.settle(result);
    this.over();
    if (result.kind === 'answered') this.stream?.push(null);
    else if (result.kind === 'ambiguous') this.stream?.destroy(new AnswerBroken(result.reason, result.detail));
  }

  private open(response: http.IncomingMessage): void {
    const start = this.collected();
    this.stream = new AnswerStream(response, this.drop);
    // Paused by the first piece already if nobody reads.
    if (start.length > 0 && !this.stream.push(start)) response.pause();
    this.resolve({ kind: 'answered', response, start, stream: this.stream });
  }
}

/** Holds at most this much beyond what the socket holds. */
const bufferedBytes = 64 * 1024;

class AnswerStream extends Readable {
  constructor(
    private readonly response: http.IncomingMessage,
    private readonly dropped: () => void,
  ) {
    super({ highWaterMark: bufferedBytes });
  }

  override _read(): void {
    this.response.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.dropped();
    callback(error);
  }
}
