// Writes src/generated/*.ts, the TypeScript types of the schemas in ocpi-schemas.
// `node scripts/generate-schemas.mjs` writes; with `--check` it writes nothing and fails when a file is out of date.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const schemas = path.join(root, 'ocpi-schemas');
const generated = path.join(root, 'src', 'generated');

/** Each generated file and the folder of schemas that it is made from. */
const outputs = [
  { file: 'ocpi.ts', folder: path.join(schemas, '2.2.1') },
  { file: 'here.ts', folder: path.join(schemas, 'extensions', 'here') },
];

const banner = '// Generated from ocpi-schemas by `npm run schemas:generate`. Do not edit.\n';

function readSchemas(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.schema.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
}

const quoted = (values) => values.map((value) => `'${value}'`).join(' | ');

const listOf = (type) => (/^\w+$/.test(type) ? `${type}[]` : `Array<${type}>`);

/** The TypeScript type of a property, where it is not what json-schema-to-typescript would make of it by itself. */
function tsType(schema, base, titles) {
  if (schema.$ref) return titles.get(new URL(schema.$ref, base).href);
  if (schema.anyOf)
    return schema.anyOf
      .map((branch) => tsType(branch, base, titles))
      .reverse()
      .join(' | ');
  const types = [schema.type].flat();
  const plain = types.find((type) => type !== 'null');
  const nullable = types.includes('null') && schema.type !== 'null' ? ' | null' : '';
  if (schema['x-known-values'] && plain === 'string')
    return `${quoted(schema['x-known-values'])} | (string & {})${nullable}`;
  if (plain === 'array') return `${listOf(tsType(schema.items, base, titles))}${nullable}`;
  if (plain === 'object') return `{ [key: string]: unknown }${nullable}`;
  return schema.type === undefined
    ? 'unknown'
    : types.map((type) => (type === 'integer' ? 'number' : type)).join(' | ');
}

/** The schema as json-schema-to-typescript is to see it: each property with its type in words, each with its anchor. */
function prepared(schema, titles) {
  // A property has its anchor in the schema; in the types it is said once, at the object, unless it differs.
  const note = (part) => {
    const expected = part['x-expected'] && `Expected: ${part['x-expected']}.`;
    const anchor = part['x-spec'];
    const differs = anchor && (part === schema || anchor !== schema['x-spec']);
    return [part.description, expected, differs && `Spec: ${anchor}.`].filter(Boolean).join('\n');
  };
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    { description: note(property), tsType: tsType(property, schema.$id, titles) },
  ]);
  if (properties.length === 0) {
    return {
      title: schema.title,
      description: note(schema),
      type: 'string',
      ...(schema.enum && { enum: schema.enum }),
    };
  }
  return {
    title: schema.title,
    description: note(schema),
    type: 'object',
    required: schema.required ?? [],
    properties: Object.fromEntries(properties),
  };
}

/** An overlay is typed by what it adds: the contents of its one vendor object. */
function unwrapped(schema) {
  if (!schema['x-extends']) return schema;
  const [vendor] = Object.values(schema.properties);
  return { ...schema, 'x-spec': vendor['x-spec'], required: [], properties: vendor.properties };
}

async function typesOf(folder) {
  const all = readSchemas(folder);
  const titles = new Map(all.map((schema) => [schema.$id, schema.title]));
  const options = {
    bannerComment: '',
    format: true,
    style: { singleQuote: true, printWidth: 120, trailingComma: 'all' },
  };
  const parts = [];
  for (const schema of all) parts.push(await compile(prepared(unwrapped(schema), titles), schema.title, options));
  return `${banner}\n${parts.join('\n')}`;
}

const check = process.argv.includes('--check');
let stale = 0;
for (const { file, folder } of outputs) {
  const target = path.join(generated, file);
  const wanted = await typesOf(folder);
  if (existsSync(target) && readFileSync(target, 'utf8') === wanted) continue;
  stale += 1;
  if (check) continue;
  mkdirSync(generated, { recursive: true });
  writeFileSync(target, wanted);
  console.log(`wrote src/generated/${file}`);
}
if (check && stale > 0) {
  console.error('src/generated does not match ocpi-schemas: run `npm run schemas:generate` and commit the result.');
  process.exitCode = 1;
}
