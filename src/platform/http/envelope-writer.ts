import type { ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import type { Clock } from '../../kernel/clock.js';
import { formatDateTime } from '../../kernel/date-time.js';
import { correlationIdHeader, type MessageIds, requestIdHeader } from '../../kernel/message-ids.js';
import type { OcpiError } from '../../kernel/ocpi-error.js';
import { StatusCode } from '../../kernel/status-code.js';
import type { CachedPage } from './page-cache.js';

/** Headers as Node takes them fastest: name, value, name, value. */
export type HeaderList = string[];

const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** Writes answers: the envelope, both message ids, and nothing that tells of the machinery behind. */
export class EnvelopeWriter {
  constructor(private readonly clock: Clock) {}

  /** A success whose `data` is given as JSON text, or left out (T-17). */
  success(response: ServerResponse, httpStatus: number, dataText: string | undefined, headers: HeaderList): void {
    const data = dataText === undefined ? '' : `"data":${dataText},`;
    const body = `{${data}"status_code":${StatusCode.success},"timestamp":"${this.timestamp()}"}`;
    this.send(response, httpStatus, body, headers);
  }

  failure(response: ServerResponse, error: OcpiError, headers: HeaderList): void {
    for (const [name, value] of Object.entries(error.headers)) headers.push(name, value);
    const message = JSON.stringify(error.statusMessage);
    const body = `{"status_code":${error.statusCode},"status_message":${message},"timestamp":"${this.timestamp()}"}`;
    this.send(response, error.httpStatus, body, headers);
  }

  /**
   * A page from its ready buffer. Only the tail with the timestamp is made now; with gzip it follows the compressed
   * page as a stored block, so that nothing is compressed twice.
   */
  page(response: ServerResponse, page: CachedPage, gzip: Buffer | undefined, headers: HeaderList): void {
    const tail = Buffer.from(`,"status_code":${StatusCode.success},"timestamp":"${this.timestamp()}"}`);
    headers.push('Content-Type', 'application/json', 'Cache-Control', 'no-store', 'Vary', 'Accept-Encoding');
    if (gzip === undefined) {
      headers.push('Content-Length', String(page.plain.length + tail.length));
      response.writeHead(200, headers);
      response.cork();
      response.write(page.plain);
      response.end(tail);
      response.uncork();
      return;
    }
    page.checksum ??= crc32(page.plain);
    const end = Buffer.alloc(5 + tail.length + 8);
    end[0] = 1;
    end.writeUInt16LE(tail.length, 1);
    end.writeUInt16LE(~tail.length & 0xffff, 3);
    tail.copy(end, 5);
    end.writeUInt32LE(crc32(tail, page.checksum), 5 + tail.length);
    end.writeUInt32LE((page.plain.length + tail.length) >>> 0, 9 + tail.length);
    headers.push('Content-Encoding', 'gzip', 'Content-Length', String(gzipHeader.length + gzip.length + end.length));
    response.writeHead(200, headers);
    response.cork();
    response.write(gzipHeader);
    response.write(gzip);
    response.end(end);
    response.uncork();
  }

  /** The headers that every answer begins with. */
  static idHeaders(ids: MessageIds): HeaderList {
    return [requestIdHeader, ids.requestId, correlationIdHeader, ids.correlationId];
  }

  private send(response: ServerResponse, httpStatus: number, text: string, headers: HeaderList): void {
    headers.push(
      'Content-Type',
      'application/json',
      'Cache-Control',
      'no-store',
      'Content-Length',
      String(Buffer.byteLength(text)),
    );
    response.writeHead(httpStatus, headers);
    // As text it leaves in one piece with the head.
    response.end(text);
  }

  private timestamp(): string {
    return formatDateTime(this.clock.now());
  }
}
