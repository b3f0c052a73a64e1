/** A party in OCPI's sense: one company's role bearer, named by country code and party id. */
export interface PartyRef {
  /** ISO 3166-1 alpha-2. */
  readonly country_code: string;
  /** Three characters, unique within the country. */
  readonly party_id: string;
}

/**
 * The comparable form of a CiString: upper case (D-01, D-02: keys are normalised, spelling is kept).
 *
 * Only the letters of ASCII have two cases here. By Unicode's rules `ſ` would become `S`, and a path with such a letter
 * would pass for the party that it only resembles.
 */
export function ciKey(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x61 && code <= 0x7a) return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
  }
  // The usual case: nothing to change, nothing to copy.
  return text;
}

/** The comparable form of a party, such as `NL/HUB`. */
export function partyKey(party: PartyRef): string {
  return ciKey(`${party.country_code}/${party.party_id}`);
}

/** Whether two references name the same party; CiStrings compare without regard to case. */
export function sameParty(a: PartyRef, b: PartyRef): boolean {
  return sameKey(a.party_id, b.party_id) && sameKey(a.country_code, b.country_code);
}

function sameKey(a: string, b: string): boolean {
  return a === b || ciKey(a) === ciKey(b);
}

/**
 * One segment of an object key: upper case, with `/` and `%` escaped, so that joined keys cannot be mistaken
 * for one another (a CiString may contain a slash).
 */
export function keySegment(id: string): string {
  const key = ciKey(id);
  return key.includes('/') || key.includes('%') ? key.replaceAll('%', '%25').replaceAll('/', '%2F') : key;
}

/** The key of an object of a party, such as `DE/CP1/LOC1`; `ids` are the object's id and those below it. */
export function objectKey(owner: PartyRef, ...ids: string[]): string {
  return [owner.country_code, owner.party_id, ...ids].map(keySegment).join('/');
}

/**
 * Whether an id can stand in a path: `.` and `..` lead elsewhere in every encoding (WHATWG URL), so that whoever names an
 * object so would steer our calls to other URLs of our partners (T8).
 */
export function isAddressable(id: string): boolean {
  return id !== '' && id !== '.' && id !== '..';
}

/** The path of an object below a Receiver interface, with the owner's spelling. */
export function objectPath(owner: PartyRef, ...ids: string[]): string {
  return [owner.country_code, owner.party_id, ...ids].map((id) => `/${encodeURIComponent(id)}`).join('');
}
