import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import type { InterfaceRole } from '../../kernel/module-id.js';
import { unknownObject } from '../../kernel/ocpi-error.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import type { Partner, SealingKeyRing } from '../partners/index.js';
import type { Reached } from '../routing/index.js';

/** Who may follow a reference, and for what. */
export interface ReferenceHolder {
  readonly caller: Partner;
  readonly from: PartyRef;
  readonly module: string;
  readonly interfaceRole: InterfaceRole;
}

/** What a reference leads to. */
export interface Referred {
  readonly party: PartyRef;
  /** Below the receiver's endpoint if `relative`. */
  readonly target: string;
  readonly relative: boolean;
  /** Tells the partner by which the party was reached. */
  readonly partnerMark: Buffer;
}

const markBytes = 8;
const partyAt = 5 + markBytes;

/**
 * Short texts that stand for a URL of one partner in what is handed to another.
 *
 * All that is needed to follow one stands in it, sealed: nothing is stored, restarts and other nodes with the same keys change nothing. It
 * opens only for the party, platform, module and interface that it was made for, and names the one party that it leads to.
 *
 * Layout: kind (1) · expiry, s since 1970 (4) · mark of the partner (8) · length of the party's key (1), the key · target.
 */
export class SealedReferences {
  constructor(
    private readonly ring: Pick<SealingKeyRing, 'sealCompact' | 'openCompact'>,
    private readonly clock: Clock,
  ) {}

  seal(target: string, receiver: Reached, holder: ReferenceHolder, lifetimeSeconds: number): string {
    // Kept short where it can be: a CDR's URL has 255 characters at most.
    const relative = target.startsWith(receiver.url) && /^[/?]/.test(target.slice(receiver.url.length));
    const head = Buffer.alloc(5);
    head.writeUInt8(relative ? 1 : 0, 0);
    head.writeUInt32BE(Math.floor(this.clock.now() / 1000) + lifetimeSeconds, 1);
    const party = Buffer.from(partyKey(receiver.party));
    const rest = relative ? target.slice(receiver.url.length) : target;
    const parts = [head, markOf(receiver.partner), Buffer.from([party.length]), party, Buffer.from(rest)];
    return this.ring.sealCompact(Buffer.concat(parts), contextOf(holder));
  }

  /** @throws OcpiError 404/2001 if the hub gave out no such reference, not to this party, or too long ago */
  open(reference: string, holder: ReferenceHolder): Referred {
    const bytes = this.opened(reference, holder);
    if (!bytes || bytes.readUInt32BE(1) <= this.clock.now() / 1000) throw unknownReference();
    const partyEnd = partyAt + 1 + bytes.readUInt8(partyAt);
    const [country_code = '', party_id = ''] = bytes.toString('utf8', partyAt + 1, partyEnd).split('/');
    return {
      party: { country_code, party_id },
      target: bytes.toString('utf8', partyEnd),
      relative: bytes.readUInt8(0) === 1,
      partnerMark: bytes.subarray(5, partyAt),
    };
  }

  /** The URL at a receiver. @throws OcpiError 404/2001 if it is not the receiver that the reference was made for */
  resolve(referred: Referred, receiver: Reached): string {
    if (!sameParty(referred.party, receiver.party) || !referred.partnerMark.equals(markOf(receiver.partner)))
      throw unknownReference();
    return referred.relative ? receiver.url + referred.target : referred.target;
  }

  private opened(reference: string, holder: ReferenceHolder): Buffer | undefined {
    try {
      return this.ring.openCompact(reference, contextOf(holder));
    } catch {
      return undefined;
    }
  }
}

export const unknownReference = () => unknownObject('link');

function contextOf({ caller, from, module, interfaceRole }: ReferenceHolder) {
  return { owner: caller.id, purpose: `reference ${module} ${interfaceRole} ${partyKey(from)}` };
}

const marks = new WeakMap<Partner, Buffer>();

/** Only tells partners apart; what it stands in is sealed. */
function markOf(partner: Partner): Buffer {
  let mark = marks.get(partner);
  if (!mark) {
    mark = createHash('sha256').update(partner.id).digest().subarray(0, markBytes);
    marks.set(partner, mark);
  }
  return mark;
}
