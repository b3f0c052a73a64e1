import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { OcpiError } from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import { StatusCode } from '../../kernel/status-code.js';
import { routingHeaders } from '../routing/index.js';
import type { OcpiReply } from './define-module.js';
import { EnvelopeWriter, type HeaderList } from './envelope-writer.js';
import type { Exchange } from './exchange.js';

/** How an answer went out. */
export interface Written {
  readonly httpStatus: number;
  /** OCPI `status_code`; 0 where it is another party's and was not looked into. */
  readonly statusCode: number;
}

/** Turns replies and refusals into HTTP answers. */
export class ReplyWriter {
  constructor(
    private readonly writer: EnvelopeWriter,
    private readonly hub: PartyRef,
  ) {}

  /** Resolves once everything is handed to the socket; a stream that breaks off takes the connection with it. */
  async reply(exchange: Exchange, reply: OcpiReply): Promise<Written> {
    const { response } = exchange;
    switch (reply.kind) {
      case 'done': {
        const httpStatus = reply.httpStatus ?? 200;
        const text = reply.data === undefined ? undefined : JSON.stringify(reply.data);
        this.writer.success(response, httpStatus, text, this.headersFor(exchange));
        return { httpStatus, statusCode: StatusCode.success };
      }
      case 'text':
        this.writer.success(response, 200, reply.dataText, this.headersFor(exchange));
        break;
      case 'page': {
        const headers = this.headersFor(exchange);
        headers.push('X-Total-Count', String(reply.totalCount), 'X-Limit', String(reply.limit));
        if (reply.next) headers.push('Link', `<${reply.next}>; rel="next"`);
        const gzip = acceptsGzip(exchange.request) ? reply.compressed() : undefined;
        if (reply.release) response.once('close', reply.release);
        this.writer.page(response, reply.page, gzip, headers);
        break;
      }
      case 'relayed': {
        const { answer } = reply;
        const headers = this.headersFor(exchange, answer.from);
        headers.push(...answer.headers, 'Cache-Control', 'no-store');
        const { body } = answer;
        if (Buffer.isBuffer(body)) {
          headers.push('Content-Length', String(body.length));
          response.writeHead(answer.httpStatus, headers);
          response.end(body);
        } else {
          response.writeHead(answer.httpStatus, headers);
          // The head has left: whoever reads a body that breaks off must see that it did.
          await pipeline(body, response).catch(() => response.destroy());
        }
        return { httpStatus: answer.httpStatus, statusCode: answer.statusCode ?? 0 };
      }
    }
    return { httpStatus: 200, statusCode: StatusCode.success };
  }

  /** A refusal; for partners that want it, what breaks the rules is HTTP 400. */
  refuse(exchange: Exchange, error: OcpiError): Written {
    const { response, request } = exchange;
    const headers = this.headersFor(exchange);
    // A large body that nobody will read is not worth draining.
    if (Number(request.headers['content-length'] ?? 0) > 16 * 1024 * 1024) headers.push('Connection', 'close');
    const shown = asWanted(error, exchange);
    try {
      this.writer.failure(response, shown, headers);
    } catch {
      // Node refused the headers; without them the answer still goes out in the envelope, with both ids.
      this.writer.failure(response, shown, EnvelopeWriter.idHeaders(exchange.ids));
    }
    return { httpStatus: shown.httpStatus, statusCode: shown.statusCode };
  }

  /** Both ids, and the routing headers back to who asked: from the hub, or from the party that answered. */
  private headersFor(exchange: Exchange, from: PartyRef = this.hub): HeaderList {
    const headers = EnvelopeWriter.idHeaders(exchange.ids);
    if (!exchange.requester) return headers;
    for (const [name, value] of Object.entries(routingHeaders(exchange.requester, from))) headers.push(name, value);
    return headers;
  }
}

function asWanted(error: OcpiError, { partner }: Exchange): OcpiError {
  const { httpStatus, statusCode } = error;
  if (httpStatus !== 200 || statusCode !== StatusCode.invalidParameters) return error;
  if (partner?.switches.validation_http !== 400) return error;
  const pointer = error.pointer === undefined ? {} : { pointer: error.pointer };
  return new OcpiError(400, statusCode, error.message, { ...pointer, headers: error.headers });
}

function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = request.headers['accept-encoding'];
  return typeof accepted === 'string' && /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accepted);
}
