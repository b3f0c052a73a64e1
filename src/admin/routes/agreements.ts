import type { PartyRef } from '../../kernel/party-ref.js';
import { invalidRequest, unknownThing } from '../problem.js';
import { type Route, route } from '../route.js';
import { boolean, choice, list, object, string } from '../schema.js';
import {
  agreedModule,
  agreementView,
  decisionView,
  oneParty,
  partyOrAll,
  partySharingView,
  partyView,
  sharing,
} from '../views.js';

const newAgreement = object(
  { giver: partyOrAll, taker: partyOrAll, effect: choice(['allow', 'deny']) },
  {
    module: agreedModule,
    note: string({ maxLength: 500, description: 'a remark for people' }),
    both: boolean({ default: false, description: 'The same for the other direction: two agreements, or none' }),
  },
  { title: 'AgreementRequest', description: 'Without a module it is about all of them' },
);

const anyModule = string({ pattern: '^[A-Za-z0-9-]{1,64}$', description: 'the id of a module' });

/** Who shares what with whom. */
export const agreementRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/agreements',
    operation: 'listAgreements',
    permission: 'operator',
    summary: 'What parties have agreed to share, or not to share',
    query: object({}, { party: oneParty, module: agreedModule }),
    responses: {
      200: { description: 'Oldest first; also those that say * for what was asked', schema: list(agreementView) },
    },
    async handle({ agreements }, { query: { party, module } }) {
      const filter = {
        ...(party === undefined ? {} : { party: partyOf(party) }),
        ...(module === undefined || module === '*' ? {} : { module }),
      };
      return { status: 200, body: await agreements.list(filter) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/agreements',
    operation: 'createAgreement',
    permission: 'operator',
    summary: 'Let one party give another something through the hub, or forbid it',
    body: newAgreement,
    responses: {
      201: { description: 'What is agreed now', schema: list(agreementView) },
      200: { description: 'Nothing to do: this was agreed already', schema: list(agreementView) },
    },
    problems: { 409: 'The opposite is agreed for the same parties and module' },
    async handle({ agreements }, { body, actor }) {
      const { module = '*', both = false, note, ...rest } = body;
      if (rest.giver !== '*' && rest.giver.toUpperCase() === rest.taker.toUpperCase())
        throw invalidRequest([{ pointer: '/taker', detail: 'must be another party than the giver' }]);
      const wish = { ...rest, module, both, ...(note === undefined ? {} : { note }) };
      const { agreements: agreed, made } = await agreements.add(wish, actor);
      return { status: made ? 201 : 200, body: agreed };
    },
  }),
  route({
    method: 'GET',
    path: '/api/agreements/decision',
    operation: 'decide',
    permission: 'operator',
    summary: 'Whether one party gives another something, and which rule says so',
    query: object({ giver: oneParty, taker: oneParty, module: anyModule }),
    responses: { 200: { description: 'The judgement that everything in the hub obeys', schema: decisionView } },
    async handle({ agreements }, { query: { giver, taker, module } }) {
      return { status: 200, body: await agreements.decide(partyOf(giver), partyOf(taker), module) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/agreements/{id}',
    operation: 'deleteAgreement',
    permission: 'operator',
    summary: 'Withdraw an agreement; what it allowed stops at once',
    responses: { 204: { description: 'It says nothing any more' } },
    problems: { 404: 'No such agreement' },
    async handle({ agreements }, { params, actor }) {
      if (!(await agreements.withdraw(params.id ?? '', actor))) throw unknownThing('agreement');
      return { status: 204 };
    },
  }),
  route({
    method: 'GET',
    path: '/api/parties',
    operation: 'listParties',
    permission: 'operator',
    summary: 'Every party in each of its roles, and how it shares',
    responses: { 200: { description: 'By party and role', schema: list(partyView) } },
    async handle({ agreements }) {
      return { status: 200, body: await agreements.parties() };
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/parties/{country_code}/{party_id}',
    operation: 'changeParty',
    permission: 'operator',
    summary: 'Let a party share everything that is not denied, or only what is agreed; it need not be registered yet',
    body: object({ sharing }, {}, { title: 'PartyChange' }),
    responses: { 200: { description: 'How it shares now', schema: partySharingView } },
    problems: { 404: 'What the path names can be no party' },
    async handle({ agreements }, { params, body, actor }) {
      const text = `${params.country_code}/${params.party_id}`;
      if (!/^[A-Za-z]{2}\/[A-Za-z0-9]{3}$/.test(text)) throw unknownThing('party');
      const party = partyOf(text);
      await agreements.setSharing(party, body.sharing, actor);
      return { status: 200, body: { ...party, sharing: body.sharing } };
    },
  }),
];

/** The text was checked before. */
function partyOf(text: string): PartyRef {
  const [country_code = '', party_id = ''] = text.toUpperCase().split('/');
  return { country_code, party_id };
}
