import { In, IsNull, LessThan, LessThanOrEqual } from 'typeorm';
import { credentialEntity, registrationEntity } from './credential-entities.js';
import { partnerEntity } from './partner-entities.js';
import { dropTokens } from './partner-rows.js';
import type { PartnerWork } from './partner-work.js';

/** Writes down, behind the requests, when partners and tokens were used, and sweeps what has expired. */
export class PartnerActivity {
  private firstUses = new Map<string, string>();
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly work: PartnerWork) {
    work.directory.onFirstUse = (partnerId, credentialId) => {
      this.firstUses.set(credentialId, partnerId);
      this.writing = this.writing.then(() => this.writeFirstUses());
    };
  }

  /** Writes down when partners and tokens were last seen, and sweeps what has expired. To be called now and then, and at the stop. */
  async flush(): Promise<void> {
    await this.writing;
    await this.writeFirstUses();
    const { directory } = this.work;
    const { seen, used } = directory.takeActivity();
    const rows = await this.work.run(async ({ manager, now }) => {
      // Other nodes write here as well: the latest counts.
      for (const [id, at] of seen)
        await manager.update(
          partnerEntity,
          [
            { id, last_seen_at: IsNull() },
            { id, last_seen_at: LessThan(at) },
          ],
          { last_seen_at: at },
        );
      for (const [id, at] of used)
        await manager.update(
          credentialEntity,
          [
            { id, last_used_at: IsNull() },
            { id, last_used_at: LessThan(at) },
          ],
          { last_used_at: at },
        );
      await manager.delete(credentialEntity, {
        expires_at: LessThanOrEqual(now),
        owner_kind: In(['partner', 'invite']),
      });
      const stale = await manager.findBy(credentialEntity, {
        expires_at: LessThanOrEqual(now),
        owner_kind: 'registration',
      });
      for (const { id, owner_id: owner } of stale) {
        await manager.delete(registrationEntity, { id: owner });
        await dropTokens(manager, owner, ['registration']);
        await manager.delete(credentialEntity, { id });
      }
      return manager.find(partnerEntity, { select: { id: true, last_seen_at: true } });
    });
    for (const { id, last_seen_at: at } of rows) if (at !== null) directory.seenElsewhere(id, at);
  }

  /** Writes down first uses that could not be written: until then other nodes take the token that was replaced. */
  tryAgain(): void {
    if (this.firstUses.size > 0) this.writing = this.writing.then(() => this.writeFirstUses());
  }

  private async writeFirstUses(): Promise<void> {
    const uses = this.firstUses;
    if (uses.size === 0) return;
    this.firstUses = new Map();
    try {
      await this.work.run(async ({ manager, now, touched }) => {
        for (const [id, partnerId] of uses) {
          const { affected } = await manager.update(
            credentialEntity,
            { id, state: 'ACTIVE', first_used_at: IsNull() },
            { first_used_at: now, last_used_at: now },
          );
          // Not if the used one has itself been replaced by now: then it is the one that retires.
          if (affected !== 1) continue;
          await manager.delete(credentialEntity, retiringOf(partnerId));
          touched.partners.add(partnerId);
        }
      });
    } catch {
      // The directory has ended the old token already; the rows follow with the next flush.
      for (const [id, partnerId] of uses) this.firstUses.set(id, partnerId);
    }
  }
}

const retiringOf = (partnerId: string) => ({ owner_kind: 'partner', owner_id: partnerId, state: 'RETIRING' }) as const;
