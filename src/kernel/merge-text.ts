import { memberTexts, withMembers } from './json-text.js';

/**
 * The text of an object after a PATCH, with everything that the PATCH does not name as it was (O-09).
 *
 * A null takes an optional field away (O-13). Plain lists and nested objects are replaced as a whole (O-14, O-19); a vendor's
 * extension object merges one level deep.
 */
export function mergeObject(object: string, patch: string, extensionKeys: ReadonlySet<string>): string {
  const values = new Map<string, string | undefined>();
  for (const [key, value] of memberTexts(patch)) {
    if (value === 'null') values.set(key, undefined);
    else if (extensionKeys.has(key) && value.startsWith('{')) values.set(key, mergeExtension(object, key, value));
    else values.set(key, value);
  }
  return withMembers(object, values);
}

function mergeExtension(object: string, key: string, patch: string): string {
  const present = memberTexts(object).get(key);
  const base = present?.startsWith('{') ? present : '{}';
  const values = new Map<string, string | undefined>();
  for (const [name, value] of memberTexts(patch)) values.set(name, value === 'null' ? undefined : value);
  return withMembers(base, values);
}
