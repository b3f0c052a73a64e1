import { type EntityManager, EntitySchema, type ValueTransformer } from 'typeorm';
import type { Agreement, Effect, SharingState } from './agreement.js';

export interface AgreementRow {
  id: string;
  giver: string;
  taker: string;
  module: string;
  effect: Effect;
  note: string | null;
  created_at: number;
}

interface ClosedPartyRow {
  party: string;
  closed_at: number;
}

interface SharingVersionRow {
  one: number;
  version: number;
}

/** PostgreSQL's driver hands out bigint as text. */
const wholeNumber: ValueTransformer = { to: (value: unknown) => value, from: (value: unknown) => Number(value) };

export const agreementEntity = new EntitySchema<AgreementRow>({
  name: 'agreement',
  tableName: 'agreement',
  columns: {
    id: { type: 'text', primary: true },
    giver: { type: 'text' },
    taker: { type: 'text' },
    module: { type: 'text' },
    effect: { type: 'text' },
    note: { type: 'text', nullable: true },
    created_at: { type: 'integer', transformer: wholeNumber },
  },
});

export const closedPartyEntity = new EntitySchema<ClosedPartyRow>({
  name: 'closed_party',
  tableName: 'closed_party',
  columns: {
    party: { type: 'text', primary: true },
    closed_at: { type: 'integer', transformer: wholeNumber },
  },
});

export const sharingVersionEntity = new EntitySchema<SharingVersionRow>({
  name: 'sharing_version',
  tableName: 'sharing_version',
  columns: {
    one: { type: 'integer', primary: true },
    version: { type: 'integer', transformer: wholeNumber },
  },
});

/** Inside a transaction, so that version and agreements belong together. */
export async function readState(manager: EntityManager): Promise<SharingState> {
  const { version } = await manager.findOneByOrFail(sharingVersionEntity, { one: 1 });
  const rows = await manager.find(agreementEntity, { order: { created_at: 'ASC', id: 'ASC' } });
  const closed = await manager.find(closedPartyEntity);
  return { version, agreements: rows.map(toAgreement), closed: new Set(closed.map(({ party }) => party)) };
}

/** Gives what the transaction has changed a version of its own, higher than all before. */
export async function moveVersion(manager: EntityManager): Promise<void> {
  await manager.increment(sharingVersionEntity, { one: 1 }, 'version', 1);
}

export const toAgreement = ({ note, created_at, ...row }: AgreementRow): Agreement => ({
  ...row,
  createdAt: created_at,
  ...(note === null ? {} : { note }),
});
