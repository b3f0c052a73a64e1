import {
  backtestView,
  dataExportsView,
  dataKeyView,
  historyRequest,
  historyTaken,
  historyView,
  newDataKey,
  newDataKeyView,
} from '../ev-data-views.js';
import { invalidRequest, unknownThing } from '../problem.js';
import { type Route, route } from '../route.js';
import { integer, list, object } from '../schema.js';

/** Years of many Locations have room in few calls. */
const historyBytes = 1024 * 1024;

/** Who may read the EV data API, and the files that it serves. */
export const evDataRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/ev/keys',
    operation: 'createDataKey',
    permission: 'operator',
    summary: 'Make a key of the EV data API',
    body: newDataKey,
    responses: { 201: { description: 'The key, in clear this once', schema: newDataKeyView } },
    async handle({ evData }, { body, actor }) {
      const { name, scopes, party, expires_in_days: expiresInDays } = body;
      const wish = {
        name,
        ...(scopes === undefined ? {} : { scopes }),
        ...(party === undefined ? {} : { party }),
        ...(expiresInDays === undefined ? {} : { expiresInDays }),
      };
      return { status: 201, body: await evData.createKey(wish, actor) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/ev/keys',
    operation: 'listDataKeys',
    permission: 'operator',
    summary: 'Keys of the EV data API, without the keys themselves',
    responses: { 200: { description: 'Oldest first', schema: list(dataKeyView) } },
    async handle({ evData }) {
      return { status: 200, body: await evData.keys() };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/ev/keys/{id}',
    operation: 'deleteDataKey',
    permission: 'operator',
    summary: 'End a key; it is refused from then on',
    responses: { 204: { description: 'It is good for nothing any more' } },
    problems: { 404: 'No such key' },
    async handle({ evData }, { params, actor }) {
      if (!(await evData.revokeKey(params.id ?? '', actor))) throw unknownThing('key');
      return { status: 204 };
    },
  }),
  route({
    method: 'POST',
    path: '/api/ev/exports',
    operation: 'makeDataExport',
    permission: 'operator',
    summary: 'Make a version of the static data product now',
    body: object({}),
    bodyOptional: true,
    responses: { 202: { description: 'It is being made', schema: dataExportsView } },
    async handle({ evData }, { actor }) {
      return { status: 202, body: await evData.makeExport(actor) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/ev/exports',
    operation: 'listDataExports',
    permission: 'operator',
    summary: 'Versions of the static data product',
    responses: { 200: { description: 'Newest first', schema: dataExportsView } },
    async handle({ evData }) {
      return { status: 200, body: await evData.exports() };
    },
  }),
  route({
    method: 'POST',
    path: '/api/ev/history',
    operation: 'importHistory',
    permission: 'operator',
    summary: 'Take in how busy Locations were, for predictions',
    body: historyRequest,
    bodyBytes: historyBytes,
    responses: { 202: { description: 'It is stored, and predictions are made of it soon', schema: historyTaken } },
    problems: { 409: 'The stored Locations are still being read' },
    async handle({ evData }, { body: { items }, actor }) {
      const errors = items.flatMap(({ occ }, at) =>
        Object.keys(occ)
          .filter((date) => !isCalendarDate(date))
          .map((date) => ({ pointer: `/items/${at}/occ/${date}`, detail: 'is no calendar date such as 2026-06-02' })),
      );
      if (errors.length > 0) throw invalidRequest(errors);
      return { status: 202, body: await evData.importHistory(items, actor) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/ev/history',
    operation: 'showHistory',
    permission: 'operator',
    summary: 'How far the history of statuses is taken in, and what is made of it',
    responses: { 200: { description: 'As it stands at this node', schema: historyView } },
    async handle({ evData }) {
      return { status: 200, body: await evData.history() };
    },
  }),
  route({
    method: 'GET',
    path: '/api/ev/history/backtest',
    operation: 'backtestPredictions',
    permission: 'operator',
    summary: 'How good predictions would have been for the newest days of the history',
    query: object({}, { days: integer({ minimum: 1, maximum: 14, default: 2 }) }),
    responses: { 200: { description: 'Errors of the model, and of two plain guesses', schema: backtestView } },
    async handle({ evData }, { query: { days } }) {
      return { status: 200, body: await evData.backtest(days ?? 2) };
    },
  }),
];

function isCalendarDate(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
