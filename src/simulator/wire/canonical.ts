import { createHash } from 'node:crypto';
import { skipSpace, skipString } from './json-scan.js';
import { fromWire, toWire } from './wire-text.js';

/**
 * Canonical form of JSON for comparing two copies of an object:
 * - no white space, members sorted by the bytes of their key, of repeated keys the last one counts;
 * - strings by their characters, so `"\u00e9"` equals `"é"`;
 * - numbers by their **source text**: `1.0`, `1` and `1e0` differ, because a hub must pass numbers on as they came;
 * - `null` differs from an absent member.
 *
 * Takes and gives wire text.
 */
export function canonicalJson(wire: string): string {
  const walk = new Canonical(wire);
  return walk.value();
}

/** Hash (128 bits, hexadecimal) of the canonical form of a JSON text. */
export function canonicalHash(wire: string): string {
  return createHash('sha256').update(canonicalJson(wire), 'latin1').digest('hex').slice(0, 32);
}

class Canonical {
  private at = 0;

  constructor(private readonly text: string) {
    this.at = skipSpace(text, 0);
  }

  value(): string {
    switch (this.text.charCodeAt(this.at)) {
      case 123:
        return this.object();
      case 91:
        return this.array();
      case 34:
        return this.string();
      default:
        return this.scalar();
    }
  }

  private object(): string {
    const members: [string, string][] = [];
    this.at = skipSpace(this.text, this.at + 1);
    while (this.text.charCodeAt(this.at) === 34) {
      const key = this.string();
      this.at = skipSpace(this.text, skipSpace(this.text, this.at) + 1);
      members.push([key, this.value()]);
      this.skipComma();
    }
    this.at += 1;
    members.sort(byKey);
    let out = '{';
    for (let i = 0; i < members.length; i += 1) {
      const member = members[i];
      if (member === undefined || member[0] === members[i + 1]?.[0]) continue;
      out += out.length > 1 ? `,${member[0]}:${member[1]}` : `${member[0]}:${member[1]}`;
    }
    return `${out}}`;
  }

  private array(): string {
    let out = '[';
    this.at = skipSpace(this.text, this.at + 1);
    while (this.at < this.text.length && this.text.charCodeAt(this.at) !== 93) {
      out += out.length > 1 ? `,${this.value()}` : this.value();
      this.skipComma();
    }
    this.at += 1;
    return `${out}]`;
  }

  private string(): string {
    const end = skipString(this.text, this.at);
    const raw = this.text.slice(this.at, end);
    this.at = end;
    return raw.includes('\\') ? toWire(JSON.stringify(JSON.parse(fromWire(raw)))) : raw;
  }

  private scalar(): string {
    const start = this.at;
    while (this.at < this.text.length && isScalar(this.text.charCodeAt(this.at))) this.at += 1;
    if (this.at === start) throw new SyntaxError('expected a value in JSON text');
    return this.text.slice(start, this.at);
  }

  private skipComma(): void {
    this.at = skipSpace(this.text, this.at);
    if (this.text.charCodeAt(this.at) === 44) this.at = skipSpace(this.text, this.at + 1);
  }
}

const isScalar = (code: number): boolean => code > 32 && code !== 44 && code !== 93 && code !== 125;

const byKey = (a: [string, string], b: [string, string]): number => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
