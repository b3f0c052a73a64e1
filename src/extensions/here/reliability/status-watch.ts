import type { Clock } from '../../../kernel/clock.js';
import { keySegment } from '../../../kernel/party-ref.js';
import type { EvReliabilityConfig } from '../../../platform/config/index.js';
import type { LivePlaces } from '../live/live-places.js';
import { ChangeCounts } from './change-counts.js';
import type { SeenSession } from './seen-session.js';

const hourMs = 3_600_000;
/** How long an anomaly makes a status doubtful, ms. */
export const doubtMs = 24 * hourMs;
/** A status may be so late behind the session that it tells of, ms. */
const lateMs = 10 * 60_000;
/** Of so many EVSEs anomalies are remembered at most; the oldest are forgotten. */
const mostAnomalies = 100_000;

/** What is strange about statuses, and when their owners were heard of last. In memory of this process. */
export class StatusWatch {
  private readonly heard = new Map<string, number>();
  /** By EVSE: when something strange was last seen, ms. */
  private readonly anomalies = new Map<string, number>();
  private readonly changes = new ChangeCounts();
  private countedHour = 0;
  private readonly stopListening: () => void;

  /** @param live before it begins to read */
  constructor(
    private readonly live: LivePlaces,
    private readonly clock: Clock,
    private readonly thresholds: EvReliabilityConfig,
  ) {
    this.stopListening = live.onChange((change) => {
      if (change.kind === 'status') {
        const { owner, key, evseUid, receivedAt } = change.event;
        this.hear(owner, receivedAt);
        if (change.event.previousStatus !== undefined) this.count(nameOf(key, evseUid), receivedAt);
      }
      if (change.kind === 'place') {
        const { owner, evses } = change.place;
        if (change.first) for (const { receivedAt } of evses) this.hear(owner, receivedAt);
        else this.hear(owner, clock.now());
      }
    });
  }

  close(): void {
    this.stopListening();
  }

  /** When anything was last heard of this owner's Locations, ms since the epoch; 0: never. */
  heardOf(owner: string): number {
    return this.heard.get(owner) ?? 0;
  }

  /** Whether something strange was seen of an EVSE not long ago. */
  isDoubtful(key: string, evseUid: string): boolean {
    const at = this.anomalies.get(nameOf(key, evseUid));
    return at !== undefined && this.clock.now() - at < doubtMs;
  }

  /** Compares a session with what its EVSE said: one whose status has not changed since before it began did not tell of it. */
  compare({ owner, placeId, evseUid, start, end, outcome }: SeenSession): void {
    const key = `${owner}/${placeId}`;
    const evse = this.live.find(key)?.evses.find(({ uid }) => keySegment(uid) === evseUid);
    if (!evse || outcome === 'failed' || evse.status === 'unknown') return;
    const now = this.clock.now();
    const isOver = end !== undefined || now - start > lateMs;
    const isSilent = evse.status !== 'charging' && evse.modified < start - lateMs;
    const name = nameOf(key, evseUid);
    if (isOver && isSilent) this.note(name, now);
    else if (!isSilent) this.anomalies.delete(name);
  }

  private hear(owner: string, at: number): void {
    if (at > (this.heard.get(owner) ?? 0)) this.heard.set(owner, at);
  }

  private count(name: string, at: number): void {
    const hour = Math.floor(at / hourMs);
    if (hour !== this.countedHour) this.changes.clear();
    this.countedHour = hour;
    if (this.changes.count(name) > this.thresholds.changesPerHour) this.note(name, at);
  }

  private note(name: string, at: number): void {
    this.anomalies.delete(name);
    this.anomalies.set(name, at);
    if (this.anomalies.size > mostAnomalies) {
      const [oldest] = this.anomalies.keys();
      if (oldest !== undefined) this.anomalies.delete(oldest);
    }
  }
}

const nameOf = (key: string, evseUid: string): string => `${key}\n${keySegment(evseUid)}`;
