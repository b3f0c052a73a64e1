import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of the hub for a floor to repeat. */
export interface FixedAnswer {
  /** Path and query that it answers. */
  readonly target: string;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

/** Listens on any free port and tells the parent which. */
export function listenAndTell(server: Server): void {
  server.keepAliveTimeout = 65_000;
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}
