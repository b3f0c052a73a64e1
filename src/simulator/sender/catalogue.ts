import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import { itemsAt, memberOf, membersAt, stringMember } from '../wire/json-scan.js';
import { stampOf } from '../wire/stamp.js';
import { ownCopy } from '../wire/wire-text.js';

/** The modules whose objects a CPO owns here. */
export type OwnedModule = 'locations' | 'tariffs';

/** One object of a CPO. */
export interface CatalogueEntry {
  readonly module: OwnedModule;
  readonly owner: PartyRef;
  readonly id: string;
  /** The object as wire text. */
  text: string;
  /** Its `last_updated` in epoch milliseconds. */
  stamp: number;
}

/** What a CPO platform holds: whole objects as text, in order of creation. */
export class Catalogue {
  private readonly lists = new Map<string, CatalogueEntry[]>();
  private readonly byKey = new Map<string, CatalogueEntry>();

  /** Adds or replaces an object; undefined if the text names no owner or id. */
  add(module: OwnedModule, wire: string): CatalogueEntry | undefined {
    const head = objectHead(wire);
    if (head === undefined) return undefined;
    const known = this.byKey.get(entryKey(module, head.owner, head.id));
    if (known !== undefined) {
      known.text = ownCopy(wire);
      known.stamp = head.stamp;
      return known;
    }
    const entry: CatalogueEntry = { module, ...head, text: ownCopy(wire) };
    this.byKey.set(entryKey(module, entry.owner, entry.id), entry);
    this.listOf(module).push(entry);
    this.listOf(module, entry.owner).push(entry);
    return entry;
  }

  /** All objects of a module, or those of one owner. */
  list(module: OwnedModule, owner?: PartyRef): readonly CatalogueEntry[] {
    return this.lists.get(listKey(module, owner)) ?? [];
  }

  /** One object by its id; without an owner the first that has this id. */
  find(module: OwnedModule, id: string, owner?: PartyRef): CatalogueEntry | undefined {
    if (owner !== undefined) return this.byKey.get(entryKey(module, owner, id));
    const wanted = id.toUpperCase();
    return this.list(module).find((entry) => entry.id.toUpperCase() === wanted);
  }

  /** Key of an entry, as in snapshots: `locations/DE/CP1/LOC1`. */
  keyOf(entry: CatalogueEntry): string {
    return entryKey(entry.module, entry.owner, entry.id);
  }

  private listOf(module: OwnedModule, owner?: PartyRef): CatalogueEntry[] {
    const key = listKey(module, owner);
    let list = this.lists.get(key);
    if (list === undefined) {
      list = [];
      this.lists.set(key, list);
    }
    return list;
  }
}

const listKey = (module: OwnedModule, owner?: PartyRef): string => (owner ? `${module}/${partyKey(owner)}` : module);

/** `locations/DE/CP1/LOC1`, in capitals from the owner on: ids compare without case (D-01). */
export const entryKey = (module: OwnedModule, owner: PartyRef, id: string): string =>
  `${module}/${partyKey(owner)}/${id.toUpperCase()}`;

/** Owner, id and `last_updated` of an object's text; undefined if it names no owner or id. */
export function objectHead(wire: string): { owner: PartyRef; id: string; stamp: number } | undefined {
  const members = membersAt(wire, 0) ?? [];
  const country_code = stringMember(wire, members, 'country_code');
  const party_id = stringMember(wire, members, 'party_id');
  const id = stringMember(wire, members, 'id');
  if (country_code === undefined || party_id === undefined || id === undefined) return undefined;
  const stamp = stampOf(stringMember(wire, members, 'last_updated')) ?? 0;
  return { owner: { country_code: ownCopy(country_code), party_id: ownCopy(party_id) }, id: ownCopy(id), stamp };
}

/** Number of EVSEs in a Location. */
export function countEvses(wire: string): number {
  const list = memberOf(membersAt(wire, 0) ?? [], 'evses');
  return list === undefined ? 0 : (itemsAt(wire, list.start)?.length ?? 0);
}
