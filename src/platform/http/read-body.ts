import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { inspectJson } from '../../kernel/json-text.js';
import {
  invalidParameters,
  malformedJson,
  type OcpiError,
  payloadTooLarge,
  unsupportedMediaType,
} from '../../kernel/ocpi-error.js';
import type { Body } from './define-module.js';

export type Hold = (bytes: number) => OcpiError | undefined;

/**
 * Reads and parses the body of a request.
 *
 * Refused before a byte is read: encoded bodies (415, T11), other media types (415), declared sizes over the limit (413). A body
 * without Content-Type is read as JSON. After parsing and before any schema: depth, number of values, poisoned
 * and repeated keys (T13).
 *
 * @param hold told of all bytes as they come; what it returns ends the reading
 */
export async function readBody(request: IncomingMessage, limit: number, hold?: Hold): Promise<Body> {
  return parse(await read(request, limit, hold));
}

/** The same where a body may be left out: then undefined. */
export async function readOptionalBody(
  request: IncomingMessage,
  limit: number,
  hold?: Hold,
): Promise<Body | undefined> {
  const bytes = await read(request, limit, hold);
  return bytes.length === 0 ? undefined : parse(bytes);
}

function read(request: IncomingMessage, limit: number, hold: Hold | undefined): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw unsupportedMediaType('Encoded bodies are not accepted; send the JSON as it is.');
  checkMediaType(request.headers['content-type']);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw payloadTooLarge(limit);
  return collect(request, limit, hold);
}

function checkMediaType(contentType: string | undefined): void {
  if (contentType === undefined || contentType === 'application/json') return;
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json') throw unsupportedMediaType('The body must be application/json.');
  for (const parameter of parameters) {
    if (parameter.startsWith('charset=') && !/^charset="?utf-?8"?$/.test(parameter))
      throw malformedJson('The body must be UTF-8.');
  }
}

function collect(request: IncomingMessage, limit: number, hold: Hold | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      const refusal = size > limit ? payloadTooLarge(limit) : hold?.(chunk.length);
      if (refusal) {
        request.off('data', onData);
        reject(refusal);
        return;
      }
      chunks.push(chunk);
    };
    request.on('data', onData);
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('aborted', () => reject(malformedJson('The body ended early.')));
  });
}

function parse(bytes: Buffer): Body {
  if (bytes.length === 0) throw malformedJson('The body is empty.');
  if (!isUtf8(bytes)) throw malformedJson('The body is not UTF-8.');
  const received = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(received);
  } catch {
    throw malformedJson('The body is not JSON.');
  }
  const inspection = inspectJson(received);
  switch (inspection.kind) {
    case 'fine':
      return { value, text: inspection.text, bytes };
    case 'too-deep':
      throw malformedJson('The body is nested too deep.');
    case 'too-many-values':
      throw malformedJson('The body holds too many values.');
    case 'poisoned-key':
      throw invalidParameters(`The field name ${inspection.key} is not accepted.`);
    case 'duplicate-key':
      throw invalidParameters(`The field ${inspection.key} is given twice.`);
  }
}
