import { type MessageDesk, type MessageView, timeOf } from '../../admin/index.js';
import type { LoggedMessage, MessageLog } from '../../platform/messages/index.js';
import type { Partners } from '../../platform/partners/index.js';

/** The message log as the operator reads it: what was asked until now. */
export function messageDesk(log: MessageLog, partners: Partners): MessageDesk {
  const nameOf = (partnerId: string): string => partners.directory.byId(partnerId)?.name ?? '';
  return {
    async find(filter, limit, before) {
      // Of this node; what others have taken follows within moments.
      if (before === undefined) await log.flush();
      const { items, next } = await log.find(filter, limit, before);
      return { messages: items.map((item) => messageView(item, nameOf)), next: next ?? null };
    },
  };
}

function messageView(message: LoggedMessage, nameOf: (partnerId: string) => string): MessageView {
  return {
    seq: message.place,
    at: timeOf(message.at),
    duration_ms: message.durationMs,
    partner_id: message.partnerId,
    partner: nameOf(message.partnerId),
    from: message.from ?? null,
    to: message.to ?? null,
    module: message.module,
    interface: message.interfaceRole ?? null,
    method: message.method,
    path: message.path,
    scenario: message.scenario ?? null,
    rules: message.rules,
    candidates: message.candidates.map(({ party, partnerId, why, leg }) => ({
      party,
      partner_id: partnerId ?? null,
      partner: partnerId === undefined ? null : nameOf(partnerId),
      why,
      ...(leg === undefined ? {} : { leg: legView(leg) }),
    })),
    candidates_left_out: message.candidatesLeftOut ?? 0,
    http_status: message.httpStatus,
    status_code: message.statusCode,
    outcome: message.outcome,
    request_id: message.requestId,
    correlation_id: message.correlationId,
  };
}

const legView = (leg: NonNullable<LoggedMessage['candidates'][number]['leg']>) => ({
  request_id: leg.requestId ?? null,
  http_status: leg.httpStatus ?? null,
  status_code: leg.statusCode ?? null,
  outcome: leg.outcome,
  duration_ms: leg.durationMs,
});
