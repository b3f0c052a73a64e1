import type { PartyRef } from '../../kernel/party-ref.js';

/** A request to the peer's endpoint of a module. */
export interface OcpiCall {
  method: string;
  module: string;
  role: 'SENDER' | 'RECEIVER';
  /** Segments behind the endpoint's URL. */
  path?: string[];
  /** With its question mark. */
  query?: string;
  /** Takes the place of endpoint, path and query: the `Link` of a page, a `response_url`, the `Location` of a CDR. */
  url?: string;
  /** Wire text. */
  body?: string | undefined;
  from?: PartyRef | undefined;
  /** Default: the peer's own party (a hub is asked for all, and told for all). */
  to?: PartyRef | undefined;
  /** No TO at all: the hub is to find out who is meant. */
  open?: boolean | undefined;
  /** A configuration module: neither TO nor FROM. */
  unrouted?: boolean;
  correlationId?: string | undefined;
}
