import type { JsonSchema, Schema } from './schema.js';

/** One thing that is wrong, and where. */
export interface FieldError {
  /** JSON pointer (RFC 6901); empty for the whole body. For a query parameter its name. */
  readonly pointer: string;
  readonly detail: string;
}

const maxErrors = 50;

/** Says whether `value` is what `schema` describes; otherwise `errors` gets what is wrong with it. */
export function matches<T>(schema: Schema<T>, value: unknown, errors: FieldError[]): value is T {
  const before = errors.length;
  check(schema.json, value, '', errors);
  return errors.length === before;
}

/** Query parameters as the values that their schema describes: numbers and flags are read from text. */
export function readQuery(schema: JsonSchema, query: URLSearchParams, errors: FieldError[]): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null);
  for (const name of new Set(query.keys())) {
    const texts = query.getAll(name);
    if (texts.length > 1) errors.push({ pointer: name, detail: 'must be given once' });
    values[name] = fromText(schema.properties?.[name], texts[0] ?? '');
  }
  for (const [name, { default: fallback }] of Object.entries(schema.properties ?? {}))
    if (fallback !== undefined && !Object.hasOwn(values, name)) values[name] = fallback;
  return values;
}

function fromText(schema: JsonSchema | undefined, text: string): unknown {
  if (schema?.type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (schema?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function check(schema: JsonSchema, value: unknown, pointer: string, errors: FieldError[]): void {
  if (errors.length >= maxErrors) return;
  const types = schema.type === undefined ? undefined : [schema.type].flat();
  const fail = (detail: string): void => {
    errors.push({ pointer, detail });
  };
  if (types !== undefined && !types.some((type) => isOfType(type, value)))
    fail(`must be ${types.map((type) => typeNames[type] ?? type).join(' or ')}`);
  else if (typeof value === 'string') checkText(schema, value, fail);
  else if (typeof value === 'number') checkNumber(schema, value, fail);
  else if (Array.isArray(value)) checkList(schema, value, pointer, errors, fail);
  else if (typeof value === 'object' && value !== null) checkObject(schema, value, pointer, errors, fail);
}

type Fail = (detail: string) => void;

function checkText(schema: JsonSchema, value: string, fail: Fail): void {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const length = [...value].length;
  if (length < minLength) fail(minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`);
  else if (length > maxLength) fail(`must have at most ${maxLength} characters`);
  else if (schema.enum !== undefined && !schema.enum.includes(value)) fail(`must be one of ${schema.enum.join(', ')}`);
  else if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
    fail(schema.description === undefined ? `must match ${schema.pattern}` : `must be: ${schema.description}`);
  else if (schema.format !== undefined) formats[schema.format](value, fail);
}

const formats: Record<NonNullable<JsonSchema['format']>, (value: string, fail: Fail) => void> = {
  origin: (value, fail) => {
    if (!isOrigin(value))
      fail('must be an origin: scheme and host, with a port if needed, such as https://ocpi.example.com');
  },
  'http-url': (value, fail) => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') fail('must be an http or https URL');
    else if (parsed.username !== '' || parsed.password !== '') fail('must not contain credentials');
  },
  'date-time': (value, fail) => {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value) || Number.isNaN(Date.parse(value)))
      fail('must be a time such as 2026-01-31T12:00:00Z');
  },
};

/** Nothing but scheme, host and port. */
function isOrigin(value: string): boolean {
  return /^https?:\/\/[^/?#@\\\s]+$/i.test(value) && URL.canParse(value);
}

function checkNumber(schema: JsonSchema, value: number, fail: Fail): void {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (value < minimum) fail(`must not be less than ${minimum}`);
  else if (value > maximum) fail(`must not be greater than ${maximum}`);
  else if (schema.enum !== undefined && !schema.enum.includes(value)) fail(`must be one of ${schema.enum.join(', ')}`);
}

function checkList(
  schema: JsonSchema,
  value: readonly unknown[],
  pointer: string,
  errors: FieldError[],
  fail: Fail,
): void {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = schema;
  if (value.length < minItems) fail(`must have at least ${minItems} ${minItems === 1 ? 'entry' : 'entries'}`);
  else if (value.length > maxItems) fail(`must have at most ${maxItems} entries`);
  else if (items !== undefined)
    value.forEach((item, index) => {
      check(items, item, `${pointer}/${index}`, errors);
    });
}

function checkObject(schema: JsonSchema, value: object, pointer: string, errors: FieldError[], fail: Fail): void {
  const { properties = {}, required = [], additionalProperties = true, minProperties = 0 } = schema;
  for (const name of required)
    if (!Object.hasOwn(value, name)) errors.push({ pointer: join(pointer, name), detail: 'is missing' });
  const entries = Object.entries(value);
  if (entries.length < minProperties) fail('must name at least one thing to change');
  for (const [name, inner] of entries) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) check(known, inner, join(pointer, name), errors);
    else if (additionalProperties === false) errors.push({ pointer: join(pointer, name), detail: 'is not known here' });
    else if (additionalProperties !== true) check(additionalProperties, inner, join(pointer, name), errors);
  }
}

const join = (pointer: string, name: string): string =>
  `${pointer}/${name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`;

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function isOfType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
