/** Reading of values that anybody may have written: what is of the wrong type reads as absent. */

export type Members = Readonly<Record<string, unknown>>;

const none: readonly never[] = [];

export function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : none;
}

/** A text with something in it; control characters and outer space are no part of what is shown. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const plain = hasControl(value) ? value.replace(/\p{Cc}+/gu, ' ').trim() : value.trim();
  return plain === '' ? undefined : plain;
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  }
  return false;
}

export function flagOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** A finite number; texts are none. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function oneOf<T extends string>(known: readonly T[], value: unknown): T | undefined {
  return (known as readonly unknown[]).includes(value) ? (value as T) : undefined;
}

/** The known values of a list, each once, in their order; undefined if there is no list. */
export function knownOf<T extends string>(known: readonly T[], value: unknown): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return [...new Set(value.filter((one): one is T => (known as readonly unknown[]).includes(one)))];
}

/** Without the members that are undefined. */
export function compact<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): T {
  const out: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== undefined) out[key] = value[key];
  return out as T;
}
