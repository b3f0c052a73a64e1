import type { AdminActor, AdminPorts } from './ports.js';
import type { Schema } from './schema.js';

/** One call, checked against the route's schemas. */
export interface Call<Q = unknown, B = unknown> {
  /** Parts of the path, by the name in braces. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  readonly actor: AdminActor;
}

export interface Reply {
  readonly status: number;
  /** JSON value; left out: no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a call may answer besides the problems that every call may. */
export interface ResponseRecord {
  readonly description: string;
  readonly schema?: Schema<unknown>;
}

/**
 * A route is a record: what is mounted and what the OpenAPI document says come from the same place, so that neither can say
 * something else than the other.
 */
export interface Route<Q = unknown, B = unknown> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As in OpenAPI: `/api/partners/{id}`. */
  readonly path: string;
  /** operationId of the document. */
  readonly operation: string;
  /** Written down for every route, also where none is needed. */
  readonly permission: 'operator' | 'none';
  readonly summary: string;
  readonly query?: Schema<Q>;
  readonly body?: Schema<B>;
  /** Whether a call without a body is taken as one with an empty object. */
  readonly bodyOptional?: boolean;
  /** The largest body in bytes, where it is not that of all calls. */
  readonly bodyBytes?: number;
  /** The good answers, by HTTP status. */
  readonly responses: Readonly<Record<number, ResponseRecord>>;
  /** Problems that this call may answer besides those of all calls, by HTTP status. */
  readonly problems?: Readonly<Record<number, string>>;
  handle(ports: AdminPorts, call: Call<Q, B>): Promise<Reply>;
}

/** Checks that handler and schemas agree, then forgets the types, so that routes fit into one table. */
export const route = <Q, B>(record: Route<Q, B>): Route => record;
