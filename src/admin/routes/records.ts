import { type Route, route } from '../route.js';
import { boolean, integer, object, string } from '../schema.js';
import { auditView, qualityView } from '../views.js';

/** What was done, and what the data look like. */
export const recordRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/audit',
    operation: 'listAudit',
    permission: 'operator',
    summary: 'Who did what to registrations, tokens and partners, and whether the record is whole',
    query: object(
      {},
      {
        limit: integer({ minimum: 1, maximum: 1000, default: 100 }),
        before: integer({ minimum: 1 }),
        verify: boolean({ default: true, description: 'Go through the whole chain of hashes' }),
      },
    ),
    responses: { 200: { description: 'A page of the record', schema: auditView } },
    async handle({ audit }, { query: { limit = 100, before, verify = true } }) {
      const entries = await audit.list(limit, before);
      const broken = verify ? await audit.firstBroken() : undefined;
      const chain = verify ? { intact: broken === undefined, first_broken: broken ?? null } : null;
      const next = entries.length < limit ? null : (entries.at(-1)?.seq ?? null);
      return { status: 200, body: { chain, entries, next } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/quality',
    operation: 'getQuality',
    permission: 'operator',
    summary: 'Flagged objects: how many by rule and party, and samples',
    query: object(
      {},
      {
        rule: string({ minLength: 1, maxLength: 100 }),
        country_code: string({ minLength: 2, maxLength: 2 }),
        party_id: string({ minLength: 3, maxLength: 3 }),
        limit: integer({ minimum: 0, maximum: 1000, default: 50, description: 'most samples' }),
      },
    ),
    responses: { 200: { description: 'The report', schema: qualityView } },
    async handle({ quality }, { query: { rule, country_code: countryCode, party_id: partyId, limit = 50 } }) {
      const filter = {
        ...(rule === undefined ? {} : { rule }),
        ...(countryCode === undefined ? {} : { countryCode }),
        ...(partyId === undefined ? {} : { partyId }),
      };
      return { status: 200, body: await quality.report(filter, limit) };
    },
  }),
];
