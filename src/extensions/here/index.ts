export { createHere, type Here } from './create-here.js';
export type { HereParts } from './here-parts.js';
export type { EvKeyRecord } from './http/ev-keys.js';
export { evScopes } from './http/ev-route.js';
export { EvKeys1700000018000 } from './http/migrations/1700000018000-ev-keys.js';
export { PostgresEvKeys1700000118000 } from './http/migrations/postgres/1700000118000-ev-keys.js';
export type { CdrJudgement } from './pricing/judge-cdr.js';
export { ExportElsewhere } from './static/static-exports.js';

import { hereLocationOddities, hereTariffOddities } from './carriage/oddities.js';

/**
 * HERE's EV extensions as the OCPI modules know them: the name they travel under, how a PATCH merges below it, and what is reported
 * of their contents, which are stored and passed on unchanged.
 */
export const hereExtension = {
  /** The vendor object on Location, EVSE, Connector and Tariff; a PATCH merges it one level deep. */
  key: 'here_ext',
  /** What is strange in it is reported, not refused. */
  locationOddities: hereLocationOddities,
  tariffOddities: hereTariffOddities,
} as const;
