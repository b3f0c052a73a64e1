import type { PostgresChangeFeed } from './change-feed.postgres.js';
import { PostgresDocumentList } from './document-list.postgres.js';
import type {
  DocumentDecision,
  DocumentKey,
  DocumentKind,
  DocumentTable,
  StoredDocument,
  WriteContext,
} from './document-table.js';
import type { OddityCount } from './oddity-counts.js';
import type { ReadDocument } from './postgres-batch.js';
import type { PostgresDocumentWriter } from './postgres-document-writer.js';
import { decodeId, decodeKey, encodeId, encodeKey } from './postgres-keys.js';
import type { RunQuery } from './postgres-pools.js';

/** So many documents are taken out at a time, so that others' writes do not wait for all of them. */
const removalsAtOnce = 256;

/** Documents of one kind in PostgreSQL; see {@link PostgresDocumentWriter} for how they are written. */
export class PostgresDocumentTable implements DocumentTable {
  readonly list: PostgresDocumentList;
  /** Removals of whole lists go one after another. */
  private removals: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly kind: DocumentKind,
    private readonly query: RunQuery,
    private readonly writer: PostgresDocumentWriter,
    private readonly feed: PostgresChangeFeed,
  ) {
    this.list = new PostgresDocumentList(kind.module, query, feed);
  }

  change<R>(
    key: DocumentKey,
    context: WriteContext,
    decide: (current: StoredDocument | undefined) => DocumentDecision<R>,
  ): Promise<R> {
    return this.write(key, context, true, (current) =>
      decide(current && { document: current.document, lastUpdated: current.lastUpdated }),
    );
  }

  async find(key: string): Promise<string | undefined> {
    const { rows } = await this.query<{ document: string }>({
      name: 'document_find',
      text: 'SELECT document FROM document WHERE module = $1 AND key = $2',
      values: [this.kind.module, encodeKey(key)],
    });
    return rows[0]?.document;
  }

  async findById(id: string, owners: readonly string[] | undefined, limit: number): Promise<readonly string[]> {
    const { rows } = await this.query<{ document: string }>({
      name: 'document_find_by_id',
      text: `SELECT document FROM document
        WHERE module = $1 AND id_key = $2 AND ($3::TEXT[] IS NULL OR owner = ANY ($3)) ORDER BY id LIMIT $4`,
      values: [this.kind.module, encodeId(id), owners?.map(encodeKey) ?? null, limit],
    });
    return rows.map((row) => row.document);
  }

  removeAbsent(owner: string, present: ReadonlySet<string>, since: number, context: WriteContext): Promise<number> {
    // Also Infinity is a time here. What is written from now on was not meant, whatever its writer's clock says.
    const limits = { before: Math.min(since, Number.MAX_SAFE_INTEGER), version: this.feed.head() };
    const removed = this.removals.then(() => this.removeListed(owner, present, limits, context));
    this.removals = removed.catch(() => undefined);
    return removed;
  }

  countOf(owners?: readonly string[]): Promise<number> {
    return this.list.countOf(owners);
  }

  async oddities(): Promise<readonly OddityCount[]> {
    const { rows } = await this.query<{ rule: string; owner: string; objects: number; sample: string }>({
      text: `SELECT o.value ->> 'rule' AS rule, d.owner AS owner, count(DISTINCT d.id) AS objects,
          min((d.key || ' ' || (o.value ->> 'pointer') || ': ' || (o.value ->> 'message')) COLLATE "C") AS sample
        FROM document d CROSS JOIN json_array_elements(d.oddities::JSON) AS o (value)
        WHERE d.module = $1 AND d.oddities IS NOT NULL
        GROUP BY 1, 2 ORDER BY (o.value ->> 'rule') COLLATE "C", 2`,
      values: [this.kind.module],
    });
    return rows.map((row) => ({ ...row, owner: decodeKey(row.owner) }));
  }

  private async removeListed(
    owner: string,
    present: ReadonlySet<string>,
    limits: RemovalLimits,
    context: WriteContext,
  ): Promise<number> {
    const { rows } = await this.query<{ key: string; id_key: string }>({
      text: `SELECT key, id_key FROM document
        WHERE module = $1 AND owner = $2 AND changed_at < $3 AND version <= $4 ORDER BY id`,
      values: [this.kind.module, encodeKey(owner), limits.before, limits.version],
    });
    const absent = rows
      .map((row) => ({ key: decodeKey(row.key), id: decodeId(row.id_key), owner }))
      .filter(({ id }) => !present.has(id));
    let removed = 0;
    for (let at = 0; at < absent.length; at += removalsAtOnce) {
      const taken = absent
        .slice(at, at + removalsAtOnce)
        .map((key) => this.write<boolean>(key, context, false, (current) => removal(current, limits)));
      for (const outcome of await Promise.all(taken)) if (outcome) removed++;
    }
    return removed;
  }

  private write<R>(
    key: DocumentKey,
    context: WriteContext,
    reads: boolean,
    decide: (current: ReadDocument | undefined) => DocumentDecision<R>,
  ): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.writer.write({
        module: this.kind.module,
        key,
        context,
        reads,
        decide,
        resolve: resolve as (result: unknown) => void,
        reject,
      });
    });
  }
}

/** What is removed was last changed before this time, and at this place of the change sequence at the latest. */
interface RemovalLimits {
  readonly before: number;
  readonly version: number;
}

function removal(current: ReadDocument | undefined, limits: RemovalLimits): DocumentDecision<boolean> {
  if (!current || current.changedAt >= limits.before || current.version > limits.version)
    return { kind: 'keep', result: false };
  return { kind: 'remove', result: true, news: { kind: 'DELETE' } };
}
