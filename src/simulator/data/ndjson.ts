import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import { membersAt, stringMember } from '../wire/json-scan.js';

/** Lines of an NDJSON file (unpacked on the fly if its name ends in `.gz`) as wire text, without empty ones. */
export async function* ndjsonLines(file: string): AsyncGenerator<string> {
  const source = createReadStream(file, { highWaterMark: 256 * 1024 });
  const unpacked = file.endsWith('.gz') ? source.pipe(createGunzip({ chunkSize: 256 * 1024 })) : source;
  if (unpacked !== source) source.on('error', (error) => unpacked.destroy(error));
  let rest = '';
  for await (const chunk of unpacked as AsyncIterable<Buffer>) {
    const text = rest + chunk.toString('latin1');
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = text.slice(from, end).trim();
      from = end + 1;
      if (line !== '') yield line;
    }
    rest = text.slice(from);
  }
  if (rest.trim() !== '') yield rest.trim();
}

/** Owner of an object's text, or undefined. */
export function ownerOf(wire: string): PartyRef | undefined {
  const head = wire.slice(0, 200);
  const quick = /^\{"country_code":"([A-Za-z]{2})","party_id":"([A-Za-z0-9]{3})"/.exec(head);
  if (quick !== null) return { country_code: quick[1] ?? '', party_id: quick[2] ?? '' };
  const members = membersAt(wire, 0) ?? [];
  const country_code = stringMember(wire, members, 'country_code');
  const party_id = stringMember(wire, members, 'party_id');
  return country_code === undefined || party_id === undefined ? undefined : { country_code, party_id };
}

/** How many objects of each owner a file holds; reads it once and keeps nothing of it. */
export async function ownersInFile(file: string): Promise<Map<string, number>> {
  const owners = new Map<string, number>();
  for await (const line of ndjsonLines(file)) {
    const owner = ownerOf(line);
    if (owner === undefined) continue;
    const key = partyKey(owner);
    owners.set(key, (owners.get(key) ?? 0) + 1);
  }
  return owners;
}
