import type { Database, Statement } from 'better-sqlite3';
import type { SqliteChangeLog } from './change-log.sqlite.js';
import { SqliteDocumentList } from './document-list.sqlite.js';
import type {
  DocumentDecision,
  DocumentKey,
  DocumentKind,
  DocumentTable,
  News,
  StoredDocument,
  WriteContext,
} from './document-table.js';
import { countOddities, type OddityCount } from './oddity-counts.js';
import type { WriteJob, WriteTransaction } from './write-batch.js';

/** What a table of documents works with: the two connections, and what is shared by everything that is written. */
export interface SqliteParts {
  readonly writer: Database;
  readonly reader: Database;
  readonly changes: SqliteChangeLog;
  /** See `GroupCommit.write`. */
  write<T>(job: WriteJob<T>): Promise<T>;
}

interface Row {
  id: number;
  last_updated: number;
  document: string;
}

interface Named {
  id: number;
  key: string;
  id_key: string;
}

type Stored<R> = Extract<DocumentDecision<R>, { kind: 'store' }>;

/** Documents of one kind in a SQLite table: the whole document in one row, so that a page is read and never assembled. */
export class SqliteDocumentTable implements DocumentTable {
  readonly list: SqliteDocumentList;
  private readonly select: Statement<[string]>;
  private readonly insert: Statement;
  private readonly update: Statement;
  private readonly updateWithOddities: Statement;
  private readonly delete: Statement<[number]>;
  private readonly identify: Statement<[number]>;
  private readonly read: Statement<[string]>;
  private readonly readById: Statement;

  constructor(
    private readonly parts: SqliteParts,
    private readonly kind: DocumentKind,
  ) {
    const { writer, reader } = parts;
    const { table, idColumn } = kind;
    this.list = new SqliteDocumentList(reader, table);
    this.select = writer.prepare(`SELECT id, last_updated, document FROM ${table} WHERE key = ?`);
    this.insert = writer.prepare(
      `INSERT INTO ${table} (key, ${idColumn}, owner, last_updated, oddities, document) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.update = writer.prepare(`UPDATE ${table} SET last_updated = ?, document = ? WHERE id = ?`);
    this.updateWithOddities = writer.prepare(
      `UPDATE ${table} SET last_updated = ?, oddities = ?, document = ? WHERE id = ?`,
    );
    this.identify = writer.prepare(`SELECT id, key, ${idColumn} AS id_key FROM ${table} WHERE id = ?`);
    this.delete = writer.prepare(`DELETE FROM ${table} WHERE id = ?`);
    this.read = reader.prepare(`SELECT document FROM ${table} WHERE key = ?`);
    this.readById = reader.prepare(
      `SELECT document FROM ${table} WHERE ${idColumn} = ? AND (? IS NULL OR owner IN (SELECT value FROM json_each(?))) LIMIT ?`,
    );
  }

  change<R>(
    key: DocumentKey,
    context: WriteContext,
    decide: (current: StoredDocument | undefined) => DocumentDecision<R>,
  ): Promise<R> {
    return this.parts.write((tx) => {
      const row = this.select.get(key.key) as Row | undefined;
      const decision = tx.judge(() => decide(row && { document: row.document, lastUpdated: row.last_updated }));
      if (decision.kind === 'store') this.store(tx, key, row, decision, context);
      else if (decision.kind === 'remove' && row)
        this.removeRows(tx, [{ id: row.id, key: key.key }], key.owner, decision.news, context);
      return decision.result;
    });
  }

  async find(key: string): Promise<string | undefined> {
    return (this.read.get(key) as { document: string } | undefined)?.document;
  }

  async findById(id: string, owners: readonly string[] | undefined, limit: number): Promise<readonly string[]> {
    const ownerList = owners ? JSON.stringify(owners) : null;
    const rows = this.readById.all(id, ownerList, ownerList, limit) as { document: string }[];
    return rows.map((row) => row.document);
  }

  removeAbsent(owner: string, present: ReadonlySet<string>, since: number, context: WriteContext): Promise<number> {
    const { changes } = this.parts;
    return this.parts.write((tx) => {
      const absent = this.list
        .idsOf(owner)
        .map((id) => this.identify.get(id) as Named | undefined)
        // A job of this very commit may have taken the row out already.
        .filter((row) => row !== undefined)
        .filter((row) => !present.has(row.id_key) && (changes.changedAt(this.kind.module, row.key) ?? 0) < since);
      this.removeRows(tx, absent, owner, { kind: 'DELETE' }, context);
      return absent.length;
    });
  }

  async countOf(owners?: readonly string[]): Promise<number> {
    return this.list.countOf(owners);
  }

  async oddities(): Promise<readonly OddityCount[]> {
    return countOddities(this.parts.reader, this.kind.table);
  }

  private store<R>(
    tx: WriteTransaction,
    { key, id: idKey, owner }: DocumentKey,
    row: Row | undefined,
    decision: Stored<R>,
    context: WriteContext,
  ): void {
    const { document, lastUpdated, news } = decision;
    const oddities = decision.oddities?.length ? JSON.stringify(decision.oddities) : null;
    let id: number;
    if (!row) id = Number(this.insert.run(key, idKey, owner, lastUpdated, oddities, document).lastInsertRowid);
    else {
      id = row.id;
      if (decision.oddities) this.updateWithOddities.run(lastUpdated, oddities, document, id);
      else this.update.run(lastUpdated, document, id);
    }
    this.record(tx, owner, key, news, context);
    tx.afterCommit(() => this.list.stored(id, owner, lastUpdated, row === undefined));
  }

  private removeRows(
    tx: WriteTransaction,
    rows: readonly { id: number; key: string }[],
    owner: string,
    news: News,
    context: WriteContext,
  ): void {
    for (const { id, key } of rows) {
      this.delete.run(id);
      this.record(tx, owner, key, news, context);
    }
    tx.afterCommit(() => this.list.removed(rows.map((row) => row.id)));
  }

  private record(tx: WriteTransaction, owner: string, key: string, news: News, context: WriteContext): void {
    this.parts.changes.record(tx, {
      module: this.kind.module,
      object: news.object ?? key,
      laneKey: key,
      owner,
      kind: news.kind,
      ...(news.patch === undefined ? {} : { patch: news.patch }),
      correlationId: context.correlationId,
      recordedAt: context.now,
    });
  }
}
