import type { PlainRequest, PlainResponse } from '../../../platform/http/index.js';

/** What an operator may allow a key to read. `restricted` ones are HERE's RESTRICTED fields. */
export const evScopes = [
  'locations',
  'browse',
  'truckRestrictions',
  'predictions',
  'reliability',
  'static',
  'stream',
] as const;
export type EvScope = (typeof evScopes)[number];

/** Who asks. */
export interface EvKey {
  readonly id: string;
  readonly scopes: ReadonlySet<EvScope>;
  /** Party key in whose name the holder reads; undefined: in the name of the hub itself. Decides what agreements show. */
  readonly party: string | undefined;
}

export interface EvCall {
  /** Parts of the path, by the name in braces, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly key: EvKey;
  readonly correlationId: string;
  /** For what a reply cannot say: ranges, streams. */
  readonly request: PlainRequest;
  readonly response: PlainResponse;
  /** Whether the key's holder may see what this owner (party key) has of a module. */
  sees(owner: string, module: 'locations' | 'tariffs'): boolean;
}

export type EvReply =
  | { readonly status?: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** JSON text, ready to be sent. */
  | { readonly status?: number; readonly text: string | Buffer; readonly headers?: Readonly<Record<string, string>> }
  /** The handler answers, or has answered, by itself. */
  | 'taken';

/** One path below `/ev/v3`; all are GET. Refuse by throwing an {@link EvError}. */
export interface EvRoute {
  /** Such as `/locations/{id}`. */
  readonly path: string;
  /** Undefined: any valid key. */
  readonly scope: EvScope | undefined;
  /** One sentence, for the OpenAPI document. */
  readonly summary: string;
  /** Query parameters, for the OpenAPI document and the refusal of unknown ones: name and what it says. */
  readonly parameters: Readonly<Record<string, string>>;
  handle(call: EvCall): EvReply | Promise<EvReply>;
}
