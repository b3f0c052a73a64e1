import type { Clock } from '../../kernel/clock.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import { everythingOpen, type SharingPolicy } from '../agreements/index.js';
import { noRemoteParties, type RemoteParties } from '../routing/index.js';
import type { LiveChangeFeed } from '../storage/index.js';
import { isFilling } from './ahead.js';
import { type ChooseMessage, chooseMessage } from './choose-message.js';
import { LaneAlerts } from './lane-alerts.js';
import { LaneCrew } from './lane-crew.js';
import { LaneDesk, type LaneFigures } from './lane-desk.js';
import type { LaneServices } from './lane-services.js';
import { owedFromStart } from './lane-sharing.js';
import type { LaneRecord, LaneStore, ParkedFilter, ParkedPage, PauseReason } from './lane-store.js';
import { LeaseClock } from './lease-clock.js';
import { OwedFlows, type OwedRecord } from './owed-flows.js';
import {
  type DeliveryObserver,
  type LanePartners,
  type PushClient,
  type PushSource,
  systemTimers,
  type Timers,
  type WakeQueue,
} from './ports.js';
import { ProgressWriter } from './progress-writer.js';
import { type Audience, audienceOf, candidatesFor, type LaneRoute, routeTo } from './receivers.js';
import { SharedFeed } from './shared-feed.js';
import { type DeliveryTiming, defaultTiming } from './timing.js';

export interface DeliveryOptions {
  readonly feed: LiveChangeFeed;
  readonly store: LaneStore;
  readonly partners: LanePartners;
  readonly client: PushClient;
  readonly queue: WakeQueue;
  readonly sources: readonly PushSource[];
  /** The hub's own party: FROM of every push. */
  readonly hub: PartyRef;
  readonly clock: Clock;
  /** ms from any origin, never backwards; the stricter of this and `clock` ends a lease. That of the process unless given. */
  readonly monotonic?: () => number;
  readonly observer?: DeliveryObserver;
  readonly timing?: Partial<DeliveryTiming>;
  readonly timers?: Timers;
  /** Numbers from 0 up to 1, for spreading pauses. */
  readonly random?: () => number;
  /** Who may get whose objects, judged when they are read, sent, and leave; everybody everything unless given. */
  readonly sharing?: SharingPolicy;
  /**
   * Whether a ClientInfo of a party (by its key, `DE/CP1`) is for a partner at all, such as not for the hub that it came from. Its own
   * parties, and those it may not know of by the policy, are never told to it.
   */
  readonly tellsClientInfo?: (partnerId: string, owner: string) => boolean;
  /** Parties behind other hubs: they own objects as well. */
  readonly remote?: Pick<RemoteParties, 'all'>;
  /** Lanes at work at a time; at least the number of partners, so that a dead one is in nobody's way. */
  readonly concurrency?: number;
  /** Locations and Tariffs whose acknowledged state is remembered per receiving party. */
  readonly memoryLimit?: number;
  /**
   * False: this process sends nothing. It still attaches, pauses, resumes and resyncs lanes, and wakes those who send.
   * True unless given.
   */
  readonly works?: boolean;
  /** For the lane model, which shows what a wrong choice does. */
  readonly choose?: ChooseMessage;
}

const notTold: LaneRoute | null = null;

/**
 * Replicates what is stored to the partners that may see it: state, not messages.
 *
 * One lane per partner over the change sequence. Nothing that is to be sent is kept anywhere: what a lane owes is the difference
 * between its cursor and the head. Wake-ups go through the queue and may get lost; the sweep finds every lane that is behind.
 */
export class Delivery {
  private readonly routes = new Map<string, LaneRoute | null>();
  /** With which token a partner refused us. */
  private readonly refusedTokens = new Map<string, string>();
  private readonly services: LaneServices;
  private readonly crew: LaneCrew;
  private readonly writer: ProgressWriter;
  private readonly desk: LaneDesk;
  private readonly alerts: LaneAlerts;
  private readonly observer: DeliveryObserver;
  private readonly sharing: SharingPolicy;
  private readonly audience: ReturnType<typeof audienceOf>;
  private readonly endings: (() => void)[] = [];
  private cancelSweep: (() => void) | undefined;
  private readonly works: boolean;
  private stopping = false;

  constructor(private readonly options: DeliveryOptions) {
    const { feed, store, clock, timers = systemTimers } = options;
    const timing = { ...defaultTiming, ...options.timing };
    const leaseClock = new LeaseClock(clock, options.monotonic ?? (() => performance.now()));
    this.works = options.works ?? true;
    this.observer = options.observer ?? {};
    this.sharing = options.sharing ?? everythingOpen;
    const tells: Audience['tells'] = (partnerId, owner) => options.tellsClientInfo?.(partnerId, owner) ?? true;
    const { remote = noRemoteParties } = options;
    const parties = () => [...options.partners.all().flatMap(({ roles }) => roles), ...remote.all()];
    this.audience = audienceOf(parties, this.sharing, tells);
    this.writer = new ProgressWriter({
      store,
      leaseClock,
      timers,
      timing,
      onFailure: (error) => this.observer.failed?.('', error),
    });
    this.services = {
      feed: new SharedFeed(feed, options.sources),
      store,
      client: options.client,
      clock,
      leaseClock,
      timers,
      timing,
      random: options.random ?? Math.random,
      observer: this.observer,
      audience: this.audience,
      choose: options.choose ?? chooseMessage,
      memoryLimit: options.memoryLimit ?? 16_384,
      route: (partnerId) => this.route(partnerId) ?? undefined,
      outboundToken: (partnerId) => options.partners.outboundToken(partnerId),
      progressed: (partnerId, atOnce) => {
        const lane = this.crew.get(partnerId);
        if (lane) this.writer.note(lane, atOnce);
      },
      flushed: () => this.writer.flush(),
      pause: (partnerId, by, refusedToken) => this.halt(partnerId, by, refusedToken),
      wake: (partnerId) => this.crew.wake(partnerId),
    };
    this.alerts = new LaneAlerts(this.observer, timing, clock, (partnerId) => this.route(partnerId)?.offline === false);
    this.crew = new LaneCrew(this.services, options.queue);
    this.desk = new LaneDesk({
      feed,
      store,
      clock,
      isTold: (partnerId) => this.route(partnerId) !== notTold,
      live: (partnerId) => this.crew.get(partnerId),
    });
  }

  /** Begins: every partner has a lane, and those that are behind go on where they were. */
  async start(): Promise<void> {
    const { store, partners, feed, queue } = this.options;
    if (this.works) await store.releaseOwn();
    const known = new Set((await store.all()).map((record) => record.partner));
    for (const { id, unregisteredAt } of partners.all()) {
      if (!known.has(id) && unregisteredAt === undefined) await store.attach(id, feed.head(), this.owedFromStart(id));
    }
    this.endings.push(partners.onChange((id) => this.partnerChanged(id)));
    if (this.works) {
      queue.process('lane', (id, signal) => this.crew.work(id, signal), {
        concurrency: this.options.concurrency ?? 1000,
      });
      this.endings.push(feed.onAdvance(() => this.crew.advanced()));
      this.endings.push(this.sharing.onChange(() => this.policyChanged()));
      this.crew.start();
      await this.sweep();
    }
    this.sweepLater();
  }

  /** Sends nothing more, waits for what is under way, writes the cursors and gives the lanes back. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const end of this.endings.splice(0)) end();
    this.cancelSweep?.();
    if (!this.works) return;
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.services.timers.after(this.services.timing.drainMs, resolve);
    });
    await Promise.race([this.crew.stop(), late]);
    cancel();
    await this.writer.flush();
    await this.options.store.releaseOwn().catch((error: unknown) => this.observer.failed?.('', error));
  }

  /** A partner has registered: it is told what changes from now on. One that has a lane already keeps its place. */
  async attach(partnerId: string): Promise<void> {
    await this.options.store.attach(partnerId, this.options.feed.head(), this.owedFromStart(partnerId));
    this.partnerChanged(partnerId);
  }

  /** A partner has ended its connection. */
  async detach(partnerId: string): Promise<void> {
    await this.options.store.detach(partnerId);
    this.crew.drop(partnerId);
    this.routes.delete(partnerId);
    this.audience.changed();
    this.refusedTokens.delete(partnerId);
  }

  /** Sends the present state of everything that the partner may see once more. */
  async resync(partnerId: string): Promise<void> {
    await this.options.store.attach(partnerId, 0);
    await this.options.store.rewind(partnerId, 0);
    this.crew.get(partnerId)?.lost();
    this.crew.wake(partnerId);
  }

  /**
   * Sends the present state of what one owner (`DE/CP1`) gives a partner of one module once more, as soon as it is shared. What follows
   * from agreements comes by itself.
   */
  async backfill(partnerId: string, owner: string, module: string): Promise<void> {
    const { store } = this.options;
    const route = this.route(partnerId);
    if (!route) return;
    for (;;) {
      const before = await store.owed(partnerId);
      const owed = new OwedFlows({ policy: 0, flows: before });
      for (const { key } of candidatesFor(route, module, owner, this.audience)) owed.add({ module, owner, party: key });
      if (owed.text() === before || (await store.owe(partnerId, before, owed.text()))) break;
    }
    this.crew.get(partnerId)?.lost();
    this.crew.wake(partnerId);
  }

  /** The operator stops a lane. */
  async pause(partnerId: string): Promise<void> {
    await this.halt(partnerId, 'operator');
  }

  /** The operator lets a lane go on at once, whatever stopped it. */
  async resume(partnerId: string): Promise<void> {
    await this.options.store.resume(partnerId);
    this.crew.get(partnerId)?.lost();
    this.refusedTokens.delete(partnerId);
    this.observer.laneChanged?.({ partner: partnerId, breaker: 'closed', pausedBy: undefined, openedAt: undefined });
    this.crew.wake(partnerId);
  }

  /** How each lane stands. */
  lanesNow(): Promise<readonly LaneFigures[]> {
    return this.desk.lanes();
  }

  /** The same as at the last sweep, without waiting. */
  figures(): readonly LaneFigures[] {
    return this.desk.latest;
  }

  /** Objects that partners keep refusing. */
  parked(filter: ParkedFilter, limit: number): Promise<ParkedPage> {
    return this.options.store.parked(filter, limit);
  }

  /** Sends the present state of parked objects again; returns how many. */
  async replay(filter: ParkedFilter): Promise<number> {
    const { partners, objects } = await this.options.store.replay(filter);
    for (const partner of partners) {
      this.crew.get(partner)?.exceptionsDue();
      this.crew.wake(partner);
    }
    return objects;
  }

  /** Looks for lanes that should be at work and are not: makes every lost wake-up harmless. */
  async sweep(): Promise<void> {
    // Nobody says when a party comes up behind another hub.
    this.audience.changed();
    if (this.works) await this.wakeThoseBehind();
    const lanes = await this.desk.lanes();
    if (this.works) this.alerts.watch(lanes);
  }

  private async wakeThoseBehind(): Promise<void> {
    const { store, clock, feed } = this.options;
    const records = await store.all();
    const due = new Set(await store.partnersWithDueExceptions());
    const unclaimed: string[] = [];
    for (const record of records) {
      const { partner } = record;
      if (record.pausedBy === 'auth_failed' && this.hasNewCredentials(record)) await this.resume(partner);
      const lane = this.crew.get(partner);
      const fence = lane?.view()?.fence;
      // Somebody has set, paused or taken it meanwhile.
      if (fence !== undefined && record.fence > fence) lane?.lost(fence);
      if (record.pausedBy !== undefined || this.route(partner) === notTold) continue;
      const view = lane?.view();
      if (!view && record.leaseLeftMs > 0 && record.leaseOwner !== store.node) continue;
      if (due.has(partner)) lane?.exceptionsDue();
      const { cursor, circuit } = view ?? record;
      const isBehind =
        cursor < feed.head() ||
        circuit.state !== 'closed' ||
        due.has(partner) ||
        record.policy < this.sharing.version ||
        this.route(partner)?.offline ||
        isFilling(record.ahead);
      if (isBehind && circuit.nextDue <= clock.now()) this.crew.takeUp(partner);
      else if (!view) unclaimed.push(partner);
    }
    this.crew.setUnclaimed(unclaimed);
  }

  private sweepLater(): void {
    const { timers, timing } = this.services;
    this.cancelSweep = timers.after(timing.sweepMs, () => {
      this.sweep()
        .catch((error: unknown) => this.observer.failed?.('', error))
        .finally(() => {
          if (!this.stopping) this.sweepLater();
        });
    });
  }

  /**
   * Stops a lane, unless that is for a token which is not the partner's any more: tokens may be exchanged at any moment of this.
   * Returns whether it is stopped.
   */
  private async halt(partnerId: string, by: PauseReason, refusedToken?: string): Promise<boolean> {
    const lane = this.crew.get(partnerId);
    await this.writer.flush();
    if (this.isReplaced(partnerId, refusedToken)) return false;
    await this.options.store.pause(partnerId, by);
    const circuit = lane?.view()?.circuit;
    lane?.lost();
    this.crew.pass(partnerId);
    const breaker = circuit?.state ?? 'closed';
    this.observer.laneChanged?.({ partner: partnerId, breaker, pausedBy: by, openedAt: circuit?.openedAt });
    if (refusedToken === undefined) return true;
    // Only now: a resume that ran before the pause was written would have been undone by it.
    this.refusedTokens.set(partnerId, refusedToken);
    if (!this.isReplaced(partnerId, refusedToken)) return true;
    await this.resume(partnerId);
    return false;
  }

  private isReplaced(partnerId: string, token: string | undefined): boolean {
    return token !== undefined && token !== this.options.partners.outboundToken(partnerId);
  }

  /** Every lane compares what it owes with what is shared now, whether it has anything to send or not. */
  private policyChanged(): void {
    for (const { id } of this.options.partners.all()) {
      this.crew.get(id)?.notify();
      this.crew.wake(id);
    }
  }

  private owedFromStart(partnerId: string): OwedRecord | undefined {
    const route = this.route(partnerId);
    return route ? owedFromStart(route, this.audience) : undefined;
  }

  private partnerChanged(partnerId: string): void {
    this.audience.changed();
    this.routes.delete(partnerId);
    if (this.isReplaced(partnerId, this.refusedTokens.get(partnerId))) {
      this.resume(partnerId).catch((error: unknown) => this.observer.failed?.(partnerId, error));
    } else this.crew.wake(partnerId);
  }

  private hasNewCredentials({ partner, pausedAt = 0 }: LaneRecord): boolean {
    return (this.options.partners.byId(partner)?.credentialsAt ?? 0) > pausedAt;
  }

  private route(partnerId: string): LaneRoute | null {
    const known = this.routes.get(partnerId);
    if (known !== undefined) return known;
    const { partners, hub } = this.options;
    const partner = partners.byId(partnerId);
    const route = (partner && routeTo(partner, partners.outboundToken(partnerId), hub)) ?? notTold;
    this.routes.set(partnerId, route);
    return route;
  }
}
