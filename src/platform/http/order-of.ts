import { isCustomModule } from '../../kernel/module-id.js';
import type { RouteOrder } from '../forwarding/index.js';
import type { PartyRequest } from './define-module.js';

/** A request as it is passed on. What has an effect goes on even if its caller goes away: it would not learn of it otherwise. */
export function orderOf(request: PartyRequest): RouteOrder {
  const { method, module, interfaceRole, path, queryText, body, partner, from, ids, trace } = request;
  return {
    method,
    module,
    interfaceRole,
    path,
    query: queryText,
    body: body?.bytes,
    caller: partner,
    from,
    ids,
    trace,
    ...(method === 'GET' ? { signal: request.signal } : {}),
  };
}

/** The reference in a `Link` that the hub gave out. */
export function referenceIn({ module, queryText, query }: PartyRequest): string | undefined {
  // The query of a custom module is its own.
  return queryText.includes('via=') && !isCustomModule(module) ? (query.get('via') ?? undefined) : undefined;
}
