import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import { ConfigRefusal } from '../config/index.js';
import type { PartnerStorage } from './partner-work.js';
import type { TokenMint } from './token-mint.js';

/**
 * Nodes on one database are one hub: they must have the same key file, or each would refuse the tokens that another gave out, and
 * speak for the same party. The first one leaves its party and a keyed hash of a constant; keys for sealing may differ while
 * they are being changed.
 * @throws ConfigRefusal if the pepper or the party of this node is another
 */
export async function checkSameHub(storage: PartnerStorage, mint: TokenMint, hub: PartyRef): Promise<void> {
  const own = { fingerprint: mint.digest('roamhub key file').toString('hex'), party: partyKey(hub) };
  const known = await storage.transaction(async (manager) => {
    await manager.query(
      'INSERT INTO key_fingerprint (one, fingerprint, party) VALUES (1, $1, $2) ON CONFLICT DO NOTHING',
      [own.fingerprint, own.party],
    );
    const [row] = (await manager.query('SELECT fingerprint, party FROM key_fingerprint')) as (typeof own)[];
    return row;
  });
  if (known?.fingerprint !== own.fingerprint)
    throw new ConfigRefusal(['The secret key file differs from the one that the other nodes on this database use.']);
  if (known.party !== own.party)
    throw new ConfigRefusal([`The hub on this database is the party ${known.party}, and this node is ${own.party}.`]);
}
