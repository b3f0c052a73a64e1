import { fromWire, toWire } from './wire-text.js';

/** A JSON object as values. */
export type JsonObject = Record<string, unknown>;

/** Reads wire text; undefined if it is no JSON object. */
export function readObject(wire: string | undefined): JsonObject | undefined {
  if (wire === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(fromWire(wire));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a value as wire text. */
export const writeJson = (value: unknown): string => toWire(JSON.stringify(value));

/** A string member, or undefined. */
export function textIn(object: JsonObject | undefined, name: string): string | undefined {
  const value = object?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** An object member, or undefined. */
export function objectIn(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object?.[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** Names of those required members that are absent or null (T-39). */
export const missingIn = (object: JsonObject, names: readonly string[]): string[] =>
  names.filter((name) => object[name] === undefined || object[name] === null);
