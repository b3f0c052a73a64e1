import type { PlainResponse } from '../../../platform/http/index.js';
import type { StatusHub, StatusListener } from './status-hub.js';
import { asServerSentEvents, type StatusMessage } from './status-message.js';
import { type StreamFilter, wants } from './stream-filter.js';

export interface EventStreamParts {
  readonly hub: StatusHub;
  readonly response: PlainResponse;
  readonly filter: StreamFilter;
  readonly keyId: string;
  readonly sees: (owner: string) => boolean;
  /** Where to begin; undefined: now. */
  readonly after: number | undefined;
  /** ms since the epoch */
  readonly now: () => number;
}

/** After so long without taking anything a consumer is cut off, ms. */
export const stuckMs = 60_000;

/**
 * One consumer of the status stream. What it is sent is bounded: while its socket is full nothing is written, and it is then fed
 * from where it stopped.
 */
export class EventStream implements StatusListener {
  readonly filter: StreamFilter;
  readonly keyId: string;
  /** Everything up to this place was written. */
  private position: number;
  private isBehind = true;
  private fullSince: number | undefined;
  private ended = false;

  constructor(private readonly parts: EventStreamParts) {
    this.filter = parts.filter;
    this.keyId = parts.keyId;
    this.position = parts.after ?? parts.hub.offset;
  }

  /** Begins; the headers are the caller's. */
  start(): void {
    const { hub, response } = this.parts;
    response.on('drain', () => {
      this.fullSince = undefined;
      if (this.isBehind) this.catchUp();
    });
    response.on('close', () => this.leave());
    hub.add(this);
    this.write(`retry: 2000\nid: ${this.position}\nevent: hello\ndata: {"offset":${this.position}}\n\n`);
    this.catchUp();
  }

  sees(owner: string): boolean {
    return this.parts.sees(owner);
  }

  tell(messages: readonly StatusMessage[]): void {
    if (this.isBehind || this.ended) return;
    // Who came back from a node that was ahead has some of it.
    const fresh = messages.filter(({ event }) => event.offset > this.position);
    const last = fresh.at(-1);
    if (!last) return;
    if (this.fullSince !== undefined) {
      this.isBehind = true;
      return;
    }
    this.position = last.event.offset;
    this.write(asServerSentEvents(fresh));
  }

  /** A sign of life, which moves on the place from which to come back. Cuts off who takes nothing. */
  beat(): void {
    const { response, hub, now } = this.parts;
    if (this.fullSince !== undefined) {
      if (now() - this.fullSince > stuckMs) response.destroy();
      return;
    }
    if (this.isBehind || this.ended) return;
    this.position = Math.max(this.position, hub.offset);
    this.write(`:\nid: ${this.position}\n\n`);
  }

  end(): void {
    this.leave();
    this.parts.response.end();
  }

  private leave(): void {
    this.ended = true;
    this.parts.hub.remove(this);
  }

  /** Writes what is behind the position until there is no more, or the socket is full. */
  private catchUp(): void {
    if (this.ended || this.fullSince !== undefined) return;
    const passage = this.parts.hub.after(this.position);
    if (!passage) {
      this.write('event: reset\ndata: {"reason":"what happened since then is no longer known; read the snapshot"}\n\n');
      this.end();
      return;
    }
    const share = passage.messages.filter(({ event }) => wants(this.filter, event) && this.sees(event.owner));
    this.position = passage.offset;
    this.isBehind = passage.more;
    if (share.length > 0) this.write(asServerSentEvents(share));
    if (passage.more && this.fullSince === undefined) setImmediate(() => this.catchUp());
  }

  private write(text: string): void {
    const { response, now } = this.parts;
    if (!response.write(text)) this.fullSince ??= now();
  }
}
