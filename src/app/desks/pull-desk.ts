import { type PullDesk, type PullView, timeOf, timeOrNull } from '../../admin/index.js';
import type { Partners } from '../../platform/partners/index.js';
import type { PullService, PullState } from '../../platform/pull/index.js';

/** Pulls as the operator sees and starts them. */
export function pullDesk(pulls: PullService, partners: Partners): PullDesk {
  const views = async (): Promise<PullView[]> =>
    (await pulls.progress()).map((state) => pullView(state, partners.directory.byId(state.partner)?.name ?? ''));
  return {
    async start(partnerId, { full }, actor) {
      await partners.work.note({ actor, action: 'partner.pull', subject: `partner:${partnerId}`, result: 'ok' });
      await pulls.request(partnerId, full);
      return (await views()).filter((view) => view.partner_id === partnerId);
    },
    progress: views,
  };
}

function pullView(state: PullState, partner: string): PullView {
  return {
    partner_id: state.partner,
    partner,
    party: state.party,
    module: state.module,
    state: state.phase,
    full: state.full,
    started_at: timeOf(state.startedAt),
    ended_at: timeOrNull(state.finishedAt),
    pages: state.pages,
    objects: state.stored + state.unchanged + state.refused + state.foreign,
    total: state.totalCount ?? null,
    stored: state.stored,
    refused: state.refused,
    refusals: state.refusals ?? [],
    detail: state.note ?? null,
  };
}
