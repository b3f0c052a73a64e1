import type { Clock } from '../../../kernel/clock.js';
import { badRequest, EvError, unavailable } from '../http/ev-error.js';
import type { EvCall, EvReply, EvRoute } from '../http/ev-route.js';
import type { LivePlaces } from '../live/live-places.js';
import { EventStream } from './event-stream.js';
import { longPoll } from './long-poll.js';
import { writeSnapshot } from './snapshot.js';
import { StatusHub } from './status-hub.js';
import { filterParameters, streamFilterOf } from './stream-filter.js';

export interface StatusProductParts {
  readonly live: LivePlaces;
  readonly clock: Clock;
  /** How many may listen at once. */
  readonly maxConsumers: number;
  /** Whether a key is still good; asked with each heartbeat. */
  readonly isGood: (keyId: string) => boolean;
}

const heartbeatMs = 15_000;
const mostItems = 1_000;
const longestWaitSeconds = 30;

/** The live status product: a stream, long polls with the same offsets, and the snapshot to begin with. HERE section 12. */
export class StatusProduct {
  private readonly hub: StatusHub;
  private readonly streams = new Set<EventStream>();
  private heart: NodeJS.Timeout | undefined;
  private closed = false;
  readonly routes: readonly EvRoute[];

  constructor(private readonly parts: StatusProductParts) {
    this.hub = new StatusHub(parts.live);
    const after = 'Place in the change sequence behind which to begin';
    this.routes = [
      {
        path: '/stream',
        scope: 'stream',
        summary: 'Status changes as server-sent events',
        parameters: { after: `${after}; Last-Event-ID says the same; now if absent`, ...filterParameters },
        handle: (call) => this.stream(call),
      },
      {
        path: '/status/changes',
        scope: 'stream',
        summary: 'Status changes by long poll',
        parameters: {
          after: `${after}; now if absent`,
          wait: `Seconds to wait for one, 0 to ${longestWaitSeconds}; 0 if absent`,
          limit: `About how many at most, 1 to ${mostItems}; 500 if absent`,
          ...filterParameters,
        },
        handle: (call) => this.changes(call),
      },
      {
        path: '/status/snapshot',
        scope: 'stream',
        summary: 'The present status of every EVSE, as NDJSON, and the place from which to follow',
        parameters: filterParameters,
        handle: (call) => this.snapshot(call),
      },
    ];
  }

  start(): void {
    this.heart = setInterval(() => this.beat(), heartbeatMs);
    this.heart.unref();
  }

  /** How many streams and polls wait for something to happen. */
  get listeners(): number {
    return this.hub.size;
  }

  /** Ends all streams and polls, so that no connection waits for them. */
  close(): void {
    this.closed = true;
    clearInterval(this.heart);
    this.hub.close();
  }

  /** Ends what a key that was revoked listens to. */
  endKey(keyId: string): void {
    this.hub.endKey(keyId);
  }

  /** A sign of life to every stream. */
  beat(): void {
    for (const stream of [...this.streams]) {
      if (this.parts.isGood(stream.keyId)) stream.beat();
      else stream.end();
    }
  }

  private stream(call: EvCall): EvReply {
    const { response, request, query, key } = call;
    const filter = streamFilterOf(query);
    const after = offsetOf(query.getAll('after')) ?? offsetOf(headerOf(request.headers['last-event-id']));
    this.checkRoom();
    if (request.method === 'HEAD') return { body: {} };
    request.socket.setNoDelay(true);
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no',
    });
    const { clock } = this.parts;
    const sees = (owner: string): boolean => call.sees(owner, 'locations');
    const stream = new EventStream({
      hub: this.hub,
      response,
      filter,
      keyId: key.id,
      sees,
      after,
      now: () => clock.now(),
    });
    this.streams.add(stream);
    response.on('close', () => this.streams.delete(stream));
    stream.start();
    return 'taken';
  }

  private async changes(call: EvCall): Promise<EvReply> {
    const { query, response, key } = call;
    const filter = streamFilterOf(query);
    const after = offsetOf(query.getAll('after'));
    const wait = numberOf(query, 'wait', 0, longestWaitSeconds, 0);
    const limit = numberOf(query, 'limit', 1, mostItems, 500);
    this.checkRoom();
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const answer = await longPoll({
      hub: this.hub,
      filter,
      keyId: key.id,
      sees: (owner) => call.sees(owner, 'locations'),
      after: after ?? this.hub.offset,
      waitMs: wait * 1000,
      limit,
      signal: gone.signal,
    });
    if (!answer) throw new EvError(410, 'what happened since then is no longer known', 'Read /status/snapshot.');
    const { messages, offset, more } = answer;
    const items = messages.map(({ text }) => text).join(',');
    return { text: `{"offset":${offset},"more":${more},"items":[${items}]}` };
  }

  private async snapshot(call: EvCall): Promise<EvReply> {
    const filter = streamFilterOf(call.query);
    if (!this.hub.isReady) throw unavailable('the stored locations are still being read');
    if (call.request.method === 'HEAD') return { body: {} };
    const sees = (owner: string): boolean => call.sees(owner, 'locations');
    await writeSnapshot(call.response, this.parts.live, this.hub.offset, filter, sees);
    return 'taken';
  }

  private checkRoom(): void {
    if (this.closed) throw unavailable('the hub is stopping');
    if (!this.hub.isReady) throw unavailable('the stored locations are still being read');
    if (this.hub.size >= this.parts.maxConsumers) throw unavailable('as many consumers as may listen do so', 30);
  }
}

const headerOf = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' && value !== '' ? [value] : [];

/** @throws EvError 400 */
function offsetOf(values: readonly string[]): number | undefined {
  const [text, ...others] = values;
  if (text === undefined) return undefined;
  if (others.length > 0 || !/^\d{1,15}$/.test(text)) throw badRequest('query after is no offset');
  return Number(text);
}

function numberOf(query: URLSearchParams, name: string, least: number, most: number, fallback: number): number {
  const [text, ...others] = query.getAll(name);
  if (text === undefined) return fallback;
  if (others.length > 0 || !/^\d{1,4}$/.test(text) || Number(text) < least || Number(text) > most)
    throw badRequest(`query ${name} is no whole number from ${least} to ${most}`);
  return Number(text);
}
