import { type EntityManager, EntitySchema, type ValueTransformer } from 'typeorm';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import { partyKey } from '../../kernel/party-ref.js';
import type { SharedDatabase } from '../../platform/partners/index.js';
import type { HubStorage } from '../../platform/storage/index.js';
import type { ClientState } from './client-info.js';

/** What a hub has told of one party in one role. */
export interface ToldParty extends ClientState {
  /** The partner, a hub, that it is behind. */
  readonly partnerId: string;
  /** As that hub stamps it, ms since the epoch. */
  readonly lastUpdated: number;
}

export interface RemotePartyRow {
  partner_id: string;
  /** Party key: `DE/CP1`. */
  party: string;
  role: ClientState['role'];
  country_code: string;
  party_id: string;
  status: ClientState['status'];
  last_updated: number;
  /** When it was written here, ms since the epoch. */
  told_at: number;
}

interface VersionRow {
  one: number;
  version: number;
}

/** PostgreSQL's driver hands out bigint as text. */
const wholeNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (typeof value === 'string' ? Number(value) : value),
};

const remotePartyEntity = new EntitySchema<RemotePartyRow>({
  name: 'remote_party',
  tableName: 'remote_party',
  columns: {
    partner_id: { type: 'text', primary: true },
    party: { type: 'text', primary: true },
    role: { type: 'text', primary: true },
    country_code: { type: 'text' },
    party_id: { type: 'text' },
    status: { type: 'text' },
    last_updated: { type: 'integer', transformer: wholeNumber },
    told_at: { type: 'integer', transformer: wholeNumber },
  },
});

const versionEntity = new EntitySchema<VersionRow>({
  name: 'remote_party_version',
  tableName: 'remote_party_version',
  columns: {
    one: { type: 'integer', primary: true },
    version: { type: 'integer', transformer: wholeNumber },
  },
});

/** What the storage must be opened with. */
export const remotePartyEntities: readonly EntitySchema[] = [
  remotePartyEntity,
  versionEntity,
] as unknown as readonly EntitySchema[];

/** All that is kept, as of a version. */
export interface ToldParties {
  readonly version: number;
  readonly parties: readonly ToldParty[];
}

/** So many roles of parties are remembered per hub: whoever names more is mistaken, or wants to fill our memory. */
export const mostPerHub = 20_000;

/**
 * Remembers what other hubs tell of their parties, the same for every database. Transactions run one at a time over all nodes, and
 * each that changed something has a version of its own.
 */
export class RemotePartyStore {
  constructor(
    private readonly storage: Pick<HubStorage, 'transaction'>,
    /** The database beneath `storage`, where other nodes work on it, too. */
    private readonly shared?: Pick<SharedDatabase, 'query'>,
  ) {}

  all(): Promise<ToldParties> {
    return this.storage.transaction(readAll);
  }

  /** The version that the database is at; undefined where only this process changes it. */
  async newest(): Promise<number | undefined> {
    if (!this.shared) return undefined;
    const { rows } = await this.shared.query<{ version: string | number }>(
      'SELECT version FROM remote_party_version',
      [],
    );
    return Number(rows[0]?.version ?? 0);
  }

  /**
   * Takes what a hub says of some of its parties; what is older than what it said before is passed over (O-15). With `whole` that is all
   * that it has to say: what it left out, and did not tell at or after `whole.since` (ms), is forgotten. Everything that is kept then, or
   * undefined if nothing changed.
   */
  take(
    partnerId: string,
    told: readonly Omit<ToldParty, 'partnerId'>[],
    now: number,
    whole?: { readonly since: number },
  ): Promise<ToldParties | undefined> {
    return this.storage.transaction(async (manager) => {
      const rows = await manager.findBy(remotePartyEntity, { partner_id: partnerId });
      const held = new Map(rows.map((row) => [nameOf(row), row]));
      const news = new Map<string, RemotePartyRow>();
      const named = new Set<string>();
      for (const one of told) {
        const row = rowOf(partnerId, one, now);
        const name = nameOf(row);
        named.add(name);
        if (isNews(row, news.get(name) ?? held.get(name))) news.set(name, row);
      }
      const gone = whole ? rows.filter((row) => !named.has(nameOf(row)) && row.told_at < whole.since) : [];
      if (news.size + gone.length === 0) return undefined;
      if (new Set([...held.keys(), ...news.keys()]).size - gone.length > mostPerHub)
        throw invalidParameters(`More than ${mostPerHub} parties of one hub are not remembered.`);
      const changed = [...news.values()];
      for (let at = 0; at < changed.length; at += rowsAtOnce)
        await manager.upsert(remotePartyEntity, changed.slice(at, at + rowsAtOnce), ['partner_id', 'party', 'role']);
      for (const { partner_id, party, role } of gone)
        await manager.delete(remotePartyEntity, { partner_id, party, role });
      return moved(manager);
    });
  }

  /** Forgets what a hub said that is no partner any more; as {@link take}. */
  forget(partnerId: string): Promise<ToldParties | undefined> {
    return this.storage.transaction(async (manager) => {
      const { affected } = await manager.delete(remotePartyEntity, { partner_id: partnerId });
      return affected === 0 ? undefined : moved(manager);
    });
  }
}

/** A statement takes only so many values. */
const rowsAtOnce = 100;

async function moved(manager: EntityManager): Promise<ToldParties> {
  await manager.increment(versionEntity, { one: 1 }, 'version', 1);
  return readAll(manager);
}

async function readAll(manager: EntityManager): Promise<ToldParties> {
  const at = await manager.findOneBy(versionEntity, { one: 1 });
  const order = { partner_id: 'ASC', party: 'ASC', role: 'ASC' } as const;
  const rows = await manager.find(remotePartyEntity, { order });
  return { version: at?.version ?? 0, parties: rows.map(toldOf) };
}

function isNews(row: RemotePartyRow, before: RemotePartyRow | undefined): boolean {
  if (!before) return true;
  if (row.last_updated < before.last_updated) return false;
  return (
    row.last_updated > before.last_updated ||
    row.status !== before.status ||
    row.country_code !== before.country_code ||
    row.party_id !== before.party_id
  );
}

const nameOf = ({ party, role }: RemotePartyRow): string => `${party}/${role}`;

function rowOf(partnerId: string, told: Omit<ToldParty, 'partnerId'>, now: number): RemotePartyRow {
  const { country_code, party_id, role, status, lastUpdated } = told;
  const party = partyKey(told);
  return {
    partner_id: partnerId,
    party,
    role,
    country_code,
    party_id,
    status,
    last_updated: lastUpdated,
    told_at: now,
  };
}

function toldOf(row: RemotePartyRow): ToldParty {
  const { partner_id: partnerId, role, country_code, party_id, status, last_updated: lastUpdated } = row;
  return { partnerId, country_code, party_id, role, status, lastUpdated };
}
