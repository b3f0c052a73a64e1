import { readAhead, writeAhead } from './ahead.js';
import { Bell } from './bell.js';
import { Circuit, type CircuitRecord, fullWindow } from './circuit.js';
import { LaneAttempts, type TaskEnd } from './lane-attempts.js';
import { LaneCalls, NotOurs } from './lane-calls.js';
import { LaneLease } from './lane-lease.js';
import { LaneReader } from './lane-reader.js';
import type { LaneServices } from './lane-services.js';
import { LaneSharing } from './lane-sharing.js';
import type { ClearedObject, LaneProgress } from './lane-store.js';
import type { LaneTask } from './lane-window.js';
import type { Moment } from './lease-clock.js';
import type { Verdict } from './outcome.js';
import type { LaneRoute } from './receivers.js';

/** How a slice of work on a lane ended. */
export type SliceEnd =
  /** Everything is done. */
  | { readonly kind: 'idle' }
  /** There is more to do. */
  | { readonly kind: 'more' }
  /** Nothing may be sent before `until`, ms since the epoch. */
  | { readonly kind: 'hold'; readonly until: number }
  /** The lane is not for us now: paused, in other hands, or its partner is told nothing. */
  | { readonly kind: 'away' };

type Rest =
  | { readonly kind: 'busy' | 'idle' }
  | { readonly kind: 'hold'; readonly until: number }
  /** First something is to be read; see LaneReader. */
  | { readonly kind: 'read'; readonly blocked: boolean };

/** So many calls that are not written down are written at once: before the lane has to wait. */
const saveAfter = fullWindow / 2;
const never = Number.POSITIVE_INFINITY;
const away: SliceEnd = { kind: 'away' };
const busy: Rest = { kind: 'busy' };

/**
 * One partner's lane: reads what changed behind its cursor and brings it to the partner's parties.
 *
 * Works in slices; requests in flight outlive a slice. What it knows of the partner it forgets when the lane was in other
 * hands. The cursor never passes a row that is not done, and what is in flight or done and not written down is never more
 * than a full window: a crash repeats no more than that (P7). Spec: R-21…R-31; reliability 3.4.
 */
export class Lane {
  private readonly bell = new Bell();
  private readonly lease: LaneLease;
  private readonly sharing: LaneSharing;
  private readonly reader: LaneReader;
  private readonly calls: LaneCalls;
  private readonly attempts: LaneAttempts;
  private circuit: Circuit;
  private stopped = false;
  private running = false;
  private probing = false;
  private cleared: ClearedObject[] = [];
  /** Calls that came to something and are not written down; of those, which are being written. */
  private unsaved = 0;
  private beingSaved = 0;
  /** Receivers of what is in flight. */
  private atStake = 0;
  private heldUntil = 0;
  /** Of a partner that is shown as OFFLINE. */
  private nextCheckAt = 0;
  private reported: CircuitRecord['state'] = 'closed';
  private drained: (() => void) | undefined;

  constructor(
    readonly partnerId: string,
    private readonly services: LaneServices,
  ) {
    this.circuit = new Circuit(services.timing, services.random);
    this.lease = new LaneLease(partnerId, services);
    this.sharing = new LaneSharing(services.audience);
    this.reader = new LaneReader(partnerId, services, this.sharing);
    this.calls = new LaneCalls(
      services,
      () => this.circuit,
      () => this.recovered(),
    );
    this.attempts = new LaneAttempts(
      services,
      this.calls,
      this.sharing,
      this.mayGoOn,
      () => this.fenceInHand(),
      (due) => this.reader.noteException(due),
    );
  }

  /** Works until there is nothing to do, nothing may be done, or the slice is over. Never rejects. */
  async run(signal: AbortSignal): Promise<SliceEnd> {
    if (this.running || this.stopped) return away;
    this.running = true;
    signal.addEventListener('abort', this.bell.ring);
    const { clock, timers, timing, observer } = this.services;
    const cancel = timers.after(timing.sliceMs, this.bell.ring);
    try {
      return await this.slice(signal, clock.now() + timing.sliceMs);
    } catch (error) {
      observer.failed?.(this.partnerId, error);
      return { kind: 'hold', until: clock.now() + timing.stumbleMs };
    } finally {
      cancel();
      signal.removeEventListener('abort', this.bell.ring);
      this.running = false;
    }
  }

  /** The head of the sequence has moved. */
  notify(): void {
    this.bell.ring();
  }

  /** The lane went into other hands, or its cursor was set: what was read under this fence is void. */
  lost(fence?: number): void {
    if (!this.lease.lost(fence ?? this.lease.fence)) return;
    // With a fence it is the store that says so.
    if (fence !== undefined)
      this.services.observer.alerted?.({ partner: this.partnerId, kind: 'lease_lost', value: 1 });
    this.reader.reset(0);
    this.bell.ring();
  }

  /** An object that goes its own way is due, or may be. */
  exceptionsDue(): void {
    this.reader.noteException(0);
    this.bell.ring();
  }

  /** Sends nothing more. Resolves when nothing is in flight. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.bell.ring();
    if (this.inFlight > 0) await new Promise<void>((resolve) => (this.drained = resolve));
    // The fence moved while a request was cut off: what is to settle is noted under the present one, or nobody would know of it.
    for (let attempt = 1; this.attempts.owes && attempt <= 3; attempt++) {
      // The fence may move once more meanwhile.
      await this.takeLease().catch((error: unknown) => this.services.observer.failed?.(this.partnerId, error));
    }
  }

  /** What is to be written down, or undefined if the lane is not in our hands. */
  progress(): LaneProgress | undefined {
    if (!this.lease.inHand) return undefined;
    const { cleared } = this;
    this.cleared = [];
    this.beingSaved = this.unsaved;
    const { cursor } = this.reader;
    const taken = this.attempts.taken.after(cursor);
    const ahead = writeAhead({ ...this.reader.ahead(), taken, fill: this.sharing.place() }, cursor);
    const circuit = this.circuit.record();
    const owed = this.sharing.unsaved();
    return { partner: this.partnerId, fence: this.lease.fence, cursor, ahead, circuit, owed, cleared };
  }

  /** Progress was written under this fence, and the lease renewed. */
  saved(fence: number, askedAt: Moment): void {
    if (fence !== this.lease.fence) return;
    this.lease.renewed(fence, askedAt);
    this.sharing.saved();
    this.unsaved -= this.beingSaved;
    if (this.beingSaved > 0) this.bell.ring();
    this.beingSaved = 0;
  }

  notSaved({ fence, cleared }: LaneProgress): void {
    if (fence === this.lease.fence) this.cleared.unshift(...cleared);
  }

  /** Whether the lane is ours now. */
  get isOurs(): boolean {
    return this.lease.isValid();
  }

  /** Whether something is under way on it. */
  get isAtWork(): boolean {
    return this.running || this.inFlight > 0;
  }

  /** The lane is given away. Returns the fence under which it was ours, if nothing is in flight. */
  letGo(): number | undefined {
    const { fence } = this.lease;
    if (this.isAtWork || !this.lease.lost(fence)) return undefined;
    this.reader.reset(0);
    return fence;
  }

  /** Cursor and breaker as they are in memory; undefined if the lane is not in our hands. */
  view(): { readonly cursor: number; readonly circuit: CircuitRecord; readonly fence: number } | undefined {
    if (!this.lease.inHand) return undefined;
    return { cursor: this.reader.cursor, circuit: this.circuit.record(), fence: this.lease.fence };
  }

  get inFlight(): number {
    return this.reader.window.inFlight + (this.probing ? 1 : 0);
  }

  private async slice(signal: AbortSignal, end: number): Promise<SliceEnd> {
    const { clock, timers, timing } = this.services;
    let idleEnd: number | undefined;
    while (!signal.aborted && !this.stopped) {
      const route = this.services.route(this.partnerId);
      if (!route || (!this.lease.isValid() && !(await this.takeLease()))) return away;
      // One that has rested may be close to its end, and what is sent now must be answered within it.
      if (this.lease.isAging()) this.services.progressed(this.partnerId, true);
      this.mindSharing(route);
      const rest = this.fill(route);
      if (rest.kind === 'read') {
        await this.reader.read(route, rest.blocked);
        if (clock.now() >= end) return { kind: 'more' };
        continue;
      }
      const quiet = this.inFlight === 0;
      if (rest.kind === 'hold' && quiet) return rest.until === never ? away : rest;
      const now = clock.now();
      let wakeAt = rest.kind === 'hold' ? rest.until : never;
      if (rest.kind !== 'idle' || !quiet) idleEnd = undefined;
      else {
        idleEnd ??= now + timing.lingerMs;
        if (now >= idleEnd) return { kind: 'idle' };
        wakeAt = idleEnd;
      }
      if (now >= end) return { kind: 'more' };
      const cancel = wakeAt === never ? undefined : timers.after(wakeAt - now, this.bell.ring);
      await this.bell.wait();
      cancel?.();
    }
    return away;
  }

  private async takeLease(): Promise<boolean> {
    const grant = await this.lease.take();
    if (grant.kind === 'refused') return false;
    // Under the fence before nothing is written any more.
    this.services.progressed(this.partnerId, false);
    if (grant.kind === 'kept') return true;
    const { timing, random } = this.services;
    const ahead = readAhead(grant.record.ahead, grant.record.cursor);
    this.reader.reset(grant.record.cursor, ahead);
    const { policy, owed } = grant.record;
    this.sharing.reset({ policy, flows: owed }, ahead.fill, this.services.feed.head());
    this.attempts.begin(ahead.taken);
    this.cleared = [];
    this.unsaved = 0;
    this.beingSaved = 0;
    this.circuit = new Circuit(timing, random, grant.record.circuit);
    this.reported = grant.record.circuit.state;
    await this.attempts.noteOwed();
    await this.reader.findExceptions();
    return true;
  }

  /** What is shared may have changed. */
  private mindSharing(route: LaneRoute): void {
    const isNews = this.sharing.look(route);
    const begun = this.sharing.begin(route, this.reader.passed, this.reader.window.rows());
    if (begun.length > 0) this.attempts.forget(begun);
    if (isNews || begun.length > 0) this.services.progressed(this.partnerId, true);
  }

  private readonly mayGoOn = (): boolean => !this.stopped && this.lease.isValid();

  private fenceInHand(): number {
    if (!this.lease.inHand) throw new NotOurs();
    return this.lease.fence;
  }

  /** Sends whatever may be sent now. No `await` in here: it runs once for each answer. */
  private fill(route: LaneRoute): Rest {
    const now = this.services.clock.now();
    if (now < this.heldUntil) return { kind: 'hold', until: this.heldUntil };
    for (;;) {
      const decision = this.circuit.decide(now);
      if (decision.kind === 'hold') return decision;
      const isProbe = decision.kind === 'probe';
      if (this.inFlight >= (isProbe ? 1 : decision.window)) return busy;
      const open = this.unsaved + this.atStake;
      if (open > 0 && open + route.mostReceivers > fullWindow) return busy;
      if (route.offline && !isProbe && now < this.nextCheckAt) return { kind: 'hold', until: this.nextCheckAt };
      if (route.offline || (isProbe && route.pullOnly)) return this.startProbe(route);
      if (this.reader.shouldRead(false)) return { kind: 'read', blocked: false };
      const task = this.reader.take();
      if (task) this.start(task, route);
      else if (this.reader.shouldRead(true)) return { kind: 'read', blocked: true };
      else if (isProbe) return this.startProbe(route);
      else return this.reader.isDone ? { kind: 'idle' } : busy;
    }
  }

  private start(task: LaneTask, route: LaneRoute): void {
    const { epoch } = this.reader;
    const { mostReceivers } = route;
    this.atStake += mostReceivers;
    void this.attempts.run(task, route).then((end) => {
      this.atStake -= mostReceivers;
      this.ended(task, end, epoch, route.token);
    });
  }

  private startProbe(route: LaneRoute): Rest {
    this.probing = true;
    this.nextCheckAt = this.services.clock.now() + this.services.timing.probeMs;
    const { epoch } = this.reader;
    const probed = (verdict?: Verdict): void => {
      this.probing = false;
      const isThere = verdict?.kind === 'success' || verdict?.kind === 'rejected';
      if (isThere && route.offline && !this.circuit.isOpen()) this.services.observer.online?.(this.partnerId);
      if (verdict?.kind === 'unauthorised' && epoch === this.reader.epoch) this.giveUp('auth_failed', route.token);
      this.afterCall();
    };
    void this.calls.probe(route, this.mayGoOn).then(probed, () => probed());
    return busy;
  }

  private ended(task: LaneTask, end: TaskEnd, epoch: number, token: string): void {
    this.reader.window.free(task);
    if (epoch === this.reader.epoch) {
      this.unsaved += end.taken;
      if (end.kind === 'done') this.finished(task, end.cleared);
      else this.reader.putBack(task);
      if (end.kind === 'unauthorised') this.giveUp('auth_failed', token);
    }
    if (end.kind === 'stumbled') {
      this.heldUntil = this.services.clock.now() + this.services.timing.stumbleMs;
      this.services.observer.failed?.(this.partnerId, end.error);
    }
    this.afterCall();
  }

  private finished(task: LaneTask, cleared: readonly ClearedObject[]): void {
    this.reader.done(task);
    if (this.reader.hasExceptions) this.cleared.push(...cleared);
  }

  private afterCall(): void {
    this.bell.ring();
    if (this.inFlight === 0) this.drained?.();
    if (!this.lease.inHand) return;
    const { timing, clock, observer } = this.services;
    this.services.progressed(this.partnerId, this.unsaved >= saveAfter);
    const { state, openedAt } = this.circuit.record();
    if (state !== this.reported) {
      this.reported = state;
      observer.laneChanged?.({ partner: this.partnerId, breaker: state, pausedBy: undefined, openedAt });
    }
    const since = this.circuit.failingSince();
    if (since !== undefined && clock.now() - since >= timing.giveUpMs) this.giveUp('failing');
  }

  /** @param refusedToken the token that the request went with, if it is that which was refused */
  private giveUp(reason: 'auth_failed' | 'failing', refusedToken?: string): void {
    const { services } = this;
    if (this.heldUntil === never) return;
    this.heldUntil = never;
    services.pause(this.partnerId, reason, refusedToken).then(
      (isStopped) => {
        this.heldUntil = 0;
        if (isStopped) return;
        this.bell.ring();
        services.wake(this.partnerId);
      },
      (error: unknown) => {
        this.heldUntil = services.clock.now() + services.timing.stumbleMs;
        services.observer.failed?.(this.partnerId, error);
      },
    );
  }

  /** The partner is back after an outage; one that pulls what it missed is told only what comes from now on. */
  private recovered(): void {
    if (!this.services.route(this.partnerId)?.pullOnly) return;
    this.reader.reset(this.services.feed.head());
    this.sharing.drop();
    this.attempts.taken.clear();
  }
}
