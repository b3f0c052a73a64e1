import {
  AdminProblem,
  conflict,
  type DataExportsView,
  type DataKeyView,
  type EvDataDesk,
  invalidRequest,
  timeOf,
  timeOrNull,
} from '../../admin/index.js';
import { type EvKeyRecord, ExportElsewhere, evScopes, type Here } from '../../extensions/here/index.js';
import type { Clock } from '../../kernel/clock.js';
import { partyKey } from '../../kernel/party-ref.js';
import type { Logger } from '../../platform/observability/index.js';
import type { Partners } from '../../platform/partners/index.js';

export interface EvDataDeskParts {
  readonly evData: Here;
  readonly partners: Pick<Partners, 'work'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

const dayMs = 86_400_000;

/** Keys and exports of the EV data API as the operator sees them. */
export function evDataDesk({ evData, partners, clock, logger }: EvDataDeskParts): EvDataDesk {
  const { keys, exports, predictions } = evData;
  async function shown(): Promise<DataExportsView> {
    const { making, last } = exports.state();
    const versions = await exports.list();
    return {
      making,
      versions: versions.map(({ manifest: { version, generatedAt, counts, files } }) => ({
        version,
        generated_at: generatedAt,
        locations: counts.locations,
        files: files.length,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      })),
      ...(last && 'error' in last ? { last_error: last.error } : {}),
    };
  }
  return {
    keys: () => keys.list().map(keyView),
    async createKey({ name, scopes: wanted, party, expiresInDays }, actor) {
      const scopes = evScopes.filter((scope) => wanted?.includes(scope) ?? true);
      const unknown = wanted?.find((scope) => !evScopes.some((known) => known === scope));
      if (unknown !== undefined)
        throw new AdminProblem(
          400,
          'invalid-request',
          'The request is not valid',
          `There is no scope ${unknown}; there are ${evScopes.join(', ')}.`,
        );
      const { text, record } = await keys.create({
        name,
        scopes,
        party: party && partyKey(party),
        expiresAt: expiresInDays === undefined ? undefined : clock.now() + expiresInDays * dayMs,
      });
      await partners.work.note({
        actor,
        action: 'ev-key.created',
        subject: `ev-key:${record.id}`,
        result: 'ok',
        detail: { name, scopes },
      });
      return { ...keyView(record), key: text };
    },
    async revokeKey(id, actor) {
      const isRevoked = await keys.revoke(id);
      if (isRevoked)
        await partners.work.note({
          actor,
          action: 'ev-key.revoked',
          subject: `ev-key:${id}`,
          result: 'ok',
          detail: {},
        });
      return isRevoked;
    },
    exports: shown,
    async makeExport() {
      exports.make().catch((error: unknown) => {
        if (!(error instanceof ExportElsewhere)) logger.warn({ err: error }, 'ev.export-failed');
      });
      return shown();
    },
    async importHistory(items, actor) {
      // What has not come yet would take the place of what has been: only the newest days are kept.
      const latest = new Date(clock.now() + dayMs).toISOString().slice(0, 10);
      const early = items.flatMap(({ occ }, at) =>
        Object.keys(occ)
          .filter((date) => date > latest)
          .map((date) => ({ pointer: `/items/${at}/occ/${date}`, detail: 'has not come yet' })),
      );
      if (early.length > 0) throw invalidRequest(early);
      const { ready } = await predictions.state();
      if (!ready) throw conflict('The stored Locations are still being read; try again in a moment.');
      const counts = await predictions.import(items);
      await partners.work.note({
        actor,
        action: 'ev-history.imported',
        subject: 'ev-history',
        result: 'ok',
        detail: { ...counts },
      });
      return counts;
    },
    history: () => predictions.state(),
    async backtest(days) {
      const { from, to, lastValue, meanByHour, ...report } = await predictions.backtest(days);
      return { ...report, from: from ?? null, to: to ?? null, last_value: lastValue, mean_by_hour: meanByHour };
    },
  };
}

const keyView = ({ id, name, scopes, party, createdAt, expiresAt }: EvKeyRecord): DataKeyView => ({
  id,
  name,
  scopes: [...scopes],
  party: party ?? null,
  created_at: timeOf(createdAt),
  expires_at: timeOrNull(expiresAt),
});
