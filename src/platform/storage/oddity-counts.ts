import type { Database } from 'better-sqlite3';

/** How many stored objects of an owner bend a rule. */
export interface OddityCount {
  readonly rule: string;
  /** Party key, `DE/CP1`. */
  readonly owner: string;
  readonly objects: number;
  /** One of them, with where and what. */
  readonly sample: string;
}

/** Counts flagged objects of a table by rule and owner; the table has the columns `id`, `key`, `owner` and `oddities` (JSON). */
export function countOddities(reader: Database, table: string): OddityCount[] {
  return reader
    .prepare(
      `SELECT json_extract(o.value, '$.rule') AS rule, t.owner AS owner, count(DISTINCT t.id) AS objects,
              min(t.key || ' ' || json_extract(o.value, '$.pointer') || ': ' || json_extract(o.value, '$.message')) AS sample
       FROM ${table} t, json_each(t.oddities) o WHERE t.oddities IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
    )
    .all() as OddityCount[];
}
