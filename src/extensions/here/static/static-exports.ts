import path from 'node:path';
import type { Clock } from '../../../kernel/clock.js';
import { parseDateTime } from '../../../kernel/date-time.js';
import type { DocumentTable } from '../../../platform/storage/index.js';
import { Pace } from '../store/pace.js';
import { buildVersion } from './build-version.js';
import { type Disk, nodeDisk } from './disk.js';
import { ExportDirectory, type PublishedVersion } from './export-directory.js';
import { nextVersion } from './export-version.js';
import type { Manifest } from './manifest.js';
import type { RecordOf } from './static-record.js';

export interface StaticExportsOptions {
  /** Exports go to `exports` in it. */
  readonly dataDir: string;
  readonly locations: Pick<DocumentTable, 'list' | 'countOf'>;
  readonly recordOf: RecordOf;
  readonly clock: Clock;
  /** How many versions stay, at least 2. */
  readonly keep: number;
  /** How often a version is made, ms; 0: on demand only. */
  readonly everyMs: number;
  /** Takes or renews a duty that one node at a time has, for so many ms. */
  readonly duty: (name: string, forMs: number) => Promise<boolean>;
  readonly warn: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  /** Records in a partition before it is split into tiles; 10,000 if absent. */
  readonly partitionLimit?: number;
  readonly disk?: Disk;
}

export interface ExportState {
  readonly making: boolean;
  /** What came of the last attempt of this node; undefined before the first. */
  readonly last:
    | { readonly at: number; readonly version: string }
    | { readonly at: number; readonly error: string }
    | undefined;
}

/** Another node makes a version right now. */
export class ExportElsewhere extends Error {}

const dutyName = 'ev-export';
/** A node that ends while it makes a version is stood in for after so long. */
const dutyMs = 60_000;
const renewMs = 20_000;
const lookEveryMs = 30_000;
/** After a failure nothing is tried by itself for so long. */
const patienceMs = 15 * 60_000;

/**
 * The static data product: versions of everything that is shown, as files. One is made at a time, in the background and without
 * holding requests up; a version that fails leaves the former ones as they are. HERE section 11.
 */
export class StaticExports {
  private readonly directory: ExportDirectory;
  private readonly stopping = new AbortController();
  private running: Promise<Manifest> | undefined;
  private last: ExportState['last'];
  private looking: NodeJS.Timeout | undefined;

  constructor(private readonly options: StaticExportsOptions) {
    const { dataDir, disk = nodeDisk, warn } = options;
    this.directory = new ExportDirectory(path.join(dataDir, 'exports'), disk, warn);
  }

  /** Takes away what a crash left half made, and looks from then on whether a version is due. */
  async start(): Promise<void> {
    const { duty, warn } = this.options;
    try {
      // Whoever has the duty knows that nobody else makes one.
      if (await duty(dutyName, dutyMs)) await this.directory.sweep();
    } catch (error) {
      warn('ev.export-sweep-failed', { error: (error as Error).message });
    }
    if (this.options.everyMs === 0 || this.stopping.signal.aborted) return;
    this.looking = setInterval(() => void this.makeIfDue(), lookEveryMs);
    this.looking.unref();
  }

  /** Ends what is under way; nothing of it stays. */
  async stop(): Promise<void> {
    clearInterval(this.looking);
    this.stopping.abort(new Error('The hub is stopping.'));
    await this.running?.catch(() => undefined);
  }

  /**
   * Makes a version now, or joins the making of the one under way.
   *
   * Rejects with ExportElsewhere if another node is at it, and with what the disk or the database said; then nothing was published.
   */
  make(): Promise<Manifest> {
    this.running ??= this.makeOne().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /**
   * Makes a version if the newest is too old, or if there is none and something to show. Failures are told to `warn`.
   * @returns whether one was made
   */
  async makeIfDue(): Promise<boolean> {
    if (this.running !== undefined) return false;
    try {
      if (!(await this.isDue())) return false;
    } catch (error) {
      this.options.warn('ev.export-failed', { error: (error as Error).message });
      return false;
    }
    // What went wrong was told where it happened.
    return await this.make().then(
      () => true,
      () => false,
    );
  }

  /** Newest first. */
  list(): Promise<readonly PublishedVersion[]> {
    return this.directory.list();
  }

  find(version: string): Promise<PublishedVersion | undefined> {
    return this.directory.find(version);
  }

  state(): ExportState {
    return { making: this.running !== undefined, last: this.last };
  }

  private async isDue(): Promise<boolean> {
    const { clock, everyMs, locations } = this.options;
    const now = clock.now();
    if (this.last && 'error' in this.last && now - this.last.at < Math.min(patienceMs, everyMs)) return false;
    const [newest] = await this.directory.list();
    if (!newest) return (await locations.countOf()) > 0;
    return now - (parseDateTime(newest.manifest.generatedAt) ?? 0) >= everyMs;
  }

  private async makeOne(): Promise<Manifest> {
    const { clock, duty, warn } = this.options;
    const at = clock.now();
    this.stopping.signal.throwIfAborted();
    let renewal: NodeJS.Timeout | undefined;
    try {
      if (!(await duty(dutyName, dutyMs))) throw new ExportElsewhere('Another node makes an export right now.');
      renewal = setInterval(() => void duty(dutyName, dutyMs).catch(() => undefined), renewMs);
      renewal.unref();
      const manifest = await this.build(at);
      this.last = { at, version: manifest.version };
      return manifest;
    } catch (error) {
      if (error instanceof ExportElsewhere) throw error;
      this.last = { at, error: (error as Error).message };
      if (!this.stopping.signal.aborted) warn('ev.export-failed', { error: (error as Error).message });
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  private async build(at: number): Promise<Manifest> {
    const { directory, options } = this;
    const { disk = nodeDisk, keep, locations, partitionLimit = 10_000, recordOf, warn } = options;
    await directory.sweep();
    const [newest] = await directory.list();
    const version = nextVersion(at, await directory.newestName());
    const place = await directory.begin(version);
    let manifest: Manifest;
    try {
      manifest = await buildVersion({
        disk,
        directory: place,
        version,
        at,
        previous: newest && {
          version: newest.manifest.version,
          directory: newest.directory,
          owners: newest.ownersOfRecords,
        },
        partitionLimit,
        list: locations.list,
        recordOf,
        pace: new Pace(this.stopping.signal),
        warn,
      });
      await directory.publish(place, version);
    } catch (error) {
      // What cannot be taken away now is taken away before the next is made.
      await disk.remove(place).catch(() => undefined);
      throw error;
    }
    await directory
      .retire(Math.max(2, keep))
      .catch((error: Error) => warn('ev.export-not-retired', { error: error.message }));
    return manifest;
  }
}
