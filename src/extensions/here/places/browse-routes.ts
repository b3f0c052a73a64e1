import type { EvCall, EvRoute } from '../http/ev-route.js';
import type { LivePlaces } from '../live/live-places.js';
import { browseItem } from './browse-item.js';
import { type BrowseQuery, browseParameters, kindsOf, pageToken, parseBrowse } from './browse-query.js';
import type { PlaceFilter } from './facets.js';
import { NearestPlaces, type RankedPlace } from './nearest-places.js';
import { type IndexedName, nameKey, type PlaceIndex } from './place-index.js';
import { groupName, type PlaceDetails } from './place-row.js';

/** Search for places, nearest first: `/browse`, scope `browse`. */
export function browseRoutes({ live, index }: { readonly live: LivePlaces; readonly index: PlaceIndex }): EvRoute[] {
  const nearest = new NearestPlaces(index);
  return [
    {
      path: '/browse',
      scope: 'browse',
      summary: 'Places around a point or in a box, nearest first, with what is free now.',
      parameters: browseParameters,
      handle: async (call) => {
        const query = parseBrowse(call.query);
        const found = await search(query, call, live, index, nearest);
        const shown = found.slice(0, query.limit);
        const details = await index.details(shown.map(({ no }) => no));
        const items = shown.flatMap((one) => {
          const place = live.find(one.key);
          const text = details.get(one.no);
          return place && text !== undefined ? [browseItem(one, place, JSON.parse(text) as PlaceDetails)] : [];
        });
        const last = shown.at(-1);
        return { body: { items, ...(last && found.length > shown.length && { nextPage: pageToken(last) }) } };
      },
    },
  ];
}

/** One more than fits on the page, if there is one. */
async function search(
  query: BrowseQuery,
  call: EvCall,
  live: LivePlaces,
  index: PlaceIndex,
  nearest: NearestPlaces,
): Promise<RankedPlace[]> {
  const { centre, maxDistance, box, after, limit } = query;
  const seen = new Map<string, boolean>();
  const sees = (owner: string): boolean => {
    const known = seen.get(owner) ?? call.sees(owner, 'locations');
    seen.set(owner, known);
    return known;
  };
  return nearest.find({
    centre,
    maxDistance,
    box,
    after,
    limit: limit + 1,
    filter: await filterOf(query, index),
    accept: (places) => {
      const shown = places.filter(({ key, owner }) => sees(owner) && live.find(key));
      return query.onlyAvailable ? whereFree(shown, query, live, index) : shown;
    },
  });
}

async function filterOf(query: BrowseQuery, index: PlaceIndex): Promise<PlaceFilter> {
  const { operators, providers, payments, minPower } = query;
  const names = operators || providers ? await index.names() : [];
  const numbers = (wanted: readonly string[], fits: (name: IndexedName, wanted: ReadonlySet<string>) => boolean) => {
    const keys = new Set(wanted.map(nameKey));
    return names.filter((name) => fits(name, keys)).map(({ no }) => no);
  };
  return {
    kinds: kindsOf(query),
    ...(minPower > 0 && { minPower }),
    payments,
    operators:
      operators && numbers(operators, ({ owner, id, name }, keys) => owner !== '' && (keys.has(id) || keys.has(name))),
    providers: providers && numbers(providers, ({ owner, id }, keys) => owner === '' && keys.has(id)),
  };
}

/** Where one connector that fits is free now. Which current a group has, the index knows. */
async function whereFree(
  places: readonly RankedPlace[],
  { connectorTypes, minPower, current }: BrowseQuery,
  live: LivePlaces,
  index: PlaceIndex,
): Promise<readonly RankedPlace[]> {
  const details = current ? await index.details(places.map(({ no }) => no)) : undefined;
  return places.filter(({ no, key }) => {
    const place = live.find(key);
    if (!place) return false;
    if (!connectorTypes && minPower === 0 && !current) return place.evses.some(({ status }) => status === 'available');
    const text = details?.get(no);
    const known = text === undefined ? undefined : (JSON.parse(text) as PlaceDetails).groups;
    return place.groups.some(
      ({ standard, maxPower, availableConnectorCount = 0 }) =>
        availableConnectorCount > 0 &&
        (!connectorTypes || connectorTypes.has(standard)) &&
        maxPower >= minPower &&
        (!current || known?.[groupName(standard, maxPower)]?.current.includes(current)),
    );
  });
}
