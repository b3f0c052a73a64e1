import {
  AdminProblem,
  type AgreementDesk,
  type AgreementView,
  conflict,
  type PartyView,
  timeOf,
} from '../../admin/index.js';
import {
  type Agreement,
  AgreementRefusal,
  type Agreements,
  type PartySharing,
} from '../../platform/agreements/index.js';

/** Agreements and parties as the operator sees and changes them. */
export function agreementDesk({ policy, registry }: Agreements): AgreementDesk {
  return {
    list: (filter) => registry.list(filter).map(agreementView),
    async add({ both, ...wish }, actor) {
      const back = { ...wish, giver: wish.taker, taker: wish.giver };
      const { agreements, made } = await told(() => registry.add(both ? [wish, back] : [wish], actor));
      return { agreements: agreements.map(agreementView), made: made > 0 };
    },
    withdraw: (id, actor) => registry.withdraw(id, actor),
    decide(giver, taker, module) {
      const { allowed, rule } = policy.judge({ giver, taker, module });
      const agreement = registry.list().find(({ id }) => id === rule);
      return { allowed, rule, ...(agreement ? { agreement: agreementView(agreement) } : {}) };
    },
    parties: () => registry.parties().map(partyView),
    setSharing: (party, sharing, actor) => told(() => registry.setSharing(party, sharing, actor)),
  };
}

const agreementView = ({ createdAt, ...agreement }: Agreement): AgreementView => ({
  ...agreement,
  created_at: timeOf(createdAt),
});

const partyView = ({ party, sharing, role, partner }: PartySharing): PartyView => ({
  ...party,
  role: role ?? null,
  partner_id: partner?.id ?? null,
  partner: partner?.name ?? null,
  status: partner?.status ?? null,
  sharing,
});

async function told<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof AgreementRefusal)) throw error;
    if (error.reason === 'conflict') throw conflict(error.message);
    throw new AdminProblem(400, 'invalid-request', 'The request is not valid', error.message);
  }
}
