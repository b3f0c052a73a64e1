import { isSchema, type JsonSchema, part, text } from './schema-files.js';

const patchId = (id: string): string => id.replace(/\.schema\.json$/, '.patch.schema.json');
const memberId = (id: string): string => id.replace(/\.schema\.json$/, '.member.schema.json');

/**
 * What PATCH may say about an object, derived from the object's schema: nothing is required but `last_updated` (O-10),
 * what is given must be right, and null is refused for what the object requires (O-13). Nested objects are replaced as a
 * whole and keep their full schema (O-19). Lists whose members have an id (`x-merge-key`) hold patches of their members,
 * each naming its member (L-19).
 */
export function patchSchema(schema: JsonSchema): JsonSchema {
  return derive(schema, patchId(text(schema, '$id') ?? ''), ['last_updated']);
}

/** The schema of one member of a list in a PATCH: as {@link patchSchema}, but needing only the member's id. */
export function memberPatchSchema(schema: JsonSchema, mergeKey: string): JsonSchema {
  return derive(schema, memberId(text(schema, '$id') ?? ''), [mergeKey]);
}

/** The members that a PATCH of this object can hold: the id of each member's schema with the key to merge by. */
export function mergedMembers(schema: JsonSchema): { id: string; mergeKey: string }[] {
  return Object.values(part(schema, 'properties')).flatMap((property) => {
    if (!isSchema(property)) return [];
    const mergeKey = text(property, 'x-merge-key');
    const reference = text(part(property, 'items'), '$ref');
    if (mergeKey === undefined || reference === undefined) return [];
    return [{ id: new URL(reference, text(schema, '$id')).href, mergeKey }];
  });
}

// Conditions between fields (`if`, `allOf`) are left out on purpose: a PATCH shows only some of the fields.
function derive(schema: JsonSchema, id: string, required: string[]): JsonSchema {
  const properties = Object.entries(part(schema, 'properties')).map(([name, property]) => [name, patched(property)]);
  return { $id: id, type: 'object', required, properties: Object.fromEntries(properties) };
}

function patched(property: unknown): unknown {
  if (!isSchema(property) || text(property, 'x-merge-key') === undefined) return property;
  return { ...property, items: { $ref: memberId(text(part(property, 'items'), '$ref') ?? '') } };
}
