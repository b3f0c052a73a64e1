import { unknownThing } from '../problem.js';
import { type Route, route } from '../route.js';
import { integer, list, object, string } from '../schema.js';
import { inviteView, newInviteView, origins, partnerName, partnerView, plainOrigins, roleClaims } from '../views.js';

/** An invite that says nothing else is good for this long. */
export const defaultInviteDays = 14;

const newInvite = object(
  { name: partnerName, roles: roleClaims },
  { origins, expires_in_days: integer({ minimum: 1, maximum: 365, default: defaultInviteDays }) },
  { title: 'InviteRequest' },
);

const newRegistration = object(
  {
    name: partnerName,
    versions_url: string({ format: 'http-url', maxLength: 500 }),
    token: string({
      pattern: '^[\\x21-\\x7e]{1,64}$',
      description: "the partner's token A, as the partner gave it",
      writeOnly: true,
    }),
  },
  { roles: roleClaims, origins },
  { title: 'RegistrationRequest' },
);

/** How partners come in: they register with us (invite), or we with them (registration). */
export const inviteRoutes = (vendorObjects: readonly string[]): readonly Route[] => [
  route({
    method: 'POST',
    path: '/api/invites',
    operation: 'createInvite',
    permission: 'operator',
    summary: 'Let a platform register: makes a token A that is good once',
    body: newInvite,
    responses: { 201: { description: 'The token to hand to the partner', schema: newInviteView } },
    problems: { 409: "A role is named twice, or is the hub's own" },
    async handle({ invites }, { body, actor }) {
      const { name, roles, origins: allowed = [], expires_in_days: expiresInDays = defaultInviteDays } = body;
      return {
        status: 201,
        body: await invites.create({ name, roles, origins: plainOrigins(allowed), expiresInDays }, actor),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/invites',
    operation: 'listInvites',
    permission: 'operator',
    summary: 'All invites, without their tokens',
    responses: { 200: { description: 'Newest first', schema: list(inviteView) } },
    async handle({ invites }) {
      return { status: 200, body: await invites.list() };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/invites/{id}',
    operation: 'deleteInvite',
    permission: 'operator',
    summary: 'Take an invite back; a partner that registered with it stays',
    responses: { 204: { description: 'Its token opens nothing any more' } },
    problems: { 404: 'No such invite' },
    async handle({ invites }, { params, actor }) {
      if (!(await invites.revoke(params.id ?? '', actor))) throw unknownThing('invite');
      return { status: 204 };
    },
  }),
  route({
    method: 'POST',
    path: '/api/registrations',
    operation: 'register',
    permission: 'operator',
    summary: 'Register with a platform that gave us its token A: the hub runs the handshake',
    body: newRegistration,
    responses: { 201: { description: 'The partner, connected', schema: partnerView(vendorObjects) } },
    problems: {
      409: 'A party of the partner is registered already',
      422: 'The URL is not one that this hub may call',
      502: 'The partner did not play its part; `reason` and `detail` say how',
    },
    async handle({ registrations }, { body, actor }) {
      const { name, versions_url: versionsUrl, token, roles } = body;
      const allowed = body.origins && plainOrigins(body.origins);
      return {
        status: 201,
        body: await registrations.register({ name, versionsUrl, token, roles, origins: allowed }, actor),
      };
    },
  }),
];
