import type { Partner, Partners } from '../platform/partners/index.js';
import type { Modules } from './modules.js';

/** How many objects of a partner's parties are stored, by kind. */
export async function objectsOf(modules: Modules, partner: Partner): Promise<Record<string, number>> {
  const owners = partner.roles.filter((role) => role.role === 'CPO');
  // Tokens belong to those who own nothing else.
  const tokens = await modules.tokens.countOf(partner.roles);
  return {
    locations: await modules.locations.countOf(owners),
    tariffs: await modules.tariffs.countOf(owners),
    ...(tokens > 0 ? { tokens } : {}),
  };
}

/** How many objects are stored, by kind. */
export async function countObjects(modules: Modules): Promise<ReadonlyMap<string, number>> {
  return new Map([
    ['locations', await modules.locations.countOf()],
    ['tariffs', await modules.tariffs.countOf()],
    ['tokens', await modules.tokens.countOf()],
  ]);
}

/** How many partners there are in each status. */
export function countByStatus(partners: Partners): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of partners.directory.all()) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}
