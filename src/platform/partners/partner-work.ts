import type { EntityManager } from 'typeorm';
import type { Clock } from '../../kernel/clock.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { AuditEntry, AuditLog } from './audit-log.js';
import type { PartnerDirectory } from './partner-directory.js';
import { type PartnerRow, partnerEntity } from './partner-entities.js';
import { latestRevision, writeRevision } from './partner-revisions.js';
import { readSnapshot, type SealOpener, type Touched, touchAll, untouched } from './partner-rows.js';
import { SealBroken, type SealingKeyRing } from './sealing-key-ring.js';
import type { TokenMint } from './token-mint.js';

/** What this folder needs of the storage. */
export interface PartnerStorage {
  /** Runs work in one transaction, alone among all nodes; never a network call inside. */
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
}

export interface PartnerWorkParts {
  readonly storage: PartnerStorage;
  readonly directory: PartnerDirectory;
  readonly mint: TokenMint;
  readonly ring: SealingKeyRing;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** The hub's own party, which nobody else may claim. */
  readonly hub: PartyRef;
  /** Whether other nodes are to be told of changes. */
  readonly notify: boolean;
}

/** Where PostgreSQL tells the other nodes that partners have changed. */
export const partnerChannel = 'roamhub_partners';

/** One transaction: its connection, and what it has changed. */
export interface Unit {
  readonly manager: EntityManager;
  readonly touched: Touched;
  readonly now: number;
  audit(entry: AuditEntry): Promise<void>;
}

/**
 * The way in which partners are changed: in one transaction with its audit rows, and taken over by the directory once
 * it is committed. The state for the directory is read inside the transaction, so the two cannot drift apart.
 */
export class PartnerWork {
  readonly mint: TokenMint;
  readonly ring: SealingKeyRing;
  readonly directory: PartnerDirectory;
  readonly clock: Clock;
  readonly hub: PartyRef;

  constructor(private readonly parts: PartnerWorkParts) {
    this.mint = parts.mint;
    this.ring = parts.ring;
    this.directory = parts.directory;
    this.clock = parts.clock;
    this.hub = parts.hub;
  }

  async run<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    const { audit, clock, directory, notify, ring, storage } = this.parts;
    const { result, snapshot } = await storage.transaction(async (manager) => {
      const unit: Unit = {
        manager,
        touched: untouched(),
        now: clock.now(),
        audit: (entry) => audit.append(manager, entry),
      };
      const result = await work(unit);
      const revision = await writeRevision(manager, unit.touched);
      if (revision === undefined) return { result, snapshot: undefined };
      // Sent with the commit, and not at all without it.
      if (notify) await manager.query('SELECT pg_notify($1, $2)', [partnerChannel, String(revision)]);
      return { result, snapshot: { ...(await readSnapshot(manager, ring, unit.touched)), revision } };
    });
    if (snapshot) directory.apply(snapshot);
    return result;
  }

  /**
   * Takes over what other nodes have changed. A token that does not open (its key is not in this node's file yet) is left out: what
   * was revoked along with it must not wait for that.
   */
  async refresh(touched: Touched): Promise<void> {
    this.parts.directory.apply(await this.read(() => touched, lenient(this.ring)));
  }

  /** Changes a partner that has not ended its connection; `undefined` if there is none. */
  change<T>(partnerId: string, work: (unit: Unit, row: PartnerRow) => Promise<T>): Promise<T | undefined> {
    return this.run(async (unit) => {
      const row = await unit.manager.findOneBy(partnerEntity, { id: partnerId });
      if (!row || row.unregistered_at !== null) return undefined;
      unit.touched.partners.add(partnerId);
      return work(unit, row);
    });
  }

  /** The same for work without a result: whether there was such a partner. */
  async alter(partnerId: string, work: (unit: Unit, row: PartnerRow) => Promise<unknown>): Promise<boolean> {
    const done = await this.change(partnerId, async (unit, row) => {
      await work(unit, row);
      return true as boolean;
    });
    return done ?? false;
  }

  /** Fills the directory with everything there is. Returns the revision that it has then. */
  async load(): Promise<number> {
    const snapshot = await this.read(touchAll, this.ring);
    this.parts.directory.apply(snapshot);
    return snapshot.revision;
  }

  /** Writes an audit row for something that changed nothing, such as a refusal. */
  async note(entry: AuditEntry): Promise<void> {
    await this.run((unit) => unit.audit(entry));
  }

  private read(what: (manager: EntityManager) => Touched | Promise<Touched>, ring: SealOpener) {
    return this.parts.storage.transaction(async (manager) => ({
      ...(await readSnapshot(manager, ring, await what(manager))),
      revision: await latestRevision(manager),
    }));
  }
}

const lenient = (ring: SealingKeyRing): SealOpener => ({
  open(text, context) {
    try {
      return ring.open(text, context);
    } catch (error) {
      if (error instanceof SealBroken) return undefined;
      throw error;
    }
  },
});
