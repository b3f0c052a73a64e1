import { isStorageFault, StorageUnavailable } from '../storage/index.js';
import type { PartnerDirectory } from './partner-directory.js';
import { type Touched, untouched } from './partner-rows.js';
import { type PartnerWork, partnerChannel } from './partner-work.js';
import type { SharedDatabase } from './shared-database.js';

export interface PartnerFollowerOptions {
  readonly shared: SharedDatabase;
  readonly directory: PartnerDirectory;
  readonly work: Pick<PartnerWork, 'refresh'>;
  /** The revision that the directory was filled with. */
  readonly since: number;
  /** Told of what went wrong beyond an absent database; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
  readonly pollMs?: number;
  /** Told with each look that the time brings. */
  readonly onPoll: () => void;
}

interface Changed {
  kind: keyof Touched;
  id: string;
  revision: string | number;
}

/** Besides notifications, which may be lost, the database is asked so often. A revoked token ends everywhere within that time. */
const defaultPollMs = 1_000;

const changedSince = 'SELECT kind, id, revision FROM partner_revision WHERE revision > $1 ORDER BY revision';

/**
 * Keeps the directory of this node up with what other nodes change: reads again what has a newer revision.
 *
 * A revision is written with the change, and transactions run one at a time, so whoever sees a revision sees all before it: a
 * number is enough to know where one stands, and nothing falls between the first reading and the first look.
 */
export class PartnerFollower {
  private since: number;
  private timer: NodeJS.Timeout | undefined;
  private endListening: () => void = () => undefined;
  private looking: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: PartnerFollowerOptions) {
    this.since = options.since;
  }

  async start(): Promise<void> {
    this.endListening = this.options.shared.listen(partnerChannel, () => this.glance());
    this.timer = setInterval(() => {
      this.options.onPoll();
      this.glance();
    }, this.options.pollMs ?? defaultPollMs);
    this.timer.unref();
    await this.catchUp();
  }

  /** Looks no more; resolves when the last look has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.endListening();
    await Promise.allSettled([this.looking, this.next]);
  }

  /**
   * Resolves when everything that was committed before the call is known here. However many ask, one look is under way and one
   * waits. @throws StorageUnavailable
   */
  catchUp(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    if (this.looking === undefined) return this.look();
    this.next ??= this.looking
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.look();
      });
    return this.next;
  }

  private glance(): void {
    // One that waits already will see whatever there is to see.
    if (this.next !== undefined) return;
    this.catchUp().catch((error: unknown) => {
      if (!(error instanceof StorageUnavailable) && !isStorageFault(error)) this.options.onTrouble(error);
    });
  }

  private look(): Promise<void> {
    this.looking = this.follow().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async follow(): Promise<void> {
    const { directory, shared, work } = this.options;
    const { rows } = await shared.query<Changed>(changedSince, [this.since]);
    const touched = untouched();
    for (const { kind, id, revision } of rows)
      if (!directory.isAsNewAs(kind, id, Number(revision))) touched[kind].add(id);
    if (touched.partners.size + touched.invites.size + touched.registrations.size > 0) await work.refresh(touched);
    this.since = Math.max(this.since, ...rows.map((row) => Number(row.revision)));
  }
}
