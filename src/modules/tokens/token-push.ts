import { stringMember } from '../../kernel/json-text.js';
import { objectPath } from '../../kernel/party-ref.js';
import type { PushItem, PushSource } from '../../platform/delivery/index.js';
import { defaultType } from './token-key.js';
import type { TokenStore } from './token-store.js';

/** What CPOs are told of a Token: the whole object as it is now, below its owner's segments, as the owner spells them. */
export function tokenPushSource(store: TokenStore): PushSource {
  return {
    module: 'tokens',
    async read(row): Promise<PushItem | undefined> {
      const body = await store.findByKey(row.object);
      if (body === undefined) return undefined;
      const member = (name: string): string => stringMember(body, name) ?? '';
      const owner = { country_code: member('country_code'), party_id: member('party_id') };
      const type = member('type');
      // Receivers take a Token without a type in the URL for RFID (TK-01).
      const query = type === defaultType ? '' : `?type=${encodeURIComponent(type)}`;
      return { path: `${objectPath(owner, member('uid'))}${query}`, body };
    },
  };
}
