import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Token } from '../../generated/ocpi.js';
import { part, schemaDirectory } from '../../platform/schema/schema-files.js';
import { tokenOddities, tokenVocabulary } from './token-oddities.js';

const token: Token = {
  country_code: 'FR',
  party_id: 'EM1',
  uid: '04AB12CD',
  type: 'RFID',
  contract_id: 'FR-EM1-C12345',
  visual_number: 'DF-0001',
  issuer: 'Example Cards',
  valid: true,
  whitelist: 'ALLOWED',
  language: 'fr',
  last_updated: '2026-05-01T12:00:00Z',
};
const secrets = [token.uid, token.contract_id, String(token.visual_number)];

describe('tokenOddities', () => {
  it('finds nothing in usual Tokens', () => {
    expect(tokenOddities(token)).toEqual([]);
    expect(tokenOddities({ ...token, type: 'APP_USER', whitelist: 'NEVER', default_profile_type: null })).toEqual([]);
    expect(tokenOddities({ ...token, whitelist: 'ALWAYS', language: null, default_profile_type: 'GREEN' })).toEqual([]);
  });

  const unknown = (value: string) => `has the value ${value}, which OCPI 2.2.1 does not know`;
  const cases: [string, string, Partial<Token>, string][] = [
    ['T-37', '/type', { type: 'EMAID' }, unknown('EMAID')],
    ['T-37', '/whitelist', { whitelist: 'allowed' }, unknown('allowed')],
    ['T-37', '/default_profile_type', { default_profile_type: 'SLOW' }, unknown('SLOW')],
    ['TK-17', '/whitelist', { type: 'APP_USER' }, 'is ALLOWED; a Token of type APP_USER should have NEVER'],
    [
      'TK-17',
      '/whitelist',
      { type: 'AD_HOC_USER', whitelist: 'ALWAYS' },
      'is ALWAYS; a Token of type AD_HOC_USER should have NEVER',
    ],
    ['D-16', '/language', { language: 'FR' }, 'is no ISO 639-1 code in small letters'],
    [
      'A-16',
      '/last_updated',
      { last_updated: '2026-05-01T12:00:00+02:00' },
      'is no OCPI DateTime: it has an offset or more than 25 characters',
    ],
  ];

  it.each(cases)('%s at %s', (rule, pointer, fields, message) => {
    const found = tokenOddities({ ...token, ...fields });
    expect(found).toEqual([{ rule, pointer, message }]);
    // What identifies a driver is quoted nowhere (T20).
    for (const secret of secrets) expect(JSON.stringify(found)).not.toContain(secret);
  });
});

describe('tokenVocabulary', () => {
  it.each(Object.entries(tokenVocabulary))('agrees with the schema on %s', (name, values) => {
    const file = path.join(schemaDirectory(), '2.2.1', 'tokens', 'token.schema.json');
    const property = part(part(JSON.parse(readFileSync(file, 'utf8')), 'properties'), name);
    expect(property['x-known-values']).toEqual([...values]);
  });
});
