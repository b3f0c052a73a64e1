import type { ErrorObject } from 'ajv/dist/2020.js';
import { isSchema, type JsonSchema } from './schema-files.js';

/** Why a body is refused. */
export interface Violation {
  /** JSON pointer into the body; `''` is the whole body. */
  readonly pointer: string;
  /** What is wrong there, in the words of the field: `must have at least 1 item`. */
  readonly message: string;
}

/** Keywords that combine schemas: what they report is known better by the errors before them. */
const combining: ReadonlySet<string> = new Set(['allOf', 'anyOf', '$ref']);

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
};

/**
 * The one violation behind the errors of a failed validation. A nullable object is written as `anyOf` null or the object,
 * so the error that matters is the last one of a plain keyword; a condition between fields carries its own sentence.
 */
export function violationOf(errors: readonly ErrorObject[]): Violation {
  const condition = errors.find((error) => combining.has(error.keyword) && ownMessage(error) !== undefined);
  const error = condition ?? errors.findLast((candidate) => !combining.has(candidate.keyword));
  if (!error) return { pointer: '', message: 'is not valid' };
  if (error.keyword !== 'required') return { pointer: error.instancePath, message: sentence(error) };
  const name = String(error.params.missingProperty).replaceAll('~', '~0').replaceAll('/', '~1');
  return { pointer: `${error.instancePath}/${name}`, message: 'is required' };
}

function ownMessage(error: ErrorObject): string | undefined {
  const schema: JsonSchema = isSchema(error.parentSchema) ? error.parentSchema : {};
  const message = schema['x-message'];
  return typeof message === 'string' ? message : undefined;
}

function sentence(error: ErrorObject): string {
  const limit = Number(error.params.limit);
  const items = limit === 1 ? 'item' : 'items';
  switch (error.keyword) {
    case 'type':
      return error.data === null ? 'must not be null' : `must be ${typeName(error.params.type)}`;
    case 'enum':
      return `must be one of ${allowed(error.params.allowedValues)}`;
    case 'pattern':
      return ownMessage(error) ?? patternMessage(String(error.params.pattern));
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must be at least ${limit} characters long`;
    case 'maxLength':
      return `must be at most ${limit} characters long`;
    case 'minItems':
      return `must have at least ${limit} ${items}`;
    case 'maxItems':
      return `must have at most ${limit} ${items}`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    default:
      return ownMessage(error) ?? 'is not valid';
  }
}

function typeName(type: unknown): string {
  const names = (Array.isArray(type) ? type : [type]).map(String).filter((name) => name !== 'null');
  return names.map((name) => typeNames[name] ?? name).join(' or ') || 'null';
}

const allowed = (values: unknown): string => (Array.isArray(values) ? values.map(String).join(', ') : String(values));

/** The two patterns of OCPI's plain strings (D-01, D-03); every other pattern carries an `x-message`. */
export const plainPatterns: Readonly<Record<string, string>> = {
  '^[ -~]*$': 'must consist of printable ASCII characters',
  '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$':
    'must not contain line breaks, tabs or other control characters',
};

const patternMessage = (pattern: string): string => plainPatterns[pattern] ?? 'has the wrong form';
