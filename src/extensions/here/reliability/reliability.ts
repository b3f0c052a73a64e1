import type { Clock } from '../../../kernel/clock.js';
import { formatDateTime } from '../../../kernel/date-time.js';
import { keySegment } from '../../../kernel/party-ref.js';
import type { EvReliabilityConfig } from '../../../platform/config/index.js';
import type { DurableRows } from '../../../platform/forwarding/index.js';
import type { LiveEvse, LivePlace, LivePlaces } from '../live/live-places.js';
import { type Operational, operationalOf, type StatusReliability, statusReliabilityOf } from './judgement.js';
import { type SeenSession, seenInCdr, seenInSession } from './seen-session.js';
import { countedDays, type SessionCount, SessionCounts } from './session-counts.js';
import { type SessionDay, SessionStore } from './session-store.js';
import { StatusWatch } from './status-watch.js';

export interface ReliabilityParts {
  readonly live: LivePlaces;
  readonly rows: DurableRows;
  readonly clock: Clock;
  readonly thresholds: EvReliabilityConfig;
  readonly warn: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** Sessions as HERE tells of them. HERE section 9. */
export interface ChargingSessions {
  /** End of the last successful one. */
  readonly lastSuccessful?: string;
  /** Successful ones of the last 28 days. */
  readonly successfulCount: number;
}

export interface EvseReliability {
  readonly operational?: Operational;
  readonly statusReliability?: StatusReliability;
  readonly chargingSessions?: ChargingSessions;
}

/** How far the data of one place can be relied on. */
export interface PlaceReliability {
  evse(uid: string): EvseReliability | undefined;
  group(standard: string, maxPower: number): Pick<EvseReliability, 'chargingSessions'> | undefined;
}

const dayMs = 86_400_000;
const everyMs = 15_000;
/** What is seen is written together with what follows within this time, ms. */
const gatherMs = 1_000;
/** Sessions that are not written yet; beyond it the oldest are forgotten, since the database is away for long. */
const mostWaiting = 100_000;
/** What is said of a place depends on the time as well, by so many ms. */
const freshMs = 600_000;

/** Reliability indicators from statuses, Sessions and CDRs that the hub sees. HERE section 9. */
export class Reliability {
  private readonly counts = new SessionCounts();
  private readonly store: SessionStore;
  private readonly watch: StatusWatch;
  private readonly known = new Map<string, number>();
  private waiting: SeenSession[] = [];
  private refreshes = 0;
  private prunedOn = 0;
  private working: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Timeout | undefined;

  /** @param parts.live before it begins to read */
  constructor(private readonly parts: ReliabilityParts) {
    this.store = new SessionStore(parts.rows);
    this.watch = new StatusWatch(parts.live, parts.clock, parts.thresholds);
  }

  /** Begins to read what is stored, and to write what is seen. */
  start(): void {
    this.timer = setInterval(() => void this.refresh(), everyMs);
    this.timer.unref();
    void this.refresh();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.soon);
    this.watch.close();
    await this.refresh();
  }

  /** A Session that was taken, from wherever. Quick; never throws. */
  onSession(session: unknown): void {
    this.see(seenInSession(session, this.parts.thresholds));
  }

  /** A CDR that was taken, from wherever. Quick; never throws. */
  onCdr(cdr: unknown): void {
    this.see(seenInCdr(cdr, this.parts.thresholds));
  }

  /** Writes what was seen and reads what others wrote. Resolves once it shows; never rejects. */
  refresh(): Promise<void> {
    this.working = this.working.then(() => this.work());
    return this.working;
  }

  /** Another one when an answer may be another one. */
  version(): string {
    return `${this.refreshes}/${Math.floor(this.parts.clock.now() / freshMs)}`;
  }

  of(place: LivePlace): PlaceReliability {
    const id = place.key.slice(place.owner.length + 1);
    const today = dayOf(this.parts.clock.now());
    const sessionsOf = (uid: string, connectors?: ReadonlySet<string>): SessionCount =>
      this.counts.of(place.owner, id, keySegment(uid), today, connectors);
    return {
      evse: (uid) => {
        const evse = place.evses.find((one) => one.uid === uid);
        return evse && this.evseOf(place, evse, sessionsOf(uid));
      },
      group(standard, maxPower) {
        const group = place.groups.find((one) => one.standard === standard && one.maxPower === maxPower);
        const counts = group?.connectors.map(({ evseUid, connectorIds }) =>
          sessionsOf(evseUid, new Set(connectorIds.map(keySegment))),
        );
        const chargingSessions = counts && told(sumOf(counts));
        return chargingSessions && { chargingSessions };
      },
    };
  }

  private evseOf(place: LivePlace, evse: LiveEvse, sessions: SessionCount): EvseReliability | undefined {
    const evidence = {
      evse,
      sessions,
      heard: this.watch.heardOf(place.owner),
      doubtful: this.watch.isDoubtful(place.key, evse.uid),
      now: this.parts.clock.now(),
      thresholds: this.parts.thresholds,
    };
    const operational = operationalOf(evidence);
    const statusReliability = statusReliabilityOf(evidence);
    const chargingSessions = told(sessions);
    if (operational === undefined && statusReliability === undefined && chargingSessions === undefined)
      return undefined;
    return {
      ...(operational !== undefined && { operational }),
      ...(statusReliability !== undefined && { statusReliability }),
      ...(chargingSessions !== undefined && { chargingSessions }),
    };
  }

  private see(session: SeenSession | undefined): void {
    const now = this.parts.clock.now();
    if (!session || session.start > now + dayMs || dayOf(session.start) <= dayOf(now) - countedDays) return;
    this.watch.compare(session);
    if (this.waiting.push(session) > mostWaiting) this.waiting.shift();
    // Before the start nothing is written: the timer then sees to it.
    if (this.timer) this.soon ??= setTimeout(() => void this.refresh(), gatherMs);
  }

  private async work(): Promise<void> {
    clearTimeout(this.soon);
    this.soon = undefined;
    const sessions = this.waiting;
    this.waiting = [];
    try {
      for (const { owner, day, rows } of byDay(sessions)) await this.store.merge(owner, day, rows);
    } catch (error) {
      // They are written with the next ones.
      this.waiting = [...sessions, ...this.waiting].slice(-mostWaiting);
      this.parts.warn('ev.sessions-not-written', { err: error });
      return;
    }
    try {
      await this.readNew();
    } catch (error) {
      this.parts.warn('ev.sessions-not-read', { err: error });
    }
  }

  private async readNew(): Promise<void> {
    const first = dayOf(this.parts.clock.now()) - countedDays + 1;
    let changed = false;
    for (const { owner, day, version } of await this.store.versions(first)) {
      const name = `${owner} ${day}`;
      if (this.known.get(name) === version) continue;
      this.counts.replace(owner, day, await this.store.read(owner, day));
      this.known.set(name, version);
      changed = true;
    }
    if (changed) this.refreshes++;
    if (this.prunedOn === first) return;
    await this.store.prune(first);
    for (const name of this.known.keys()) if (Number(name.split(' ')[1]) < first) this.known.delete(name);
    this.prunedOn = first;
  }
}

const dayOf = (ms: number): number => Math.floor(ms / dayMs);

function byDay(sessions: readonly SeenSession[]) {
  const parts = new Map<string, { readonly owner: string; readonly day: number; readonly rows: SessionDay }>();
  for (const { owner, name, placeId, evseUid, connectorId, start, end, outcome, sealed } of sessions) {
    const day = dayOf(start);
    const part = parts.get(`${owner} ${day}`) ?? { owner, day, rows: new Map() };
    parts.set(`${owner} ${day}`, part);
    if (part.rows.get(name)?.[5] === true) continue;
    const over = outcome === 'open' ? 0 : (end ?? start);
    part.rows.set(name, [placeId, evseUid, connectorId, over, outcome === 'successful', sealed]);
  }
  return parts.values();
}

function told({ successful, last }: SessionCount): ChargingSessions | undefined {
  if (successful === 0 && last === undefined) return undefined;
  return { ...(last !== undefined && { lastSuccessful: formatDateTime(last) }), successfulCount: successful };
}

function sumOf(counts: readonly SessionCount[]): SessionCount {
  let [successful, failed, last] = [0, 0, 0];
  for (const count of counts) {
    successful += count.successful;
    failed += count.failed;
    last = Math.max(last, count.last ?? 0);
  }
  return { successful, failed, last: last === 0 ? undefined : last };
}
