import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { maxLengthKeyword } from './max-length-keyword.js';
import { memberPatchSchema, mergedMembers, patchSchema } from './patch-schema.js';
import { type JsonSchema, readSchemas, schemaDirectory, text } from './schema-files.js';
import { type PatchableName, patchableNames, type SchemaName, schemaNames } from './schema-names.js';
import { type Violation, violationOf } from './violation.js';

/** Keywords of ours that say something to people and tools and nothing to the validation. */
export const annotations = ['x-spec', 'x-known-values', 'x-message', 'x-merge-key', 'x-extends', 'x-expected'] as const;

/**
 * The schemas of `ocpi-schemas`, compiled once. Values are judged as they are: nothing is coerced, filled in or removed,
 * and unknown fields are let through (T-36). Only structural violations are found here (D-16, first class).
 */
export class SchemaRegistry {
  readonly #objects: ReadonlyMap<string, ValidateFunction>;
  readonly #patches: ReadonlyMap<string, ValidateFunction>;

  private constructor(objects: ReadonlyMap<string, ValidateFunction>, patches: ReadonlyMap<string, ValidateFunction>) {
    this.#objects = objects;
    this.#patches = patches;
  }

  /** Reads and compiles the schemas; throws an Error that names the file or schema which is wrong or missing. */
  static load(directory: string = schemaDirectory()): SchemaRegistry {
    const schemas = readSchemas(directory);
    const ajv = new Ajv2020({ strict: true, allErrors: false, verbose: true, messages: false });
    ajv.addVocabulary([...annotations]);
    ajv.removeKeyword('maxLength').addKeyword(maxLengthKeyword);
    for (const schema of schemas.values()) ajv.addSchema(schema);
    addPatchSchemas(ajv, schemas);
    return new SchemaRegistry(
      new Map(schemaNames.map((name) => [name, compiled(ajv, idOf(schemas, name))])),
      new Map(patchableNames.map((name) => [name, compiled(ajv, text(patchSchema(find(schemas, name)), '$id') ?? '')])),
    );
  }

  /** The first violation in a whole object, or `undefined` if it may be stored. */
  validate(name: SchemaName, value: unknown): Violation | undefined {
    return run(this.#objects.get(name), value);
  }

  /** The first violation in the body of a PATCH of such an object (O-10, O-13, O-19, L-19). */
  validatePatch(name: PatchableName, value: unknown): Violation | undefined {
    return run(this.#patches.get(name), value);
  }
}

function run(validate: ValidateFunction | undefined, value: unknown): Violation | undefined {
  if (!validate) throw new TypeError('There is no schema of this name.');
  return validate(value) ? undefined : violationOf(validate.errors ?? []);
}

function find(schemas: ReadonlyMap<string, JsonSchema>, name: string): JsonSchema {
  const schema = schemas.get(name);
  if (!schema) throw new Error(`The schema ${name} is missing.`);
  return schema;
}

const idOf = (schemas: ReadonlyMap<string, JsonSchema>, name: string): string => text(find(schemas, name), '$id') ?? '';

function compiled(ajv: Ajv2020, id: string): ValidateFunction {
  const validate = ajv.getSchema(id);
  if (!validate) throw new Error(`The schema ${id} is missing.`);
  return validate;
}

function addPatchSchemas(ajv: Ajv2020, schemas: ReadonlyMap<string, JsonSchema>): void {
  const byId = new Map([...schemas.values()].map((schema) => [text(schema, '$id'), schema]));
  const members = new Map<string, JsonSchema>();
  for (const name of patchableNames) {
    const schema = find(schemas, name);
    ajv.addSchema(patchSchema(schema));
    for (const { id, mergeKey } of mergedMembers(schema)) {
      const member = byId.get(id);
      if (!member) throw new Error(`The schema ${id} is missing.`);
      members.set(id, memberPatchSchema(member, mergeKey));
    }
  }
  for (const schema of members.values()) ajv.addSchema(schema);
}
