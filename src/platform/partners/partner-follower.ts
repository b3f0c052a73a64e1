import { ChangeFollower, type Following } from './change-follower.js';
import type { PartnerDirectory } from './partner-directory.js';
import { type Touched, untouched } from './partner-rows.js';
import { type PartnerWork, partnerChannel } from './partner-work.js';

export interface PartnerFollowerOptions extends Omit<Following, 'channel'> {
  readonly directory: PartnerDirectory;
  readonly work: Pick<PartnerWork, 'refresh'>;
  /** The revision that the directory was filled with. */
  readonly since: number;
}

interface Changed {
  kind: keyof Touched;
  id: string;
  revision: string | number;
}

const changedSince = 'SELECT kind, id, revision FROM partner_revision WHERE revision > $1 ORDER BY revision';

/**
 * Keeps the directory of this node up with what other nodes change: reads again what has a newer revision.
 *
 * A revision is written with the change, and transactions run one at a time, so whoever sees a revision sees all before it: a
 * number is enough to know where one stands, and nothing falls between the first reading and the first look.
 */
export class PartnerFollower extends ChangeFollower {
  private since: number;

  constructor(private readonly options: PartnerFollowerOptions) {
    super({ ...options, channel: partnerChannel });
    this.since = options.since;
  }

  protected async follow(): Promise<void> {
    const { directory, shared, work } = this.options;
    const { rows } = await shared.query<Changed>(changedSince, [this.since]);
    const touched = untouched();
    for (const { kind, id, revision } of rows)
      if (!directory.isAsNewAs(kind, id, Number(revision))) touched[kind].add(id);
    if (touched.partners.size + touched.invites.size + touched.registrations.size > 0) await work.refresh(touched);
    this.since = Math.max(this.since, ...rows.map((row) => Number(row.revision)));
  }
}
