import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SealingKeyRing } from './sealing-key-ring.js';

const keys = new Map([
  ['k1', randomBytes(32)],
  ['k2', randomBytes(32)],
]);
const ring = new SealingKeyRing(keys, 'k1');
const context = { owner: 'partner-1', purpose: 'outbound' };

describe('SealingKeyRing', () => {
  it('opens what it has sealed, and never seals twice alike', () => {
    const sealed = ring.seal('a token with ünïcode', context);
    expect(ring.open(sealed, context)).toBe('a token with ünïcode');
    expect(sealed).not.toContain('token');
    expect(ring.seal('a token with ünïcode', context)).not.toBe(sealed);
  });

  it('T4 does not open for another owner or purpose, nor what was changed', () => {
    const sealed = ring.seal('secret', context);
    expect(() => ring.open(sealed, { ...context, owner: 'partner-2' })).toThrow();
    expect(() => ring.open(sealed, { ...context, purpose: 'registration' })).toThrow();
    const [scheme, key, nonce, body = ''] = sealed.split('.');
    const flipped = (body.startsWith('A') ? 'B' : 'A') + body.slice(1);
    expect(() => ring.open([scheme, key, nonce, flipped].join('.'), context)).toThrow();
    expect(() => ring.open([scheme, 'k2', nonce, body].join('.'), context)).toThrow();
    expect(() => ring.open([scheme, key, nonce, body.slice(0, 10)].join('.'), context)).toThrow();
    expect(() => ring.open('secret', context)).toThrow('This is no sealed text.');
  });

  it('opens with an older key what that key has sealed, and seals with the active one', () => {
    const later = new SealingKeyRing(keys, 'k2');
    const sealed = ring.seal('secret', context);
    expect(later.open(sealed, context)).toBe('secret');
    expect([ring.isCurrent(sealed), later.isCurrent(sealed)]).toEqual([true, false]);
    expect(later.isCurrent(later.seal('secret', context))).toBe(true);
  });

  it('T8 seals bytes into a short text for a URL, which opens for its context alone and with a key of its own', () => {
    const clear = Buffer.from([0, 255, 1, 2, 3]);
    const sealed = ring.sealCompact(clear, context);
    expect(sealed).toMatch(/^[A-Za-z0-9_-]{50}$/);
    expect(ring.openCompact(sealed, context)).toEqual(clear);
    expect(ring.sealCompact(clear, context)).not.toBe(sealed);
    expect(() => ring.openCompact(sealed, { ...context, owner: 'partner-2' })).toThrow();
    expect(() => ring.openCompact(sealed, { ...context, purpose: 'registration' })).toThrow();
    expect(() => ring.openCompact(`${sealed}!`, context)).toThrow('This is no sealed text.');
    for (let at = 0; at < sealed.length - 1; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      expect(() => ring.openCompact(changed, context)).toThrow();
      expect(() => ring.openCompact(sealed.slice(0, at), context)).toThrow();
    }
    const later = new SealingKeyRing(keys, 'k2');
    expect(later.openCompact(sealed, context)).toEqual(clear);
    const [key = Buffer.alloc(0)] = keys.values();
    const other = new SealingKeyRing(new Map([['k2', key]]), 'k2');
    expect(() => other.openCompact(sealed, context)).toThrow('The sealing key "k1" is not in the key ring.');
  });

  it('refuses a key that is missing or too short', () => {
    expect(() => new SealingKeyRing(keys, 'k3')).toThrow('The sealing key "k3" is not in the key ring.');
    expect(() => new SealingKeyRing(new Map([['k', randomBytes(16)]]), 'k')).toThrow('not 32 bytes long');
    expect(() =>
      new SealingKeyRing(new Map([['k2', randomBytes(32)]]), 'k2').open(ring.seal('x', context), context),
    ).toThrow('The sealing key "k1" is not in the key ring.');
  });
});
