import { objectPath } from '../../kernel/party-ref.js';
import type { PushItem, PushSource } from '../../platform/delivery/index.js';
import { readClientInfo } from './client-info.js';
import type { ClientInfoStore } from './client-info-store.js';

/**
 * What partners are told of a party: its ClientInfo as it is now, whole, at the URL of the party that it is about (H-02, H-06,
 * H-13). A party in two roles has two objects at one URL, so each is a PUT of its own (H-14).
 */
export function clientInfoPushSource(store: Pick<ClientInfoStore, 'find'>): PushSource {
  return {
    module: 'hubclientinfo',
    async read(row): Promise<PushItem | undefined> {
      const body = await store.find(row.object);
      return body === undefined ? undefined : { path: objectPath(readClientInfo(body)), body };
    },
  };
}
