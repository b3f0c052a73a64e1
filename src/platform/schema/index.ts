export type { Oddity } from '../../kernel/oddity.js';
export { type PatchableName, patchableNames, type SchemaName, schemaNames } from './schema-names.js';
export { SchemaRegistry } from './schema-registry.js';
export type { Violation } from './violation.js';
