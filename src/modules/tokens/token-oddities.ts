import type { Token } from '../../generated/ocpi.js';
import type { Oddity } from '../../kernel/oddity.js';
import {
  addForeignDateTime,
  addUnknownValue,
  isForeignDateTime,
  OddityList,
} from '../../platform/schema/common-oddities.js';

/** Values of the open enumerations of a Token. Spec: 2.2.1 §9.4.2, §12.4.4, §12.4.5. */
export const tokenVocabulary = {
  type: new Set(['AD_HOC_USER', 'APP_USER', 'OTHER', 'RFID']),
  whitelist: new Set(['ALLOWED', 'ALLOWED_OFFLINE', 'ALWAYS', 'NEVER']),
  default_profile_type: new Set(['CHEAP', 'FAST', 'GREEN', 'REGULAR']),
} as const satisfies Record<string, ReadonlySet<string>>;

/** Types of Tokens that are read by no charger, so that to whitelist them has no use (TK-17). */
const usedByApps: ReadonlySet<string> = new Set(['AD_HOC_USER', 'APP_USER']);

/**
 * What is strange in a Token that passed its schema (D-16, second class): it is stored and passed on all the same, and reported.
 * Nothing here quotes what identifies a driver (T20).
 */
export function tokenOddities(token: Token): Oddity[] {
  const list = new OddityList();
  for (const name of ['type', 'whitelist', 'default_profile_type'] as const) {
    const value = token[name];
    if (value != null && !tokenVocabulary[name].has(value)) addUnknownValue(list, `/${name}`, value);
  }
  if (usedByApps.has(token.type) && token.whitelist !== 'NEVER')
    list.add('TK-17', '/whitelist', `is ${token.whitelist}; a Token of type ${token.type} should have NEVER`);
  if (token.language != null && !/^[a-z]{2}$/.test(token.language))
    list.add('D-16', '/language', 'is no ISO 639-1 code in small letters');
  if (isForeignDateTime(token.last_updated)) addForeignDateTime(list, '/last_updated');
  return list.found;
}
