import { parseDateTime } from '../../kernel/date-time.js';
import {
  firstItem,
  type Member,
  membersOf,
  type Span,
  stringMember,
  withItem,
  withMembers,
} from '../../kernel/json-text.js';
import { ciKey } from '../../kernel/party-ref.js';

/** The place of an EVSE in the text of its Location. */
export function evseSlot(location: string, uid: string): ItemSlot {
  return new ItemSlot(location, 'evses', 'uid', uid);
}

/** The place of a Connector in the text of its EVSE. */
export function connectorSlot(evse: string, id: string): ItemSlot {
  return new ItemSlot(evse, 'connectors', 'id', id);
}

/** The place of one item, taken or not, in a list inside an object's text. */
export class ItemSlot {
  /** The item that is there. */
  readonly text: string | undefined;
  private readonly listMember: Member | undefined;
  private readonly stampMember: Member | undefined;
  private readonly span: Span | undefined;

  constructor(
    private readonly object: string,
    private readonly list: string,
    idField: string,
    id: string,
  ) {
    for (const member of membersOf(object)) {
      if (member.key === list) this.listMember = member;
      else if (member.key === 'last_updated') this.stampMember = member;
    }
    const wanted = ciKey(id);
    this.span =
      this.listMember &&
      firstItem(object, this.listMember.start, (at) => {
        const found = stringMember(object, idField, at) ?? '';
        return found === wanted || ciKey(found) === wanted;
      });
    this.text = this.span && object.slice(this.span.start, this.span.end);
  }

  /**
   * The object's text with `item` in this place, or as its last one, and with `last_updated` lifted to the item's if that
   * is later (L-09, L-10); it never moves backwards (L-12).
   */
  holding(item: string): string {
    const { object, span, listMember, stampMember } = this;
    const lift = stampMember && this.liftFor(item, stampMember);
    if (span && lift && stampMember) return replaceBoth(object, [span, item], [stampMember, lift]);
    if (span) return object.slice(0, span.start) + item + object.slice(span.end);
    const items = listMember && object.slice(listMember.start, listMember.end);
    const values = new Map([[this.list, withItem(items, item)]]);
    if (lift) values.set('last_updated', lift);
    return withMembers(object, values);
  }

  private liftFor(item: string, stampMember: Member): string | undefined {
    const stamp = stringMember(item, 'last_updated') ?? '';
    const present = this.object.slice(stampMember.start + 1, stampMember.end - 1);
    return (parseDateTime(stamp) ?? 0) > (parseDateTime(present) ?? 0) ? JSON.stringify(stamp) : undefined;
  }
}

/** `last_updated` of an object as ms since the epoch; 0 if it has none. */
export function instantOf(object: string): number {
  return parseDateTime(stringMember(object, 'last_updated') ?? '') ?? 0;
}

type Replacement = readonly [span: Span, text: string];

function replaceBoth(text: string, one: Replacement, other: Replacement): string {
  const [[a, first], [b, second]] = one[0].start < other[0].start ? [one, other] : [other, one];
  return text.slice(0, a.start) + first + text.slice(a.end, b.start) + second + text.slice(b.end);
}
