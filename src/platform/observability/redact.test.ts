import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redact, scrub } from './redact.js';

const secret = 'S3CRETVALUE';

describe('redact (T20)', () => {
  it.each([
    'authorization',
    'Authorization',
    'token',
    'outboundToken',
    'presented_token',
    'uid',
    'token_uid',
    'contract_id',
    'contractId',
    'auth_id',
    'visual_number',
    'Visual-Number',
  ])('hides %s at any depth', (name) => {
    expect(JSON.stringify(redact({ [name]: secret }))).not.toContain(secret);
    expect(JSON.stringify(redact({ a: [{ b: { [name]: { inner: secret } } }] }))).not.toContain(secret);
  });

  it('leaves what identifies without opening anything', () => {
    const fields = { token_id: 'Ab12', evse_uid: 'E1', location_id: 'L1', status: 200, at: null, ok: true };
    expect(redact(fields)).toEqual(fields);
  });

  it('cuts the query off a response_url and keeps the rest', () => {
    expect(redact({ response_url: `https://a.example/cb/1?key=${secret}` })).toEqual({
      response_url: 'https://a.example/cb/1?[redacted]',
    });
  });

  it('finds credentials in sentences, stacks and causes', () => {
    const error = new Error(`sent "Authorization: Token ${secret}=="`, {
      cause: new Error(`https://user:${secret}@db/ failed`),
    });
    const minted = `Ab3dEf6h.${'x'.repeat(43)}`;
    const line = JSON.stringify(redact({ err: error, note: `Bearer ${secret} and ${minted}` }));
    expect(line).not.toContain(secret);
    expect(line).not.toContain(minted);
    expect(line).toContain('failed');
  });

  it('survives loops, buffers and very large values', () => {
    const loop: Record<string, unknown> = {
      bytes: Buffer.from(secret),
      text: 'y'.repeat(100_000),
      items: Array(1e4).fill(1),
    };
    loop.self = loop;
    const line = JSON.stringify(redact(loop));
    expect(line).not.toContain(secret);
    expect(line.length).toBeLessThan(60_000);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.anything()), (fields) => void redact(fields)));
    fc.assert(fc.property(fc.string(), (text) => void scrub(text)));
  });
});
