import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ciKey, isAddressable, keySegment, objectKey, objectPath, partyKey, sameParty } from './party-ref.js';

const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 12 });

describe('an id', () => {
  it.each(['', '.', '..'])('cannot be addressed as %j (T8)', (id) => {
    expect(isAddressable(id)).toBe(false);
  });

  it.each(['...', 'a..', '../a', '%2e%2e', ' '])(
    'can be addressed as %j, since encoding it keeps it in its place',
    (id) => {
      expect(isAddressable(id)).toBe(true);
      const path = objectPath({ country_code: 'DE', party_id: 'CP1' }, id);
      expect(new URL(`https://hub.example/a/b${path}`).pathname).toBe(`/a/b${path}`);
    },
  );
});

describe('ciKey (D-01)', () => {
  it('tells no two spellings of ASCII letters apart', () => {
    fc.assert(
      fc.property(printable, (text) => {
        expect(ciKey(text.toLowerCase())).toBe(ciKey(text));
        expect(ciKey(text)).toBe(text.toUpperCase());
      }),
    );
  });

  it('takes no letter beyond ASCII for one of ASCII', () => {
    for (const lookalike of ['\u017f', '\u0131', '\ufb01', '\u00df', '\u212a']) {
      expect(ciKey(`a${lookalike}z`)).toBe(`A${lookalike}Z`);
      for (const ascii of ['S', 'I', 'FI', 'SS', 'K']) expect(ciKey(lookalike)).not.toBe(ciKey(ascii));
    }
  });
});

it('compares parties without case (R-03)', () => {
  expect(partyKey({ country_code: 'nl', party_id: 'hub' })).toBe('NL/HUB');
  expect(sameParty({ country_code: 'NL', party_id: 'HUB' }, { country_code: 'nl', party_id: 'hUb' })).toBe(true);
  expect(sameParty({ country_code: 'NL', party_id: 'HUB' }, { country_code: 'BE', party_id: 'HUB' })).toBe(false);
  expect(sameParty({ country_code: 'ES', party_id: 'CPO' }, { country_code: 'Eſ', party_id: 'CPO' })).toBe(false);
});

describe('keys of objects', () => {
  const owner = { country_code: 'de', party_id: 'cp1' };

  it('are upper case and keep slash and percent apart from separators', () => {
    expect(objectKey(owner, 'loc1')).toBe('DE/CP1/LOC1');
    expect(objectKey(owner, 'a/b', 'c%d')).toBe('DE/CP1/A%2FB/C%25D');
    expect(keySegment('%2F')).toBe('%252F');
  });

  it('are different for different ids, whatever characters these have', () => {
    const ids = fc.array(printable, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const same = a.length === b.length && a.every((id, index) => ciKey(id) === ciKey(b[index] ?? ''));
        expect(objectKey(owner, ...a) === objectKey(owner, ...b)).toBe(same);
      }),
    );
  });

  it('become paths with the spelling of the owner (R-26)', () => {
    expect(objectPath(owner, 'Loc 1/2', 'é')).toBe('/de/cp1/Loc%201%2F2/%C3%A9');
  });
});
