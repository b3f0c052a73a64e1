import type { CredentialsInitiator } from '../modules/credentials/index.js';
import type { HubEvents, Logger } from '../platform/observability/index.js';
import type { Partners } from '../platform/partners/index.js';

export interface UpkeepOptions {
  readonly partners: Partners;
  readonly initiator: CredentialsInitiator;
  readonly events: HubEvents;
  readonly logger: Logger;
  /** Takes out of the database what has become too old. */
  readonly sweep: () => Promise<void>;
  /** Takes or renews a duty that one node at a time has, for so many ms. Absent: this process is the only one. */
  readonly duty?: (name: string, forMs: number) => Promise<boolean>;
}

const flushEveryMs = 30_000;
const rotateEveryMs = 60 * 60_000;
const sweepEveryMs = 60 * 60_000;
const auditEveryMs = 24 * 60 * 60_000;
/** A node that is gone is stood in for after so long. */
const dutyMs = 3 * flushEveryMs;
const hub = { name: 'hub' };

/**
 * What a hub does by itself from time to time: notes who was seen, renews tokens that are due, takes out what has become
 * too old, logs the head of the audit.
 *
 * Each node notes whom it has seen; the rest is done by the node that has the duty.
 */
export class Upkeep {
  private timers: NodeJS.Timeout[] = [];

  constructor(private readonly options: UpkeepOptions) {}

  start(): void {
    const { partners, initiator, events } = this.options;
    this.every(flushEveryMs, () => partners.activity.flush());
    this.every(flushEveryMs, async () => void (await this.hasDuty()));
    this.every(rotateEveryMs, async () => {
      if (await this.hasDuty()) await initiator.rotateDue(hub);
    });
    this.every(sweepEveryMs, async () => {
      if (await this.hasDuty()) await this.options.sweep();
    });
    this.every(auditEveryMs, async () => {
      if (await this.hasDuty()) events.auditHeadNoted(await partners.audit.head());
    });
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
  }

  /** Takes the duty or keeps it: asked more often than it runs out, it stays with one node for as long as that lives. */
  private async hasDuty(): Promise<boolean> {
    return (await this.options.duty?.('upkeep', dutyMs)) ?? true;
  }

  private every(ms: number, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      work().catch((error: unknown) => this.options.logger.error({ err: error }, 'upkeep.failed'));
    }, ms);
    timer.unref();
    this.timers.push(timer);
  }
}
