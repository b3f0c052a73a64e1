import type http from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Fault } from './fault.js';

/** What a spoiled answer needs to know. */
export interface Spoil {
  fault: Fault;
  response: http.ServerResponse;
  /** Headers of the right answer, flat. */
  headers: string[];
  /** Body of the right answer, wire text. */
  body: string;
  /** HTTP status of the right answer. */
  status: number;
}

/**
 * What happens to the request under a fault: `refused` requests are not applied; `spoiled` ones are applied, and then the
 * answer is broken.
 */
export function faultEffect(fault: Fault): 'refused' | 'spoiled' {
  switch (fault.kind) {
    case 'reset':
    case 'close':
    case 'gzip':
    case 'bomb':
    case 'encodings':
    case 'huge':
    case 'huge-headers':
    case 'trickle':
    case 'no-envelope':
    case 'empty':
      return 'spoiled';
    default:
      return 'refused';
  }
}

/** Answers in the way the fault says. */
export function spoilAnswer(spoil: Spoil): void {
  const { fault, response } = spoil;
  const ids = spoil.headers.slice(0, 4);
  switch (fault.kind) {
    case 'hang':
      return;
    case 'headers-only':
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
      response.flushHeaders();
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'close':
      response.writeHead(spoil.status, spoil.headers);
      response.end(spoil.body, 'latin1', () => response.socket?.destroy());
      return;
    case 'html':
      reply(response, 200, ['Content-Type', 'text/html'], '<!doctype html><title>Welcome</title><p>It works!');
      return;
    case 'no-envelope':
      reply(response, 200, ['Content-Type', 'application/json'], '{"ok":true}');
      return;
    case 'empty':
      response.writeHead(204, ids);
      response.end();
      return;
    case 'redirect': {
      // `308 http://…`, or the URL alone.
      const [, status = '307', url = 'http://127.0.0.1:1/'] = /^(?:(30\d) )?(.+)$/.exec(fault.value ?? '') ?? [];
      reply(response, Number(status), ['Location', url], '');
      return;
    }
    case 'retry-after':
    case 'unavailable': {
      const status = fault.kind === 'unavailable' ? 503 : 429;
      const headers = [...ids, 'Content-Type', 'application/json', 'Retry-After', fault.value ?? '1'];
      reply(response, status, headers, spoil.body);
      return;
    }
    case 'gzip': {
      const packed = gzipSync(Buffer.from(spoil.body, 'latin1'));
      response.writeHead(spoil.status, [...ids, 'Content-Type', 'application/json', 'Content-Encoding', 'gzip']);
      response.end(packed);
      return;
    }
    case 'bomb':
      response.writeHead(spoil.status, [...ids, 'Content-Type', 'application/json', 'Content-Encoding', 'gzip']);
      response.end(bomb());
      return;
    case 'encodings': {
      const encodings = Array.from({ length: fault.number ?? 1000 }, () => 'gzip').join(',');
      response.writeHead(spoil.status, [...ids, 'Content-Type', 'application/json', 'Content-Encoding', encodings]);
      response.end(spoil.body, 'latin1');
      return;
    }
    case 'huge-headers':
      response.writeHead(spoil.status, [...spoil.headers, 'X-Padding', 'x'.repeat(fault.number ?? 100_000)]);
      response.end(spoil.body, 'latin1');
      return;
    case 'huge':
      huge(response, fault.number ?? 1024 ** 3);
      return;
    case 'trickle':
      trickle(spoil, fault.number ?? 1000);
      return;
    default:
      response.writeHead(spoil.status, spoil.headers);
      response.end(spoil.body, 'latin1');
  }
}

function reply(response: http.ServerResponse, status: number, headers: string[], body: string): void {
  response.writeHead(status, [...headers, 'Content-Length', String(body.length)]);
  response.end(body, 'latin1');
}

let packedBomb: Buffer | undefined;

/** A gzip body of some kilobytes that unpacks to very much more. */
function bomb(): Buffer {
  packedBomb ??= gzipSync(Buffer.alloc(16 * 1024 * 1024), { level: 1 });
  return packedBomb;
}

/** Endless-looking JSON string of the given size, written only as fast as it is read. */
function huge(response: http.ServerResponse, bytes: number): void {
  const piece = Buffer.alloc(64 * 1024, 'x');
  let left = bytes;
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.write('{"status_code":1000,"data":"');
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= piece.length;
      if (!response.write(piece)) {
        response.once('drain', more);
        return;
      }
    }
    response.end('"}');
  };
  more();
}

function trickle(spoil: Spoil, everyMs: number): void {
  const { response, body } = spoil;
  let at = 0;
  response.writeHead(spoil.status, spoil.headers);
  const timer = setInterval(() => {
    if (response.destroyed) {
      clearInterval(timer);
      return;
    }
    response.write(body.charAt(at), 'latin1');
    at += 1;
    if (at >= body.length) {
      clearInterval(timer);
      response.end();
    }
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}
