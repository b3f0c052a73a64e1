import type { Delivery } from '../platform/delivery/index.js';
import type { HubEvents, Logger } from '../platform/observability/index.js';
import type { Partners } from '../platform/partners/index.js';
import type { PullService } from '../platform/pull/index.js';

export interface PartnerLifeOptions {
  readonly delivery: Pick<Delivery, 'attach' | 'detach' | 'resume'>;
  readonly pulls: Pick<PullService, 'registered'>;
  readonly partners: Partners;
  readonly events: Pick<HubEvents, 'partnerRegistered'>;
  readonly logger: Logger;
}

/** What happens to a partner's lane and pulls when it comes, is let go on, or goes. */
export class PartnerLife {
  constructor(private readonly options: PartnerLifeOptions) {}

  /** Lanes of partners that leave are given up from now on. Returns how to end that. */
  watch(): () => void {
    const { delivery, partners } = this.options;
    return partners.directory.onChange((id) => {
      const partner = partners.directory.byId(id);
      if (!partner || partner.unregisteredAt !== undefined) this.tried(id, delivery.detach(id));
    });
  }

  /** A partner has registered or renewed its tokens. */
  registered(partnerId: string): void {
    const { delivery, pulls, partners, events } = this.options;
    events.partnerRegistered({ partnerId, name: partners.directory.byId(partnerId)?.name ?? '' });
    this.tried(partnerId, delivery.attach(partnerId));
    pulls.registered(partnerId);
  }

  /** The operator lets a partner go on, whatever had stopped it: its suspension, or 401s on its lane. */
  async resumed(partnerId: string): Promise<void> {
    await this.options.delivery.resume(partnerId);
    this.options.pulls.registered(partnerId);
  }

  /** Whatever fails here is made good by the next start. */
  private tried(partnerId: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.options.logger.error({ partner_id: partnerId, err: error }, 'lane.failed'));
  }
}
