import type { Clock } from '../../../kernel/clock.js';
import type { DurableRows } from '../../../platform/forwarding/index.js';
import type { LivePlaces } from '../live/live-places.js';
import { type BacktestReport, backtest } from './backtest.js';
import { Forecaster } from './forecaster.js';
import { Forecasts } from './forecasts.js';
import { HistoryImport, type HistoryItem, type ImportCounts } from './history-import.js';
import { HistoryStore } from './history-store.js';
import { StatusRecorder } from './status-recorder.js';
import { ZoneBook } from './zone-book.js';

export interface PredictionsParts {
  readonly live: LivePlaces;
  readonly rows: DurableRows;
  readonly clock: Clock;
  /** Takes or renews a duty that one node at a time has, for so many ms. */
  readonly duty: (name: string, forMs: number) => Promise<boolean>;
  readonly warn: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** How the history and what is made of it stand. */
export interface HistoryState {
  /** Whether all stored Locations are known here. */
  readonly ready: boolean;
  /** Parts of imports that are not taken in yet. */
  readonly waiting: number;
  /** Places and groups for which there are predictions at this node. */
  readonly subjects: number;
  readonly making: boolean;
}

/** Shorter than an hour, so that another node can write the next one if this one is gone. */
const dutyMs = 1_800_000;
/** More parts of an import are likely to follow within this time, ms. */
const settleMs = 1_000;

/** Availability predictions: watches, remembers, and says what is to be expected. HERE section 8. */
export class Predictions {
  readonly forecasts: Forecasts;
  private readonly zones: ZoneBook;
  private readonly store: HistoryStore;
  private readonly recorder: StatusRecorder;
  private readonly forecaster: Forecaster;
  private readonly imports: HistoryImport;
  private absorbing: Promise<void> | undefined;
  private settling: NodeJS.Timeout | undefined;
  private readonly ending = new AbortController();

  /** @param parts.live before it begins to read */
  constructor(private readonly parts: PredictionsParts) {
    const { live, rows, clock, warn } = parts;
    this.zones = new ZoneBook(live);
    this.store = new HistoryStore(rows);
    this.recorder = new StatusRecorder({
      live,
      store: this.store,
      zones: this.zones,
      clock,
      duty: () => parts.duty('ev-history', dutyMs),
      warn: (error) => warn('ev.history-not-written', { err: error }),
    });
    this.forecaster = new Forecaster({
      live,
      store: this.store,
      warn: (error) => warn('ev.predictions-not-made', { err: error }),
    });
    this.imports = new HistoryImport({ live, store: this.store, clock });
    this.forecasts = new Forecasts({ forecaster: this.forecaster, zones: this.zones, clock });
  }

  /** To be called once everything stored is in the live places. */
  start(): void {
    if (this.stopped) return;
    this.recorder.start();
    this.forecaster.start();
    this.settling = setTimeout(() => void this.absorb(), 0);
  }

  /** Looks whether an hour is over; resolves once it is written. */
  tick(): Promise<void> {
    return this.recorder.tick();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    clearTimeout(this.settling);
    this.zones.close();
    await Promise.all([this.recorder.stop(), this.forecaster.stop(), this.absorbing]);
  }

  /** Resolves once it is on disk; predictions follow in the background. */
  async import(items: readonly HistoryItem[]): Promise<ImportCounts> {
    const counts = await this.imports.take(items);
    clearTimeout(this.settling);
    if (!this.stopped) this.settling = setTimeout(() => void this.absorb(), settleMs);
    return counts;
  }

  /** Places and groups for which there are predictions at this node. */
  get size(): number {
    return this.forecaster.size;
  }

  async state(): Promise<HistoryState> {
    const waiting = await this.store.waiting();
    return {
      ready: this.parts.live.isReady,
      waiting,
      subjects: this.forecaster.size,
      making: this.absorbing !== undefined,
    };
  }

  /** How good predictions would have been for the newest days that are stored, had they been made before. */
  backtest(days: number): Promise<BacktestReport> {
    return backtest({ live: this.parts.live, store: this.store }, days, this.ending.signal);
  }

  private get stopped(): boolean {
    return this.ending.signal.aborted;
  }

  /** Takes in what waits and makes all predictions anew. Resolves once they are in use. */
  absorb(): Promise<void> {
    this.absorbing ??= this.absorbAll().finally(() => {
      this.absorbing = undefined;
    });
    return this.absorbing;
  }

  private async absorbAll(): Promise<void> {
    // Once in any case, for what is stored already.
    let isNew = this.forecaster.version === 0;
    try {
      while (!this.stopped && (await this.store.absorb()) !== undefined) isNew = true;
    } catch (error) {
      this.parts.warn('ev.history-not-taken-in', { err: error });
    }
    if (isNew && !this.stopped) await this.forecaster.make();
  }
}
