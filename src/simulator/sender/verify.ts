import { isSuccess } from '../http/ocpi-answer.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import { canonicalHash } from '../wire/canonical.js';
import type { Catalogue } from './catalogue.js';
import { forEachConcurrently } from './worker-pool.js';

/** How the peer's copy compares with the owner's objects. */
export interface Verification {
  equal: number;
  different: number;
  missing: number;
  /** No answer, or another error than 404. */
  failed: number;
  examples: { key: string; problem: string }[];
}

const EXAMPLES = 20;

/** Owner's check: GETs every object at the peer's RECEIVER and compares it with its own (O-16). */
export async function verify(catalogue: Catalogue, client: OcpiClient, concurrency = 16): Promise<Verification> {
  const result: Verification = { equal: 0, different: 0, missing: 0, failed: 0, examples: [] };
  const entries = [...catalogue.list('tariffs'), ...catalogue.list('locations')];
  await forEachConcurrently(entries, concurrency, async (entry) => {
    const { module, owner, id, text } = entry;
    const path = [owner.country_code, owner.party_id, id];
    const problem = await client.call({ method: 'GET', module, role: 'RECEIVER', path, from: owner }).then(
      (answer) => {
        if (answer.http === 404) return 'missing' as const;
        if (!isSuccess(answer) || answer.data === undefined) return 'failed' as const;
        return canonicalHash(answer.data) === canonicalHash(text) ? undefined : ('different' as const);
      },
      () => 'failed' as const,
    );
    result[problem ?? 'equal'] += 1;
    if (problem !== undefined && result.examples.length < EXAMPLES) {
      result.examples.push({ key: catalogue.keyOf(entry), problem });
    }
  });
  return result;
}
