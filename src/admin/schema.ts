/**
 * Schemas of the admin API: one description that checks what comes in, types it, and stands in the OpenAPI document.
 * They are a small, closed part of JSON Schema 2020-12, the dialect of OpenAPI 3.1. Unlike OCPI objects, bodies here are checked
 * strictly: an unknown name is an error, since it is more likely misspelt than meant for somebody else.
 */
export interface JsonSchema {
  /** Named schemas become components of the OpenAPI document. */
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | number)[];
  readonly format?: 'origin' | 'http-url' | 'date-time';
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minProperties?: number;
  readonly default?: string | number | boolean;
  readonly writeOnly?: boolean;
}

declare const typeOf: unique symbol;

/** A schema whose valid values have the type `T`. */
export interface Schema<T> {
  readonly json: JsonSchema;
  readonly [typeOf]?: T;
}

export type Infer<S> = S extends Schema<infer T> ? T : never;

type Fields = Readonly<Record<string, Schema<unknown>>>;
type Values<F extends Fields> = { readonly [K in keyof F]: Infer<F[K]> };
type Options = Omit<JsonSchema, 'type' | 'items' | 'properties' | 'required'>;

export const string = (options: Options = {}): Schema<string> => ({ json: { type: 'string', ...options } });
export const integer = (options: Options = {}): Schema<number> => ({ json: { type: 'integer', ...options } });
export const number = (options: Options = {}): Schema<number> => ({ json: { type: 'number', ...options } });
export const boolean = (options: Options = {}): Schema<boolean> => ({ json: { type: 'boolean', ...options } });
/** Anything that JSON can say. */
export const anything = (options: Options = {}): Schema<unknown> => ({ json: options });

export const choice = <const T extends string>(choices: readonly T[], options: Options = {}): Schema<T> => ({
  json: { type: 'string', enum: choices, ...options },
});

export const numberChoice = <const T extends number>(choices: readonly T[], options: Options = {}): Schema<T> => ({
  json: { type: 'integer', enum: choices, ...options },
});

export const list = <T>(item: Schema<T>, options: Pick<JsonSchema, 'minItems' | 'maxItems' | 'description'> = {}) =>
  ({
    json: { type: 'array', items: item.json, ...options },
  }) as Schema<readonly T[]>;

/** Values of one kind under names that are not fixed. */
export const map = <T>(value: Schema<T>, description: string): Schema<Readonly<Record<string, T>>> => ({
  json: { type: 'object', additionalProperties: value.json, description },
});

export const nullable = <T>(schema: Schema<T>): Schema<T | null> => ({
  json: { ...schema.json, type: [schema.json.type ?? 'object', 'null'].flat() },
});

/** An object with exactly these names; those in `optional` may be left out. */
export function object<R extends Fields, O extends Fields = Record<never, never>>(
  required: R,
  optional?: O,
  options: Pick<JsonSchema, 'title' | 'description' | 'minProperties'> = {},
): Schema<Values<R> & Partial<Values<O>>> {
  const fields = { ...required, ...optional };
  const properties = Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, schema.json]));
  return {
    json: { type: 'object', ...options, properties, required: Object.keys(required), additionalProperties: false },
  };
}

/** The same object with every name optional and at least one present. */
export function partial<T>(schema: Schema<T>): Schema<Partial<T>> {
  const { title: _title, ...json } = schema.json;
  return { json: { ...json, required: [], minProperties: 1 } };
}
