import { stringMember } from '../../kernel/json-text.js';
import { objectPath } from '../../kernel/party-ref.js';
import type { PushItem, PushSource } from '../../platform/delivery/index.js';
import type { TariffStore } from './tariff-store.js';

/** What partners are told of a Tariff: the whole object as it is now, or that it is gone. */
export function tariffPushSource(store: TariffStore): PushSource {
  return {
    module: 'tariffs',
    async read(row): Promise<PushItem | undefined> {
      const [country_code = '', party_id = '', tariff_id = ''] = row.object
        .split('/')
        .map((segment) => segment.replaceAll('%2F', '/').replaceAll('%25', '%'));
      const key = { country_code, party_id, tariff_id };
      const body = await store.find(key);
      if (body === undefined) return row.kind === 'DELETE' ? { path: objectPath(key, tariff_id), body: '' } : undefined;
      const owner = {
        country_code: stringMember(body, 'country_code') ?? '',
        party_id: stringMember(body, 'party_id') ?? '',
      };
      return { path: objectPath(owner, stringMember(body, 'id') ?? ''), body };
    },
  };
}
