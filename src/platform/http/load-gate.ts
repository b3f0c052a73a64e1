import type { Clock } from '../../kernel/clock.js';
import { type OcpiError, tooManyRequests, unavailable } from '../../kernel/ocpi-error.js';
import { fairLevel } from './fair-level.js';
import type { DelayProbe } from './loop-delay.js';

/** Made once: what is thrown thousands of times a second should not cost a stack each time. */
const tooMany = tooManyRequests(1);
/** One to five seconds in turn, so that those turned away together do not come back together. */
const overloaded = [1, 2, 3, 4, 5].map((seconds) => unavailable(seconds, 'The hub is overloaded.'));

/** What is handled at once, at most; bytes are those of request bodies. */
export interface LoadLimits {
  readonly requests: number;
  readonly requestsOfOne: number;
  readonly bytes: number;
  readonly bytesOfOne: number;
}

/** Twice the connections that a CPO's first load comes with, so that an honest partner never meets the limit. */
const defaultLimits: LoadLimits = {
  requests: 1_000,
  requestsOfOne: 128,
  bytes: 64 * 1024 * 1024,
  bytesOfOne: 16 * 1024 * 1024,
};

/** A change between calm and overload. */
export interface OverloadChange {
  readonly overloaded: boolean;
  /** 99th percentile of the event loop's delay in the last second, ms. */
  readonly delayMs: number;
  /** About how long a write handed in now would wait for the storage, ms. */
  readonly storageDelayMs: number;
  readonly offeredPerSecond: number;
  readonly allowedPerSecond: number;
  /** Who sent most, the most eager first. */
  readonly busiest: readonly string[];
  /** Requests turned away since the overload began. */
  readonly shed: number;
}

export interface LoadGateOptions {
  readonly clock: Clock;
  readonly limits?: Partial<LoadLimits>;
  /** Without one there is no overload, only the limits. */
  readonly delay?: DelayProbe;
  readonly onChange?: (change: OverloadChange) => void;
}

/** One caller: a partner with all its tokens, or an invite. */
interface Load {
  readonly holder: string;
  requests: number;
  bytes: number;
  /** Requests since the last look. */
  count: number;
  /** Requests a second, decaying. */
  rate: number;
  /** Which part of its requests is taken, 0…1. */
  pass: number;
  /** Below 1 the next request is turned away. */
  credit: number;
  /** Turn of the event loop that it was last seen in, and its requests in that. */
  turn: number;
  inTurn: number;
  /** Most requests that it has lately had at once. */
  width: number;
}

/** A request that was let in. */
export interface Ticket {
  readonly load: Load;
  bytes: number;
}

const lookEveryMs = 1_000;
/** A second with such a delay is bad, ms. */
const badDelayMs = 200;
const badStorageDelayMs = 1_000;
/** Writes that share a commit, at most; others wait for the next. */
const writesOfCommit = 256;
/** A second with less than this is calm, ms. */
const calmDelayMs = 100;
/** What is allowed is cut by this in each bad second, and grows by a step or, after a while without a bad one, by a stride. */
const cut = 0.8;
const step = 1.1;
const stride = 1.5;
/** Trust is two of each calm second and one of each that is neither calm nor bad; a bad one takes it all. */
const trustForStep = 5;
const trustForStride = 10;
/** So many of the last seconds have to be bad for an overload to begin; one slow page or one slow disk write is none. */
const badSeconds = 3;
const rememberedSeconds = 5;
/** Requests a second that are taken of everybody, whatever the load is. */
const leastLevel = 10;
/** Who waits for answers with no more requests than this at once is slowed down by the hub's own slowness, and not turned away. */
const modestWidth = 64;

/**
 * Lets requests in, or turns them away before their body is read.
 *
 * Two things are limited always: requests and bytes of bodies at once, in all and of one caller. Nobody may hold more than
 * is still free, so however many are greedy there is room for one who is not.
 *
 * In an overload (the event loop or the storage is late again and again) those who send most are turned away first: what
 * can be served is shared so that everybody below the fair level is served in full. How much that is, is found by
 * taking back a fifth in each bad second and adding a tenth in each calm one. After five calm ones half is added: then what
 * is turned away is not what kept the hub late. Where it is neither calm nor bad the same comes later, for the hub may be
 * just at its limit, or be like that always. Whoever keeps to a modest number of
 * connections is served in any case. All in memory of this process.
 */
export class LoadGate {
  private readonly limits: LoadLimits;
  private readonly loads = new Map<string, Load>();
  private requests = 0;
  private bytes = 0;
  private taken = 0;
  private turn = 0;
  private turnEnds = false;
  private slowestCommit = 0;
  private bad: boolean[] = [];
  private lookedAt: number;
  private overload = false;
  private allowed = 0;
  private trust = 0;
  private shed = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: LoadGateOptions) {
    this.limits = { ...defaultLimits, ...options.limits };
    this.lookedAt = options.clock.now();
  }

  /** Requests being handled. */
  get inFlight(): number {
    return this.requests;
  }

  get overloaded(): boolean {
    return this.overload;
  }

  /** Looks at the load once a second from now on. */
  start(): void {
    this.timer = setInterval(() => this.look(), lookEveryMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.options.delay?.stop();
  }

  /**
   * Lets a request in; each must leave again. `most`: so many of this caller at once.
   * @throws OcpiError 429 if the caller itself holds too much, 503 if the hub does
   */
  enter(holder: string, most = this.limits.requestsOfOne): Ticket {
    const load = this.loads.get(holder) ?? this.add(holder);
    load.count++;
    this.widen(load);
    if (load.pass < 1 && !this.pass(load)) throw overloaded[this.shed % overloaded.length];
    if (load.requests >= most) throw tooMany;
    if (load.requests >= this.limits.requests - this.requests) throw overloaded[0];
    load.requests++;
    this.requests++;
    this.taken++;
    return { load, bytes: 0 };
  }

  leave({ load, bytes }: Ticket): void {
    load.requests--;
    load.bytes -= bytes;
    this.requests--;
    this.bytes -= bytes;
  }

  /** Counts bytes that came with a request; returns why they are too many, if they are. */
  hold(ticket: Ticket, bytes: number): OcpiError | undefined {
    const { load } = ticket;
    ticket.bytes += bytes;
    load.bytes += bytes;
    this.bytes += bytes;
    if (load.bytes > this.limits.bytesOfOne) return tooMany;
    if (load.bytes > this.limits.bytes - this.bytes) return overloaded[0];
    return undefined;
  }

  /** Told of each commit of the storage, and how long it took, ms. */
  committed(durationMs: number): void {
    if (durationMs > this.slowestCommit) this.slowestCommit = durationMs;
  }

  /** Once a second: how the load is, and who gets how much of what can be served. */
  look(): void {
    const { clock, delay } = this.options;
    const now = clock.now();
    const seconds = Math.max(lookEveryMs / 2, now - this.lookedAt) / 1000;
    this.lookedAt = now;
    const delayMs = delay?.p99() ?? 0;
    const storageDelayMs = this.slowestCommit * (1 + this.requests / writesOfCommit);
    this.slowestCommit = 0;
    const bad = delayMs > badDelayMs || storageDelayMs > badStorageDelayMs;
    this.bad = [...this.bad, bad].slice(-rememberedSeconds);
    const offered = this.countRates(seconds);
    const taken = this.taken / seconds;
    this.taken = 0;
    const was = this.overload;
    const calm = !bad && delayMs < calmDelayMs;
    this.trust = bad ? 0 : this.trust + (calm ? 2 : 1);
    if (was) {
      this.allow(this.allowed * (bad ? cut : this.growth(calm)));
      this.overload = this.bad.includes(true) || this.allowed < offered * 1.1;
    } else if (this.bad.filter(Boolean).length >= badSeconds) {
      this.overload = true;
      this.allow(cut * taken);
      this.shed = 0;
    }
    this.share();
    if (this.overload !== was) this.report(delayMs, storageDelayMs, offered);
  }

  private add(holder: string): Load {
    const load: Load = {
      holder,
      requests: 0,
      bytes: 0,
      count: 0,
      rate: 0,
      pass: 1,
      credit: 0,
      turn: 0,
      inTurn: 0,
      width: 0,
    };
    this.loads.set(holder, load);
    return load;
  }

  /** Notes how much of it comes at once: what is under way, or what came since the event loop last waited. */
  private widen(load: Load): void {
    if (!this.turnEnds) {
      this.turnEnds = true;
      setImmediate(this.endTurn);
    }
    if (load.turn !== this.turn) {
      load.turn = this.turn;
      load.inTurn = 0;
    }
    load.inTurn++;
    load.width = Math.max(load.width, load.inTurn, load.requests + 1);
  }

  private readonly endTurn = (): void => {
    this.turn++;
    this.turnEnds = false;
  };

  private pass(load: Load): boolean {
    load.credit += load.pass;
    if (load.credit < 1) {
      this.shed++;
      return false;
    }
    load.credit--;
    return true;
  }

  /** Brings the rates up to date, forgets who has not come for long, and returns the sum. */
  private countRates(seconds: number): number {
    let sum = 0;
    for (const load of this.loads.values()) {
      load.rate = (load.rate + load.count / seconds) / 2;
      load.count = 0;
      if (load.rate < 0.01 && load.requests === 0) this.loads.delete(load.holder);
      else sum += load.rate;
    }
    return sum;
  }

  private growth(calm: boolean): number {
    if (this.trust > trustForStride) return stride;
    return calm || this.trust > trustForStep ? step : 1;
  }

  /** Never less than is taken anyway: that would shed no more, and only take longer to grow back. */
  private allow(perSecond: number): void {
    let least = 0;
    for (const load of this.loads.values()) least += Math.min(load.rate, leastLevel);
    this.allowed = Math.max(perSecond, least);
  }

  private share(): void {
    const loads = [...this.loads.values()];
    const level = this.overload
      ? Math.max(
          leastLevel,
          fairLevel(
            loads.map((load) => load.rate),
            this.allowed,
          ),
        )
      : Number.POSITIVE_INFINITY;
    for (const load of loads) {
      load.pass = load.rate > level && load.width > modestWidth ? level / load.rate : 1;
      load.width /= 2;
    }
  }

  private report(delayMs: number, storageDelayMs: number, offered: number): void {
    const busiest = [...this.loads.values()].sort((a, b) => b.rate - a.rate).slice(0, 3);
    this.options.onChange?.({
      overloaded: this.overload,
      delayMs,
      storageDelayMs,
      offeredPerSecond: offered,
      allowedPerSecond: this.allowed,
      busiest: busiest.map((load) => load.holder),
      shed: this.shed,
    });
  }
}
