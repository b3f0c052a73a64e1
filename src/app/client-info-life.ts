import {
  AliveChecks,
  type ClientInfo,
  RemotePartyPull,
  type RemotePartyPullOptions,
} from '../modules/hubclientinfo/index.js';
import type { Logger } from '../platform/observability/index.js';
import type { Partners } from '../platform/partners/index.js';
import { isStorageFault, StorageUnavailable } from '../platform/storage/index.js';

export interface ClientInfoLifeOptions
  extends Pick<RemotePartyPullOptions, 'client' | 'clock' | 'schemas' | 'maxAheadMs'> {
  readonly clientInfo: ClientInfo;
  readonly partners: Pick<Partners, 'directory' | 'registry'>;
  readonly logger: Logger;
  /** How long a partner may be silent before it is checked, ms (H-08). */
  readonly aliveMs: number;
  /** Whether this process checks and pulls at all, or only takes requests. */
  readonly works: boolean;
  /** Takes or renews a duty that one node at a time has, for so many ms. */
  readonly duty: (name: string, forMs: number) => Promise<boolean>;
  /** Whether other nodes take requests, too. */
  readonly several: boolean;
}

const secondMs = 1_000;
const followMs = 1_500;
const keepMs = 4_000;
const sweepMs = 3_600_000;
/** How often the duty to check and to pull is renewed, and how long after that another node may take it over. */
const renewMs = 10_000;
const dutyMs = 3 * renewMs;
/** What other nodes have heard of is known here after so long at the latest. */
const hearsayMs = 65_000;

/** Which duty one node at a time has to keep ClientInfo objects up to date. */
export const clientInfoDuty = { name: 'client-info', forMs: 12_000 } as const;

/**
 * What keeps the module hubclientinfo alive: changes of partners, invites and other hubs' parties wake its keeper, silent partners are
 * checked, other hubs' lists are read.
 */
export class ClientInfoLife {
  private readonly stopping = new AbortController();
  private readonly checks: AliveChecks;
  private readonly pull: RemotePartyPull;
  private readonly ends: (() => void)[] = [];
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly options: ClientInfoLifeOptions) {
    const { aliveMs, client, clientInfo, clock, duty, logger, maxAheadMs, partners, schemas, several } = options;
    const { directory, registry } = partners;
    let asked: { readonly at: number; readonly granted: Promise<boolean> } | undefined;
    const mayCheck = (): Promise<boolean> => {
      // Each node would ask each second otherwise.
      if (asked === undefined || clock.now() - asked.at >= renewMs)
        asked = { at: clock.now(), granted: duty('alive', dutyMs) };
      return asked.granted;
    };
    this.checks = new AliveChecks({
      directory,
      registry,
      client,
      clock,
      silentMs: aliveMs + (several ? hearsayMs : 0),
      mayCheck,
      signal: this.stopping.signal,
    });
    this.pull = new RemotePartyPull({
      client,
      directory,
      book: clientInfo.book,
      schemas,
      clock,
      maxAheadMs,
      mayPull: mayCheck,
      onPulled: ({ partnerId, ...pulled }) => logger.info({ partner_id: partnerId, ...pulled }, 'hub-parties.pulled'),
    });
  }

  /** To be awaited before the hub listens: who is behind other hubs is known then. */
  async start(): Promise<void> {
    const { clientInfo, partners, works } = this.options;
    const { book, keeper } = clientInfo;
    await book.load();
    const partnersChanged = (): void => {
      book.partnersChanged();
      keeper.wake();
    };
    this.ends.push(
      partners.directory.onChange(partnersChanged),
      partners.directory.onInvites(() => keeper.wake()),
    );
    this.every(secondMs, () => this.checks.bringBack());
    this.every(followMs, () => book.follow());
    this.every(keepMs, () => keeper.settle());
    if (works) {
      this.every(secondMs, () => this.checks.tick());
      this.every(secondMs, () => this.pull.tick(this.stopping.signal));
      this.every(sweepMs, () => book.sweep());
    }
    await keeper.settle();
  }

  /** Resolves when nothing of this is under way any more; before the storage is closed. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const end of this.ends.splice(0)) end();
    await Promise.allSettled([...this.running]);
    await this.options.clientInfo.keeper.idle();
  }

  /** A partner has registered or renewed its tokens. */
  registered(partnerId: string): void {
    this.pull.registered(partnerId);
  }

  /** A partner could not be reached for a quarter of an hour, by its lane. */
  offline(partnerId: string): void {
    this.run(() => this.checks.suspect(partnerId));
  }

  /** A partner can be reached again, by its lane. */
  online(partnerId: string): void {
    this.checks.heard(partnerId);
    this.run(() => this.checks.bringBack());
  }

  /** A partner has answered something that was sent to it; cheap, for each push. */
  heard(partnerId: string): void {
    this.checks.heard(partnerId);
  }

  /** Runs work now and then, never twice at a time. */
  private every(ms: number, work: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.run(() =>
        work().finally(() => {
          busy = false;
        }),
      );
    }, ms);
    timer.unref();
    this.ends.push(() => clearInterval(timer));
  }

  private run(work: () => Promise<void>): void {
    if (this.stopping.signal.aborted) return;
    const running = work().catch((error: unknown) => {
      // A database that is away is told of elsewhere; this is tried again.
      if (this.stopping.signal.aborted || error instanceof StorageUnavailable || isStorageFault(error)) return;
      this.options.logger.warn({ err: error }, 'client-info.failed');
    });
    this.running.add(running);
    void running.finally(() => this.running.delete(running));
  }
}
