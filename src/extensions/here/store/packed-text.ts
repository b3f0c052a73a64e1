import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** A value as compressed text, for a column that both databases have. */
export async function packJson(value: unknown): Promise<string> {
  return (await zip(JSON.stringify(value))).toString('base64');
}

/** @throws for what {@link packJson} has not made */
export async function unpackJson(text: string): Promise<unknown> {
  return JSON.parse((await unzip(Buffer.from(text, 'base64'))).toString('utf8'));
}
