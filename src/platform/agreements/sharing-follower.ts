import { ChangeFollower, type Following, type PartnerStorage } from '../partners/index.js';
import { readState } from './agreement-rows.js';
import type { CurrentPolicy } from './current-policy.js';

export interface SharingFollowerOptions extends Omit<Following, 'channel'> {
  readonly storage: PartnerStorage;
  readonly policy: CurrentPolicy;
}

/** Where PostgreSQL tells the other nodes that agreements have changed. */
export const sharingChannel = 'roamhub_sharing';

/** Keeps the policy of this node up with what other nodes change: one number tells whether there is anything to read. */
export class SharingFollower extends ChangeFollower {
  constructor(private readonly options: SharingFollowerOptions) {
    super({ ...options, channel: sharingChannel });
  }

  protected async follow(): Promise<void> {
    const { policy, shared, storage } = this.options;
    const { rows } = await shared.query<{ version: string | number }>('SELECT version FROM sharing_version', []);
    if (Number(rows[0]?.version ?? 0) > policy.version) policy.apply(await storage.transaction(readState));
  }
}
