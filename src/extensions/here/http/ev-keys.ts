import { hash, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.js';
import type { DurableRows } from '../../../platform/forwarding/index.js';
import { type EvKey, type EvScope, evScopes } from './ev-route.js';

/** A key as its operator sees it; the key itself is shown once and never again. */
export interface EvKeyRecord extends EvKey {
  readonly name: string;
  /** ms since the epoch */
  readonly createdAt: number;
  /** ms since the epoch; undefined: it does not end by itself. */
  readonly expiresAt: number | undefined;
}

export interface NewEvKey {
  readonly name: string;
  readonly scopes: readonly EvScope[];
  /** Party key in whose name its holder reads. */
  readonly party: string | undefined;
  readonly expiresAt: number | undefined;
}

export interface EvKeysOptions {
  readonly rows: DurableRows;
  readonly clock: Clock;
  /** Told when the keys could not be read again; those known go on. */
  readonly warn: (error: unknown) => void;
  /** How often changes of other nodes are looked for, ms. */
  readonly pollMs?: number;
}

interface Row {
  readonly id: string;
  readonly digest: string;
  readonly name: string;
  readonly scopes: string;
  readonly party: string | null;
  readonly created_at: number | string;
  readonly expires_at: number | string | null;
}

const defaultPollMs = 2_000;

/**
 * The keys of the EV data API. Stored are digests only; they are looked up in memory, so that no timing tells how near a guess
 * was. What another node changed holds here within two seconds.
 */
export class EvKeys {
  private byDigest = new Map<string, EvKeyRecord>();
  private timer: NodeJS.Timeout | undefined;
  private readonly listeners = new Set<(id: string) => void>();
  private changes = 0;

  constructor(private readonly options: EvKeysOptions) {}

  /** Reads what is stored. @throws StorageUnavailable */
  async start(): Promise<void> {
    await this.read();
    this.timer = setInterval(() => {
      this.read().catch(this.options.warn);
    }, this.options.pollMs ?? defaultPollMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The key behind this text, if it is good now. */
  find(text: string): EvKeyRecord | undefined {
    const found = this.byDigest.get(digestOf(text));
    return found && (found.expiresAt === undefined || found.expiresAt > this.options.clock.now()) ? found : undefined;
  }

  /** Whether a key that was good before still is. */
  isGood(id: string): boolean {
    const found = this.list().find((one) => one.id === id);
    return found !== undefined && (found.expiresAt === undefined || found.expiresAt > this.options.clock.now());
  }

  /** Oldest first. */
  list(): readonly EvKeyRecord[] {
    return [...this.byDigest.values()];
  }

  /** Makes a key; it is valid when the promise settles. The text is given here and nowhere else. */
  async create({ name, scopes, party, expiresAt }: NewEvKey): Promise<{ text: string; record: EvKeyRecord }> {
    const text = `rhev_${randomBytes(32).toString('base64url')}`;
    const record: EvKeyRecord = {
      id: randomUUID(),
      name,
      scopes: new Set(scopes),
      party,
      createdAt: this.options.clock.now(),
      expiresAt,
    };
    const digest = digestOf(text);
    await this.options.rows.run(
      'INSERT INTO ev_key (id, digest, name, scopes, party, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [record.id, digest, name, scopes.join(' '), party ?? null, record.createdAt, expiresAt ?? null],
    );
    this.changes++;
    this.byDigest.set(digest, record);
    return { text, record };
  }

  /** Ends a key; false if there is none of this id. */
  async revoke(id: string): Promise<boolean> {
    // One that another node has just made may not be known here yet.
    const ended = await this.options.rows.run<{ digest: string }>('DELETE FROM ev_key WHERE id = $1 RETURNING digest', [
      id,
    ]);
    const [row] = ended;
    if (!row) return false;
    this.changes++;
    this.byDigest.delete(row.digest);
    for (const listener of this.listeners) listener(id);
    return true;
  }

  /** Calls `listener` with the id of each key that was revoked. Returns how to stop that. */
  onRevoked(listener: (id: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private async read(): Promise<void> {
    const changes = this.changes;
    const rows = await this.options.rows.run<Row>(
      'SELECT id, digest, name, scopes, party, created_at, expires_at FROM ev_key ORDER BY created_at, id',
      [],
    );
    // What was read before a change of our own says nothing about it.
    if (changes !== this.changes) return;
    const known = new Map(rows.map((row) => [row.digest, recordOf(row)]));
    const gone = [...this.byDigest].filter(([digest]) => !known.has(digest));
    this.byDigest = known;
    for (const [, { id }] of gone) for (const listener of this.listeners) listener(id);
  }
}

const digestOf = (text: string): string => hash('sha256', text, 'base64url');

function recordOf(row: Row): EvKeyRecord {
  const scopes = row.scopes.split(' ').filter((scope): scope is EvScope => evScopes.includes(scope as EvScope));
  return {
    id: row.id,
    name: row.name,
    scopes: new Set(scopes),
    party: row.party ?? undefined,
    createdAt: Number(row.created_at),
    expiresAt: row.expires_at === null ? undefined : Number(row.expires_at),
  };
}
