import type { LivePlaces } from '../live/live-places.js';
import { Audience, type Listener } from './audience.js';
import { RecentMessages } from './recent-messages.js';
import { StatusMessage } from './status-message.js';
import { wants } from './stream-filter.js';

/** Somebody who is told at once of what it wants. */
export interface StatusListener extends Listener {
  readonly keyId: string;
  /** Whether it may see what this owner (party key) has. */
  sees(owner: string): boolean;
  /** Told what happened in one turn, in order, never a part of one place of the change sequence. */
  tell(messages: readonly StatusMessage[]): void;
  /** Told that nothing more will come. */
  end(): void;
}

/** What lies behind a place of the change sequence. */
export interface Passage {
  readonly messages: readonly StatusMessage[];
  /** Where to go on: everything up to here is in it. */
  readonly offset: number;
  /** There may be more behind `offset`. */
  readonly more: boolean;
}

/** Every change is kept of so many of the newest; older ones are told as each EVSE's newest state. */
export const recentLimit = 20_000;
/** Messages of one look. */
const slice = 500;
/** A consumer may have read from a node that is a little ahead; one that is further ahead read from another database. */
const aheadLimit = 10_000;

/**
 * Status changes on their way to those who listen. A change is put into text once; who comes back is given what lies behind its
 * place, first from the newest messages, else from the live places.
 */
export class StatusHub {
  private readonly recent = new RecentMessages(recentLimit);
  private readonly audience = new Audience<StatusListener>();
  private pending: StatusMessage[] = [];
  private readonly stopListening: () => void;

  constructor(private readonly live: LivePlaces) {
    this.stopListening = live.onChange((change) => {
      if (change.kind !== 'status') return;
      const message = new StatusMessage(change.event);
      this.recent.add(message);
      if (this.pending.push(message) === 1) setImmediate(() => this.flush());
    });
  }

  get isReady(): boolean {
    return this.live.isReady;
  }

  get size(): number {
    return this.audience.size;
  }

  /** Place up to which everything was told. */
  get offset(): number {
    const [next] = this.pending;
    return next ? next.event.offset - 1 : this.live.offset;
  }

  add(listener: StatusListener): void {
    this.audience.add(listener);
  }

  remove(listener: StatusListener): void {
    this.audience.remove(listener);
  }

  /** All who listen. */
  listeners(): Iterable<StatusListener> {
    return this.audience;
  }

  /** What is behind a place; undefined: that is no longer known, and only a new snapshot helps. */
  after(offset: number, limit = slice): Passage | undefined {
    const reached = this.live.offset;
    if (offset > reached + aheadLimit) return undefined;
    const messages =
      this.recent.after(offset, limit) ??
      this.live.statusesAfter(offset, limit)?.map((event) => new StatusMessage(event));
    if (!messages) return undefined;
    const more = messages.length >= limit;
    return { messages, more, offset: more ? (messages.at(-1)?.event.offset ?? offset) : Math.max(offset, reached) };
  }

  /** Ends what the holder of a key listens to. */
  endKey(keyId: string): void {
    for (const listener of [...this.audience]) if (listener.keyId === keyId) listener.end();
  }

  /** Ends everything; nobody is told any more. */
  close(): void {
    this.stopListening();
    for (const listener of [...this.audience]) listener.end();
  }

  private flush(): void {
    const messages = this.pending;
    this.pending = [];
    const shares = new Map<StatusListener, StatusMessage[]>();
    for (const message of messages) {
      for (const listener of this.audience.near(message)) {
        if (!wants(listener.filter, message.event) || !listener.sees(message.event.owner)) continue;
        const share = shares.get(listener);
        if (share) share.push(message);
        else shares.set(listener, [message]);
      }
    }
    for (const [listener, share] of shares) listener.tell(share);
  }
}
