import type { PageSource } from '../harness/bench-partner.js';
import type { Party } from '../harness/handshake.js';

interface Range {
  /** First and behind the last Location of the owner. */
  readonly first: number;
  readonly end: number;
  readonly party: Party;
}

/**
 * All Locations as bytes, ready to be served page by page at no cost: they lie one behind the other with a comma between,
 * so a page is a stretch of them.
 */
export class LocationSet {
  private readonly joined: Buffer;
  private readonly starts: number[] = [];
  private readonly ranges = new Map<string, Range>();

  /** @param ndjson Locations by owner, one a line, with a line feed behind each */
  constructor(
    readonly file: string,
    ndjson: Buffer,
  ) {
    this.joined = Buffer.from(ndjson);
    let at = 0;
    for (let end = ndjson.indexOf(0x0a); end !== -1; end = ndjson.indexOf(0x0a, at)) {
      this.addOwner(JSON.parse(ndjson.toString('utf8', at, end)) as Party);
      this.starts.push(at);
      this.joined[end] = 0x2c;
      at = end + 1;
    }
  }

  get count(): number {
    return this.starts.length;
  }

  get bytes(): number {
    return this.joined.length;
  }

  get owners(): Party[] {
    return [...this.ranges.values()].map(({ party }) => party);
  }

  /** One Location as JSON. */
  text(index: number): string {
    return this.joined.toString('utf8', this.startOf(index), this.startOf(index + 1) - 1);
  }

  /** About so many of them, spread over all owners. */
  sample(count: number): LocationSet {
    const lines: string[] = [];
    const step = Math.max(1, this.count / count);
    for (let index = 0; index < this.count; index += step) lines.push(this.text(Math.floor(index)));
    return new LocationSet(this.file, Buffer.from(`${lines.join('\n')}\n`));
  }

  readonly page: PageSource = (party, offset, limit) => {
    const range = this.ranges.get(keyOf(party)) ?? { first: 0, end: 0 };
    const first = Math.min(range.first + offset, range.end);
    const end = Math.min(first + limit, range.end);
    const body = Buffer.concat([
      Buffer.from('['),
      // Without the comma behind the last one.
      this.joined.subarray(this.startOf(first), Math.max(this.startOf(first), this.startOf(end) - 1)),
      Buffer.from(']'),
    ]);
    return { body, count: end - first, total: range.end - range.first };
  };

  private startOf(index: number): number {
    return this.starts[index] ?? this.joined.length;
  }

  private addOwner({ country_code, party_id }: Party): void {
    const party = { country_code, party_id };
    const index = this.starts.length;
    const range = this.ranges.get(keyOf(party));
    if (range && range.end !== index) throw new Error('The Locations are not in the order of their owners.');
    this.ranges.set(keyOf(party), { party, first: range?.first ?? index, end: index + 1 });
  }
}

const keyOf = ({ country_code, party_id }: Party): string => `${country_code}/${party_id}`.toUpperCase();
