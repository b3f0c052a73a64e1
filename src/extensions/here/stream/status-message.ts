import { formatDateTime } from '../../../kernel/date-time.js';
import type { StatusEvent } from '../live/live-places.js';
import { contentIdOf } from '../model/place-id.js';

/** An event with its text, which is made once for all who get it, and not at all if nobody does. HERE section 12. */
export class StatusMessage {
  private made: string | undefined;

  constructor(readonly event: StatusEvent) {}

  /** JSON as consumers read it. */
  get text(): string {
    this.made ??= textOf(this.event);
    return this.made;
  }
}

function textOf(event: StatusEvent): string {
  const [countryCode, partyId] = event.owner.split('/');
  return JSON.stringify({
    offset: event.offset,
    type: event.type,
    locationId: contentIdOf(event.key),
    evseUid: event.evseUid,
    evseId: event.evseId,
    status: event.status,
    previousStatus: event.previousStatus,
    modified: formatDateTime(event.modified),
    receivedAt: formatDateTime(event.receivedAt),
    countryCode,
    partyId,
  });
}

/**
 * Messages as server-sent events. An id stands only where all of its offset have been said: whoever comes back with it lacks nothing.
 */
export function asServerSentEvents(messages: readonly StatusMessage[]): string {
  let text = '';
  for (const [at, { event, text: data }] of messages.entries()) {
    const isLast = messages[at + 1]?.event.offset !== event.offset;
    text += isLast ? `id: ${event.offset}\ndata: ${data}\n\n` : `data: ${data}\n\n`;
  }
  return text;
}
