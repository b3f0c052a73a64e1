import { itemsAt, memberOf, membersAt, stringMember } from '../wire/json-scan.js';
import { mergeObject } from '../wire/merge.js';

/**
 * Merges a PATCH into a Session: members replace, but `charging_periods` are appended, except for those that are there
 * already (same `start_date_time`: a repetition). Works on wire text.
 *
 * Spec: 2.2.1 §9.2.2.3 (S-09, S-10).
 */
export function mergeSession(held: string, patch: string): string {
  const members = membersAt(patch, 0) ?? [];
  const given = memberOf(members, 'charging_periods');
  if (given === undefined) return mergeObject(held, patch);
  const before = periodsOf(held);
  const starts = new Set(before.map(startOf));
  const added = periodsIn(patch, given.start).filter((period) => !starts.has(startOf(period)));
  const all = `[${[...before, ...added].join(',')}]`;
  return mergeObject(held, patch.slice(0, given.start) + all + patch.slice(given.end));
}

/** The charging periods of a Session, each as wire text. */
export function periodsOf(session: string): string[] {
  const member = memberOf(membersAt(session, 0) ?? [], 'charging_periods');
  return member === undefined ? [] : periodsIn(session, member.start);
}

const periodsIn = (text: string, at: number): string[] =>
  (itemsAt(text, at) ?? []).map(({ start, end }) => text.slice(start, end));

const startOf = (period: string): string => stringMember(period, membersAt(period, 0) ?? [], 'start_date_time') ?? '';
