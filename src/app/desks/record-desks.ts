import { type AuditDesk, type QualityDesk, timeOf } from '../../admin/index.js';
import { partyKey } from '../../kernel/party-ref.js';
import type { Partners } from '../../platform/partners/index.js';
import type { OddityCount } from '../../platform/storage/index.js';

/** The audit as the operator reads it. */
export function auditDesk(partners: Partners): AuditDesk {
  return {
    async list(limit, before) {
      return (await partners.audit.list(limit, before)).map((row) => ({
        seq: row.seq,
        at: timeOf(row.at),
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        result: row.result,
        source: row.source,
        detail: row.detail === null ? null : (JSON.parse(row.detail) as unknown),
      }));
    },
    firstBroken: () => partners.audit.firstBroken(),
  };
}

/** Where flagged objects of one module are counted. */
export interface OdditySource {
  readonly module: string;
  oddities(): Promise<readonly OddityCount[]>;
}

/** What is odd about the stored objects, by rule and owner. */
export function qualityDesk(sources: readonly OdditySource[]): QualityDesk {
  return {
    async report(filter, samples) {
      const found = await Promise.all(
        sources.map(async ({ module, oddities }) => (await oddities()).map((count) => ({ module, ...ownerOf(count) }))),
      );
      const counts = found.flat().filter((count) => fits(count, filter));
      return {
        total: counts.reduce((sum, { count }) => sum + count, 0),
        counts: counts.map(({ rule, country_code, party_id, count }) => ({ rule, country_code, party_id, count })),
        samples: counts.slice(0, samples).map(({ module, rule, country_code, party_id, object, detail }) => {
          return { rule, module, country_code, party_id, object, detail };
        }),
      };
    },
  };
}

function ownerOf({ rule, owner, objects, sample }: OddityCount) {
  const [country_code = '', party_id = ''] = owner.split('/');
  const gap = sample.indexOf(' ');
  return { rule, country_code, party_id, count: objects, object: sample.slice(0, gap), detail: sample.slice(gap + 1) };
}

function fits(
  count: { rule: string; country_code: string; party_id: string },
  filter: { rule?: string; countryCode?: string; partyId?: string },
): boolean {
  if (filter.rule !== undefined && filter.rule !== count.rule) return false;
  const wanted = partyKey({
    country_code: filter.countryCode ?? count.country_code,
    party_id: filter.partyId ?? count.party_id,
  });
  return wanted === partyKey(count);
}
