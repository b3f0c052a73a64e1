import { itemsAt, memberOf, membersAt, stringMember } from '../../../src/simulator/wire/json-scan.js';

/** The uids of the EVSEs of a Location. */
export function evsesOf(location: string): string[] {
  const list = memberOf(membersAt(location, 0) ?? [], 'evses');
  const items = list ? (itemsAt(location, list.start) ?? []) : [];
  return items.flatMap(({ start, end }) => {
    const evse = location.slice(start, end);
    return stringMember(evse, membersAt(evse, 0) ?? [], 'uid') ?? [];
  });
}
