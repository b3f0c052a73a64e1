import { ConfigRefusal } from '../config/index.js';
import type { PartnerStorage } from './partner-work.js';
import type { TokenMint } from './token-mint.js';

/**
 * Nodes on one database must have the same key file, or each would refuse the tokens that another gave out. The first one leaves a
 * keyed hash of a constant; keys for sealing may differ while they are being changed.
 * @throws ConfigRefusal if the pepper of this node is another
 */
export async function checkKeyFingerprint(storage: PartnerStorage, mint: TokenMint): Promise<void> {
  const own = mint.digest('roamhub key file').toString('hex');
  const known = await storage.transaction(async (manager) => {
    await manager.query('INSERT INTO key_fingerprint (one, fingerprint) VALUES (1, $1) ON CONFLICT DO NOTHING', [own]);
    const [row] = (await manager.query('SELECT fingerprint FROM key_fingerprint')) as { fingerprint: string }[];
    return row?.fingerprint;
  });
  if (known !== own)
    throw new ConfigRefusal(['The secret key file differs from the one that the other nodes on this database use.']);
}
