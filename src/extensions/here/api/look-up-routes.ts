import { notFound } from '../http/ev-error.js';
import type { EvCall, EvRoute, EvScope } from '../http/ev-route.js';
import type { Found, LookUp } from './look-up.js';
import { fieldSets, idsOf, type Wish, wishOf } from './wish.js';

const shared = {
  fields: `Comma list of ${fieldSets.join(', ')}; adds to the minimal set`,
  days: 'Days of predictions from today on, 1 to 7; 2 if absent',
  tariff:
    'Which tariffs are shown, repeatable: all, adhoc, cpo, emsp, partner:ID, partner:ID;name=A,B; adhoc if absent',
};

/** Look-ups of one location and of several. HERE section 4. */
export function lookUpRoutes(lookUp: LookUp): readonly EvRoute[] {
  const wishes = new Wishes();
  return [
    {
      path: '/locations/{id}',
      scope: 'locations',
      summary: 'One charging location',
      parameters: shared,
      async handle(call) {
        const found = await lookUp.find(call.params.id ?? '', wishes.of(call), call.sees);
        if (typeof found === 'string') throw notFound('there is no location of this id');
        return { text: found };
      },
    },
    {
      path: '/locations',
      scope: 'locations',
      summary: 'Up to 100 charging locations; ids that are not known are listed, and are no error',
      parameters: {
        ids: 'Comma list of 1 to 100 ids',
        ...shared,
        connectorTypes:
          'Comma list of 1 to 5 types: only EVSEs and groups that have one of them, and no location without',
      },
      async handle(call) {
        const ids = idsOf(call.query);
        const wish = wishOf(call.query, call.key);
        return { text: several(ids, await Promise.all(ids.map((id) => lookUp.find(id, wish, call.sees)))) };
      },
    },
  ];
}

const maxWishes = 200;

/** Wishes that were read before: apps ask the same of many places. */
class Wishes {
  /** By what the key may read. */
  private readonly kept = new WeakMap<ReadonlySet<EvScope>, Map<string, Wish>>();

  of({ request, query, key }: EvCall): Wish {
    const { url = '' } = request;
    const text = url.slice(url.indexOf('?') + 1);
    const isLong = text.length > 500;
    // A key in the query, however it is written, is not kept anywhere.
    if (isLong || !url.includes('?') || text.includes('%') || text.includes('apiKey')) return wishOf(query, key);
    let wishes = this.kept.get(key.scopes);
    if (!wishes || wishes.size > maxWishes) {
      wishes = new Map();
      this.kept.set(key.scopes, wishes);
    }
    const wish = wishes.get(text) ?? wishOf(query, key);
    wishes.set(text, wish);
    return wish;
  }
}

const comma = Buffer.from(',');
const opening = Buffer.from('{"items":[');

/** A place without the connector types that are wanted stands in neither list: it is there, but not asked for. */
function several(ids: readonly string[], found: readonly Found[]): Buffer {
  const parts: Buffer[] = [opening];
  const missing: string[] = [];
  for (const [at, one] of found.entries()) {
    if (one === 'missing') missing.push(ids[at] ?? '');
    if (typeof one === 'string') continue;
    if (parts.length > 1) parts.push(comma);
    parts.push(one);
  }
  return Buffer.concat([...parts, Buffer.from(`],"missingItems":${JSON.stringify(missing)}}`)]);
}
