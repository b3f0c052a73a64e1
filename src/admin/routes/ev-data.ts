import { dataExportsView, dataKeyView, newDataKey, newDataKeyView } from '../ev-data-views.js';
import { unknownThing } from '../problem.js';
import { type Route, route } from '../route.js';
import { list, object } from '../schema.js';

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
];
