import { itemsOf, membersOf, stringMember } from '../../../kernel/json-text.js';
import type { Role } from '../../../kernel/module-id.js';
import { ciKey, objectKey, type PartyRef, partyKey, sameParty } from '../../../kernel/party-ref.js';
import type { SharingPolicy } from '../../agreements/index.js';
import type { DocumentDecision, DocumentList, DocumentTable, WriteContext } from '../../storage/index.js';

/** The two parties that a Session or CDR concerns. */
export interface Relation {
  readonly cpo: PartyRef;
  /** Owner of `cdr_token`. */
  readonly emsp: PartyRef;
}

export interface KeptWrite {
  /** JSON text, as its CPO gave it. */
  readonly document: string;
  /** ms since the epoch */
  readonly lastUpdated: number;
  /** Whether an older `last_updated` than the stored one is applied all the same. */
  readonly applyStale: boolean;
}

/** `differs`: another one of this id is kept, and may not be replaced. */
export type KeptOutcome = 'stored' | 'unchanged' | 'differs';

/** What kept objects have for an owner: both parties, as `DE/CP1 FR/EM1`. */
const relationKey = ({ cpo, emsp }: Relation): string => `${partyKey(cpo)} ${partyKey(emsp)}`;

/**
 * Sessions or CDRs of CPOs whose operator wants them kept, so that GET All can answer. They are read from the CPO and never
 * from what passes through; nobody is told of them, and nothing but age takes them out (T-40).
 */
export class KeptObjects {
  readonly list: DocumentList;

  /** @param sealed what is there stays as it is (CDR-06) */
  constructor(
    private readonly table: DocumentTable,
    private readonly sealed: boolean,
  ) {
    this.list = table.list;
  }

  async put(relation: Relation, id: string, write: KeptWrite, context: WriteContext): Promise<KeptOutcome> {
    const { cpo, emsp } = relation;
    const key = {
      // One whose Token changes hands is another object: who saw the first must not see the second.
      key: objectKey(cpo, emsp.country_code, emsp.party_id, id),
      id: ciKey(id),
      owner: relationKey(relation),
    };
    return this.table.change<KeptOutcome>(key, context, (current): DocumentDecision<KeptOutcome> => {
      const { document, lastUpdated, applyStale } = write;
      if (current?.document === document) return { kind: 'keep', result: 'unchanged' };
      if (current && this.sealed) return { kind: 'keep', result: 'differs' };
      if (current && lastUpdated < current.lastUpdated && !applyStale) return { kind: 'keep', result: 'unchanged' };
      return { kind: 'store', result: 'stored', document, lastUpdated, oddities: [], news: { kind: 'PUT' } };
    });
  }

  /** How many are kept. */
  count(): Promise<number> {
    return this.table.countOf();
  }

  /** Takes out what has not changed since `before` (ms). Returns how many. */
  async purge(before: number, context: WriteContext): Promise<number> {
    const relations = new Set<string>();
    let position: number | undefined;
    for (;;) {
      const page = await this.list.page({
        to: before,
        offset: 0,
        limit: 500,
        ...(position === undefined ? {} : { position }),
      });
      for (const relation of relationsIn(`[${page.body.toString('utf8')}]`)) relations.add(relation);
      if (!page.more) break;
      position = page.lastId;
    }
    let removed = 0;
    for (const relation of relations) removed += await this.table.removeAbsent(relation, new Set(), before, context);
    return removed;
  }
}

/** The parties and the policy that decide who reads what is kept. */
export interface KeptReaders {
  readonly parties: { partiesIn(wanted: readonly Role[]): readonly PartyRef[] };
  readonly policy: Pick<SharingPolicy, 'judge'>;
}

interface Reader {
  readonly roles: readonly (PartyRef & { readonly role: Role })[];
}

const consumers: readonly Role[] = ['EMSP', 'NSP', 'NAP', 'OTHER', 'SCSP'];

/**
 * Which kept objects a party of a partner reads: those of which it is the CPO, and those of its own customers as far as the
 * CPO still shares the module with it. Nobody else's (R-41, CDR-01; threat T3).
 */
export function visibleRelations(
  { parties, policy }: KeptReaders,
  module: 'sessions' | 'cdrs',
  { roles }: Reader,
  party: PartyRef,
): readonly string[] {
  const own = roles.filter((role) => sameParty(role, party));
  const visible: string[] = [];
  if (own.some(({ role }) => role === 'CPO'))
    for (const emsp of parties.partiesIn(consumers)) visible.push(relationKey({ cpo: party, emsp }));
  if (own.some(({ role }) => consumers.includes(role)))
    for (const cpo of parties.partiesIn(['CPO']))
      if (policy.judge({ giver: cpo, taker: party, module }).allowed) visible.push(relationKey({ cpo, emsp: party }));
  return [...new Set(visible)];
}

function relationsIn(list: string): string[] {
  return itemsOf(list).flatMap(({ start, end }) => {
    const text = list.slice(start, end);
    const token = membersOf(text).find(({ key }) => key === 'cdr_token');
    const cpo = partyIn(text, 0);
    const emsp = token && partyIn(text, token.start);
    return cpo && emsp ? [relationKey({ cpo, emsp })] : [];
  });
}

function partyIn(text: string, start: number): PartyRef | undefined {
  const country_code = stringMember(text, 'country_code', start);
  const party_id = stringMember(text, 'party_id', start);
  return country_code === undefined || party_id === undefined ? undefined : { country_code, party_id };
}
