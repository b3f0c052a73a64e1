import type { StatusHub, StatusListener } from './status-hub.js';
import type { StatusMessage } from './status-message.js';
import { type StreamFilter, wants } from './stream-filter.js';

export interface PollParts {
  readonly hub: StatusHub;
  readonly filter: StreamFilter;
  readonly keyId: string;
  readonly sees: (owner: string) => boolean;
  readonly after: number;
  /** ms; 0 = answer at once. */
  readonly waitMs: number;
  readonly limit: number;
  /** Aborts when the asker has gone. */
  readonly signal: AbortSignal;
}

export interface PollAnswer {
  readonly messages: readonly StatusMessage[];
  /** Where to go on. */
  readonly offset: number;
  readonly more: boolean;
}

/** What lies behind a place, at once or as soon as there is something; undefined: that is no longer known. */
export async function longPoll(parts: PollParts): Promise<PollAnswer | undefined> {
  const first = look(parts);
  if (!first || first.messages.length > 0 || first.more || parts.waitMs === 0) return first;
  await somethingHappens(parts);
  return look(parts);
}

function look({ hub, filter, sees, after, limit }: PollParts): PollAnswer | undefined {
  const found: StatusMessage[] = [];
  let offset = after;
  for (;;) {
    // A filter may let little through; however much there is, one answer looks at a bounded part of it.
    const passage = hub.after(offset, limit);
    if (!passage) return undefined;
    offset = passage.offset;
    for (const message of passage.messages)
      if (wants(filter, message.event) && sees(message.event.owner)) found.push(message);
    if (!passage.more || found.length > 0) return { messages: found, offset, more: passage.more };
  }
}

function somethingHappens({ hub, filter, keyId, sees, waitMs, signal }: PollParts): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      hub.remove(listener);
      resolve();
    };
    const listener: StatusListener = { filter, keyId, sees, tell: done, end: done };
    const timer = setTimeout(done, waitMs);
    signal.addEventListener('abort', done);
    hub.add(listener);
  });
}
