import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A JSON Schema document, or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const version = '2.2.1';
const suffix = '.schema.json';

/** True for a JSON object: neither null nor an array. */
export const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object under a keyword, or an empty one. */
export const part = (schema: JsonSchema, keyword: string): JsonSchema => {
  const value = schema[keyword];
  return isSchema(value) ? value : {};
};

/** The text under a keyword, if it is text. */
export const text = (schema: JsonSchema, keyword: string): string | undefined => {
  const value = schema[keyword];
  return typeof value === 'string' ? value : undefined;
};

/**
 * The folder `ocpi-schemas` beside the nearest `package.json` above this file: it is found from `src` and from `dist`.
 * Throws an Error if there is none.
 */
export function schemaDirectory(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = path.join(folder, 'ocpi-schemas');
    if (existsSync(candidate) && existsSync(path.join(folder, 'package.json'))) return candidate;
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('The folder ocpi-schemas is missing; reinstall the package.');
    folder = parent;
  }
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(suffix))
    .sort()
    .map((file) => path.join(folder, file));
}

function readSchema(file: string): JsonSchema {
  const schema: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isSchema(schema)) throw new Error(`${file} is no JSON Schema document.`);
  return schema;
}

/**
 * Reads the schemas of this OCPI version by name and lays the overlays of `extensions/` over them: an overlay adds its
 * properties to the object named by its `x-extends`. An overlay cannot change a property of OCPI.
 */
export function readSchemas(directory: string): Map<string, JsonSchema> {
  const base = path.join(directory, version);
  const byId = new Map<string, { name: string; schema: JsonSchema }>();
  for (const file of filesBelow(base)) {
    const schema = readSchema(file);
    const name = path.relative(base, file).slice(0, -suffix.length).split(path.sep).join('/');
    byId.set(text(schema, '$id') ?? name, { name, schema });
  }
  for (const file of filesBelow(path.join(directory, 'extensions'))) {
    const overlay = readSchema(file);
    const target = byId.get(text(overlay, 'x-extends') ?? '');
    if (!target) throw new Error(`${file} extends a schema that does not exist.`);
    const properties = { ...part(overlay, 'properties'), ...part(target.schema, 'properties') };
    target.schema = { ...target.schema, properties };
  }
  return new Map([...byId.values()].map(({ name, schema }) => [name, schema]));
}
