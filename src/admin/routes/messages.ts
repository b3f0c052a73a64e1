import { messageOutcomes } from '../../platform/messages/index.js';
import type { MessageFilter } from '../ports.js';
import { type Route, route } from '../route.js';
import { choice, type Infer, integer, object, string } from '../schema.js';
import { messagesView } from '../views.js';

const query = object(
  {},
  {
    partner_id: string({ minLength: 1, maxLength: 64, description: 'who asked, or was considered' }),
    party: string({
      pattern: '^[A-Za-z]{2}/[A-Za-z0-9]{3}$',
      description: 'a party such as DE/CP1: who asked, whom the request named, or who was considered',
    }),
    module: string({ minLength: 1, maxLength: 64 }),
    correlation_id: string({ minLength: 1, maxLength: 64, description: 'X-Correlation-ID' }),
    request_id: string({ minLength: 1, maxLength: 64, description: 'X-Request-ID of either leg' }),
    outcome: choice(messageOutcomes),
    scenario: string({ minLength: 1, maxLength: 40, description: 'such as direct, open, broadcast, get-all' }),
    since: string({ format: 'date-time' }),
    until: string({ format: 'date-time' }),
    limit: integer({ minimum: 1, maximum: 1000, default: 100 }),
    before: integer({ minimum: 1, description: '`next` of the page before' }),
  },
);

function filterOf(wish: Infer<typeof query>): MessageFilter {
  return {
    ...(wish.partner_id === undefined ? {} : { partnerId: wish.partner_id }),
    ...(wish.party === undefined ? {} : { party: wish.party.toUpperCase() }),
    ...(wish.module === undefined ? {} : { module: wish.module }),
    ...(wish.correlation_id === undefined ? {} : { correlationId: wish.correlation_id }),
    ...(wish.request_id === undefined ? {} : { requestId: wish.request_id }),
    ...(wish.outcome === undefined ? {} : { outcome: wish.outcome }),
    ...(wish.scenario === undefined ? {} : { scenario: wish.scenario }),
    ...(wish.since === undefined ? {} : { since: Date.parse(wish.since) }),
    ...(wish.until === undefined ? {} : { until: Date.parse(wish.until) }),
  };
}

/** What partners asked of the hub, and how it was routed. */
export const messageRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/messages',
    operation: 'listMessages',
    permission: 'operator',
    summary: 'What partners asked, where it went and why there, and what came back',
    query,
    responses: { 200: { description: 'A page of the message log', schema: messagesView } },
    async handle({ messages }, { query: { limit = 100, before, ...wish } }) {
      return { status: 200, body: await messages.find(filterOf(wish), limit, before) };
    },
  }),
];
