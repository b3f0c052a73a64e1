import type { ParkedFilter } from '../ports.js';
import { type Route, route } from '../route.js';
import { type Infer, integer, list, object, string } from '../schema.js';
import { laneView, parkedView, pullView } from '../views.js';

const filterFields = {
  partner_id: string({ minLength: 1, maxLength: 64 }),
  module: string({ minLength: 1, maxLength: 40 }),
  object: string({ minLength: 1, maxLength: 300, description: 'one object, as the list shows it' }),
};
const replayRequest = object(
  {},
  { ...filterFields, from: string({ format: 'date-time' }), to: string({ format: 'date-time' }) },
  { title: 'ReplayRequest', description: 'Which parked objects; what is not named does not narrow the choice' },
);

function filterOf(wish: Infer<typeof replayRequest>): ParkedFilter {
  return {
    ...(wish.partner_id === undefined ? {} : { partnerId: wish.partner_id }),
    ...(wish.module === undefined ? {} : { module: wish.module }),
    ...(wish.object === undefined ? {} : { object: wish.object }),
    ...(wish.from === undefined ? {} : { parkedFrom: Date.parse(wish.from) }),
    ...(wish.to === undefined ? {} : { parkedTo: Date.parse(wish.to) }),
  };
}

/** What the hub sends out and takes in by itself. */
export const deliveryRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/lanes',
    operation: 'listLanes',
    permission: 'operator',
    summary: 'How far each partner has got in the change sequence',
    responses: { 200: { description: 'One lane for each partner', schema: list(laneView) } },
    async handle({ lanes }) {
      return { status: 200, body: await lanes.lanes() };
    },
  }),
  route({
    method: 'GET',
    path: '/api/parked',
    operation: 'listParked',
    permission: 'operator',
    summary: 'Objects that partners keep refusing (dead letters); X-Total-Count has the number of all',
    query: object({}, { ...filterFields, limit: integer({ minimum: 1, maximum: 10_000, default: 1000 }) }),
    responses: { 200: { description: 'Newest first', schema: list(parkedView) } },
    async handle({ lanes }, { query }) {
      const { limit = 1000, ...wish } = query;
      const { total, items } = await lanes.parked(filterOf(wish), limit);
      return { status: 200, body: items, headers: { 'X-Total-Count': String(total) } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/parked/replay',
    operation: 'replayParked',
    permission: 'operator',
    summary: 'Send the present state of parked objects again: those that are named, or all',
    body: replayRequest,
    bodyOptional: true,
    responses: { 200: { description: 'How many objects are on their way', schema: object({ replayed: integer() }) } },
    async handle({ lanes }, { body, actor }) {
      return { status: 200, body: { replayed: await lanes.replay(filterOf(body), actor) } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/pulls',
    operation: 'listPulls',
    permission: 'operator',
    summary: 'Pulls that run, wait, or were the last of their kind',
    responses: { 200: { description: 'By partner and module', schema: list(pullView) } },
    async handle({ pulls }) {
      return { status: 200, body: await pulls.progress() };
    },
  }),
];
