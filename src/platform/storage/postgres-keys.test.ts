import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { objectKey } from '../../kernel/party-ref.js';
import { decodeId, decodeKey, encodeId, encodeKey, plainText } from './postgres-keys.js';

const text = fc.string({ unit: fc.constantFrom('\0', '%', '/', '0', '2', '5', 'F', 'A', '\u00e9', '\ud83d\ude00') });

it('brings keys and ids back as they were, without any NUL on the way', () => {
  fc.assert(
    fc.property(text, (id) => {
      const key = objectKey({ country_code: 'DE', party_id: 'CP1' }, id);
      expect(decodeKey(encodeKey(key))).toBe(key);
      expect(decodeId(encodeId(id))).toBe(id);
      expect(encodeKey(key) + encodeId(id)).not.toContain('\0');
    }),
  );
});

it('writes half a surrogate pair as UTF-8 does, so that what is written is what is looked for', () => {
  for (const encode of [encodeKey, encodeId, plainText]) expect(encode('a\ud800b')).toBe('a\ufffdb');
});
