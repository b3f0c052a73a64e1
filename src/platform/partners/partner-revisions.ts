import { type EntityManager, EntitySchema } from 'typeorm';
import { milliseconds as wholeNumber } from './partner-entities.js';
import { type Touched, touchedKinds } from './partner-rows.js';

/** The newest transaction that changed a partner, an invite or a registration. Stays when the thing itself is gone. */
export interface RevisionRow {
  kind: keyof Touched;
  id: string;
  revision: number;
}

export const revisionEntity = new EntitySchema<RevisionRow>({
  name: 'partner_revision',
  tableName: 'partner_revision',
  columns: {
    kind: { type: 'text', primary: true },
    id: { type: 'text', primary: true },
    revision: { type: 'integer', transformer: wholeNumber },
  },
});

/** The highest revision; 0 if nothing was ever changed. Inside a transaction: what it reads is the state as of then. */
export async function latestRevision(manager: EntityManager): Promise<number> {
  const [newest] = await manager.find(revisionEntity, { order: { revision: 'DESC' }, take: 1 });
  return newest?.revision ?? 0;
}

/**
 * Gives what a transaction has touched a revision of its own, higher than all before: transactions run one at a time over all
 * nodes. Undefined if it touched nothing.
 */
export async function writeRevision(manager: EntityManager, touched: Touched): Promise<number | undefined> {
  const things = touchedKinds.flatMap((kind) => [...touched[kind]].map((id) => ({ kind, id })));
  if (things.length === 0) return undefined;
  const revision = (await latestRevision(manager)) + 1;
  await manager.upsert(
    revisionEntity,
    things.map((thing) => ({ ...thing, revision })),
    ['kind', 'id'],
  );
  return revision;
}
