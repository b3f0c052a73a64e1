import { once } from 'node:events';
import { formatDateTime } from '../../../kernel/date-time.js';
import type { PlainResponse } from '../../../platform/http/index.js';
import type { LivePlaces } from '../live/live-places.js';
import { contentIdOf } from '../model/place-id.js';
import { type StreamFilter, wants } from './stream-filter.js';

/** Places of one turn; others have theirs in between. */
const slice = 200;

/**
 * Writes every EVSE's present state as NDJSON: first a line with the place of the change sequence from which to follow, which was noted
 * before the first state was read, so that nothing lies between; then a line for each EVSE.
 */
export async function writeSnapshot(
  response: PlainResponse,
  live: LivePlaces,
  offset: number,
  filter: StreamFilter,
  sees: (owner: string) => boolean,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
  let text = `${JSON.stringify({ offset })}\n`;
  let looked = 0;
  for (const key of filter.keys ?? live.keys()) {
    const place = live.find(key);
    if (place && sees(place.owner) && wants(filter, place)) {
      const [countryCode, partyId] = place.owner.split('/');
      const locationId = contentIdOf(place.key);
      for (const { uid: evseUid, evseId, status, modified, offset: since } of place.evses)
        text += `${JSON.stringify({ locationId, evseUid, evseId, status, modified: formatDateTime(modified), offset: since, countryCode, partyId })}\n`;
    }
    if (++looked % slice !== 0) continue;
    await written(response, text);
    text = '';
    if (response.destroyed) return;
  }
  response.end(text);
}

/** Resolves in a later turn of the event loop, when there is room for more. */
async function written(response: PlainResponse, text: string): Promise<void> {
  const hasRoom = text === '' || response.write(text);
  if (!hasRoom && !response.destroyed)
    await Promise.race([once(response, 'drain'), once(response, 'close')]).catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
}
