import type { CredentialsInitiator } from '../modules/credentials/index.js';
import type { HubEvents, Logger } from '../platform/observability/index.js';
import type { Partners } from '../platform/partners/index.js';

export interface UpkeepOptions {
  readonly partners: Partners;
  readonly initiator: CredentialsInitiator;
  readonly events: HubEvents;
  readonly logger: Logger;
}

const flushEveryMs = 30_000;
const rotateEveryMs = 60 * 60_000;
const auditEveryMs = 24 * 60 * 60_000;
const hub = { name: 'hub' };

/** What a hub does by itself from time to time: notes who was seen, renews tokens that are due, logs the head of the audit. */
export class Upkeep {
  private timers: NodeJS.Timeout[] = [];

  constructor(private readonly options: UpkeepOptions) {}

  start(): void {
    const { partners, initiator, events } = this.options;
    this.every(flushEveryMs, () => partners.activity.flush());
    this.every(rotateEveryMs, () => initiator.rotateDue(hub));
    this.every(auditEveryMs, async () => events.auditHeadNoted(await partners.audit.head()));
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
  }

  private every(ms: number, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      work().catch((error: unknown) => this.options.logger.error({ err: error }, 'upkeep.failed'));
    }, ms);
    timer.unref();
    this.timers.push(timer);
  }
}
