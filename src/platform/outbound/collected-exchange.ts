import { isUtf8 } from 'node:buffer';
import type http from 'node:http';
import { Exchange } from './exchange.js';

export interface CollectedAnswer {
  readonly kind: 'answered';
  readonly response: http.IncomingMessage;
  readonly text: string;
}

/** Collects the whole answer, as text. */
export class CollectedExchange extends Exchange<CollectedAnswer> {
  protected complete(response: http.IncomingMessage): void {
    const bytes = this.collected();
    if (isUtf8(bytes)) this.settle({ kind: 'answered', response, text: withoutMark(bytes.toString('utf8')) });
    else this.settle({ kind: 'ambiguous', reason: 'bad-body', detail: 'not UTF-8' });
  }
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
