import type { AdminActor, AdminPorts, Awaitable, PartnerChange, Switches } from '../ports.js';
import { unknownThing } from '../problem.js';
import { type Route, route } from '../route.js';
import { boolean, list, object, partial, string } from '../schema.js';
import { origins, partnerName, partnerView, plainOrigins, pullView, roleClaims, switchesView } from '../views.js';

const noPartner = { 404: 'No such partner' };
/** An answer that shows a partner, with the vendor objects that this hub knows. */
const answerOf = (vendorObjects: readonly string[]) => ({
  200: { description: 'The partner as it is now', schema: partnerView(vendorObjects) },
});
type PartnerAnswer = ReturnType<typeof answerOf>;

/** Finds the partner of the path, or refuses with 404. */
async function partnerOf({ partners }: AdminPorts, params: Readonly<Record<string, string>>): Promise<string> {
  const partner = await partners.get(params.id ?? '');
  if (partner === undefined) throw unknownThing('partner');
  return partner.id;
}

/** `POST /api/partners/{id}/VERB` that answers with the partner. */
const verb = (
  name: 'rotate' | 'suspend' | 'resume',
  summary: string,
  partnerAnswer: PartnerAnswer,
  problems: Readonly<Record<number, string>>,
): Route =>
  route({
    method: 'POST',
    path: `/api/partners/{id}/${name}`,
    operation: `${name}Partner`,
    permission: 'operator',
    summary,
    responses: partnerAnswer,
    problems: { ...noPartner, ...problems },
    async handle(ports, { params, actor }) {
      const id = await partnerOf(ports, params);
      const act: (id: string, actor: AdminActor) => Awaitable<unknown> = ports.partners[name].bind(ports.partners);
      return { status: 200, body: await act(id, actor) };
    },
  });

/** Switches as they are stored: vendor objects stand apart, by what is kept from the partner. */
function switchChange(
  switches: Partial<Switches>,
  vendorObjects: readonly string[],
): Pick<PartnerChange, 'switches' | 'withhold'> {
  const entries = Object.entries(switches);
  const own = entries.filter(([name]) => !vendorObjects.includes(name));
  const sent = entries.filter(([name]) => vendorObjects.includes(name));
  return {
    ...(own.length === 0 ? {} : { switches: Object.fromEntries(own) as Partial<Switches> }),
    ...(sent.length === 0
      ? {}
      : { withhold: Object.fromEntries(sent.map(([name, isSent]) => [name, isSent !== true])) }),
  };
}

/** The partners and what an operator can do with one. */
export function partnerRoutes(vendorObjects: readonly string[]): readonly Route[] {
  const partnerAnswer = answerOf(vendorObjects);
  return [
    route({
      method: 'GET',
      path: '/api/partners',
      operation: 'listPartners',
      permission: 'operator',
      summary: 'All partners',
      responses: {
        200: { description: 'In the order of their registration', schema: list(partnerView(vendorObjects)) },
      },
      async handle({ partners }) {
        return { status: 200, body: await partners.list() };
      },
    }),
    route({
      method: 'GET',
      path: '/api/partners/{id}',
      operation: 'getPartner',
      permission: 'operator',
      summary: 'One partner',
      responses: partnerAnswer,
      problems: noPartner,
      async handle({ partners }, { params }) {
        const partner = await partners.get(params.id ?? '');
        if (partner === undefined) throw unknownThing('partner');
        return { status: 200, body: partner };
      },
    }),
    route({
      method: 'PATCH',
      path: '/api/partners/{id}',
      operation: 'changePartner',
      permission: 'operator',
      summary: 'Change name, origins, switches or allowed roles; what is not named stays',
      body: object(
        {},
        { name: partnerName, origins, switches: partial(switchesView(vendorObjects)), allowed_roles: roleClaims },
        { title: 'PartnerChange', minProperties: 1 },
      ),
      responses: partnerAnswer,
      problems: noPartner,
      async handle(ports, { params, body, actor }) {
        const { name, origins: wished, allowed_roles: allowedRoles, switches } = body;
        const change: PartnerChange = {
          ...(name === undefined ? {} : { name }),
          ...(switches === undefined ? {} : switchChange(switches, vendorObjects)),
          ...(wished === undefined ? {} : { origins: plainOrigins(wished) }),
          ...(allowedRoles === undefined ? {} : { allowedRoles }),
        };
        return { status: 200, body: await ports.partners.change(await partnerOf(ports, params), change, actor) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/partners/{id}',
      operation: 'deletePartner',
      permission: 'operator',
      summary: 'End the connection, and tell the partner if it can be reached; its objects stay, suspended',
      responses: { 204: { description: 'The partner is no longer connected' } },
      problems: noPartner,
      async handle(ports, { params, actor }) {
        await ports.partners.unregister(await partnerOf(ports, params), actor);
        return { status: 204 };
      },
    }),
    verb('rotate', 'Renew both tokens with the partner (PUT credentials)', partnerAnswer, {
      409: 'The partner is not connected',
      502: 'The partner did not play its part; the old tokens hold',
    }),
    verb('suspend', 'Stop serving and pushing to the partner', partnerAnswer, {}),
    verb('resume', 'Serve and push to a suspended partner again', partnerAnswer, {
      409: 'The partner is not registered any more',
    }),
    route({
      method: 'POST',
      path: '/api/partners/{id}/pull',
      operation: 'pullPartner',
      permission: 'operator',
      summary: 'Pull from the partner now, whatever it offers as SENDER',
      body: object(
        {},
        {
          full: boolean({ default: true }),
        },
        { title: 'PullRequest' },
      ),
      bodyOptional: true,
      responses: { 202: { description: 'The pulls of the partner', schema: list(pullView) } },
      problems: { ...noPartner, 409: 'The partner offers nothing to pull, or is not connected' },
      async handle(ports, { params, body, actor }) {
        const id = await partnerOf(ports, params);
        const { full = true } = body;
        return { status: 202, body: await ports.pulls.start(id, { full }, actor) };
      },
    }),
    route({
      method: 'POST',
      path: '/api/partners/{id}/resync',
      operation: 'resyncPartner',
      permission: 'operator',
      summary: 'Send the partner everything that it may see once more, in its present state',
      responses: {
        202: { description: 'Under way; the lane shows how far', schema: object({ partner_id: string() }) },
      },
      problems: { ...noPartner, 409: 'The partner is not connected' },
      async handle(ports, { params, actor }) {
        const id = await partnerOf(ports, params);
        await ports.lanes.resync(id, actor);
        return { status: 202, body: { partner_id: id } };
      },
    }),
  ];
}
