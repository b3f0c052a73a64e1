import type { Clock } from '../../kernel/clock.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import { Random } from '../random.js';
import type { ListedText } from '../sender/paged-texts.js';
import { writeJson } from '../wire/json-object.js';
import { mergeObject } from '../wire/merge.js';
import { stampText } from '../wire/stamp.js';

/** A Token of one of our own eMSP parties. */
export interface OwnToken extends ListedText {
  owner: PartyRef;
  uid: string;
  type: string;
  contractId: string;
}

/** The part of a Token that Sessions and CDRs carry. Spec: 2.2.1 §10.4.5 (S-15). */
export interface CdrToken extends PartyRef {
  uid: string;
  type: string;
  contract_id: string;
}

/** The Tokens that an eMSP platform has given out, in order of creation. Repeatable by seed. */
export class Wallet {
  readonly tokens: OwnToken[] = [];
  private readonly random: Random;

  constructor(
    private readonly parties: readonly PartyRef[],
    seed: number,
    private readonly clock: Clock,
  ) {
    this.random = new Random(`tokens/${seed}/${parties.map(partyKey).join()}`);
  }

  /** Gives out n more Tokens for each party: by turns RFID cards and the app. */
  generate(count: number): OwnToken[] {
    return this.parties.flatMap((party) => Array.from({ length: count }, () => this.make(party)));
  }

  /** Tokens of one party, or all. */
  of(owner?: PartyRef): OwnToken[] {
    return owner === undefined ? this.tokens : this.tokens.filter((token) => sameParty(token.owner, owner));
  }

  /** Identity is owner, uid and type (TK-02). */
  find(uid: string, type = 'RFID', owner?: PartyRef): OwnToken | undefined {
    const wanted = uid.toUpperCase();
    return this.of(owner).find((token) => token.uid.toUpperCase() === wanted && token.type === type);
  }

  /** Changes members of a Token, with a new `last_updated`; returns the PATCH that tells of it (wire text). */
  change(token: OwnToken, members: Record<string, unknown>): string {
    token.stamp = Math.max(this.clock.now(), token.stamp + 1);
    const patch = writeJson({ ...members, last_updated: stampText(token.stamp) });
    token.text = mergeObject(token.text, patch);
    return patch;
  }

  private make(owner: PartyRef): OwnToken {
    const number = this.of(owner).length + 1;
    const digits = String(this.random.int(0, 0xff_ff_ff)).padStart(8, '0');
    const isCard = number % 2 === 1;
    const uid = `${owner.party_id}${isCard ? '04' : 'A0'}${digits}${String(number).padStart(3, '0')}`;
    const contractId = `${owner.country_code}-${owner.party_id}-C${digits}${String(number).padStart(3, '0')}`;
    const stamp = this.clock.now();
    const type = isCard ? 'RFID' : 'APP_USER';
    const text = writeJson({
      country_code: owner.country_code,
      party_id: owner.party_id,
      uid,
      type,
      contract_id: contractId,
      visual_number: `${owner.party_id} ${digits}`,
      issuer: `${owner.party_id} Mobility ü`,
      valid: true,
      // An app asks its own back end; nobody else has to (TK-17).
      whitelist: isCard ? 'ALLOWED' : 'NEVER',
      language: 'en',
      x_plan: { name: 'flat', tags: [null, 'a'] },
      last_updated: stampText(stamp),
    });
    const token = { owner, uid, type, contractId, text, stamp };
    this.tokens.push(token);
    return token;
  }
}

/** What Sessions and CDRs say of a Token. */
export const cdrTokenOf = ({ owner, uid, type, contractId }: OwnToken): CdrToken => ({
  country_code: owner.country_code,
  party_id: owner.party_id,
  uid,
  type,
  contract_id: contractId,
});
