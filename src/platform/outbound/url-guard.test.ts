import { describe, expect, it } from '@jest/globals';
import { normalizeOrigin, UrlGuard } from './url-guard.js';

const production = new UrlGuard({ development: false, allowedNetworks: [] });
const development = new UrlGuard({ development: true, allowedNetworks: [] });

function reasonFor(guard: UrlGuard, url: string): string {
  const verdict = guard.check(url);
  return verdict.kind === 'refused' ? verdict.reason : 'allowed';
}

describe('UrlGuard', () => {
  it('takes an ordinary partner URL apart', () => {
    expect(production.check('https://OCPI.Partner.Example.:443/cpo/2.2.1//locations?offset=50&x=%20')).toEqual({
      kind: 'allowed',
      target: {
        origin: 'https://ocpi.partner.example',
        secure: true,
        hostname: 'ocpi.partner.example',
        port: 443,
        host: 'ocpi.partner.example',
        path: '/cpo/2.2.1//locations?offset=50&x=%20',
      },
    });
  });

  it('keeps a port of its own in origin and host', () => {
    const verdict = production.check('https://partner.example:8443');
    expect(verdict).toMatchObject({
      kind: 'allowed',
      target: { origin: 'https://partner.example:8443', host: 'partner.example:8443', port: 8443, path: '/' },
    });
  });

  it.each([
    ['http://partner.example/', 'scheme'],
    ['ftp://partner.example/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['https://user@partner.example/', 'userinfo'],
    ['https://user:secret@partner.example/', 'userinfo'],
    ['https://@partner.example/', 'userinfo'],
    ['https://:@partner.example/', 'userinfo'],
    ['https://partner.example/#part', 'fragment'],
    ['https://partner.example/#', 'fragment'],
    ['partner.example/versions', 'malformed'],
    ['https://', 'malformed'],
    ['https://partner.example\\@evil.example/', 'malformed'],
    ['https://partner.example/a b', 'malformed'],
    ['https://part\tner.example/', 'malformed'],
    ['https://partner.example:99999/', 'malformed'],
    [`https://partner.example/${'a'.repeat(5000)}`, 'too-long'],
  ])('refuses %s: %s', (url, reason) => {
    expect(reasonFor(production, url)).toBe(reason);
  });

  it('allows an at sign behind the host', () => {
    expect(reasonFor(production, 'https://partner.example/by-mail/a@b?x=c@d')).toBe('allowed');
  });

  it('refuses every literal address that the operator did not list, a public one too', () => {
    expect(reasonFor(production, 'https://8.8.8.8/')).toBe('blocked-address');
    expect(reasonFor(production, 'https://[2606:4700::1111]/')).toBe('blocked-address');
    const listed = new UrlGuard({ development: false, allowedNetworks: ['10.20.0.0/16', 'fd00:1::/32'] });
    expect(reasonFor(listed, 'https://10.20.1.1/')).toBe('allowed');
    expect(reasonFor(listed, 'https://[fd00:1::5]/')).toBe('allowed');
    expect(reasonFor(listed, 'https://10.21.1.1/')).toBe('blocked-address');
  });

  it('opens loopback and private networks in development, and nothing else', () => {
    for (const url of ['http://127.0.0.1:1/', 'http://[::1]/', 'http://192.168.3.4/', 'http://[fd12::1]/']) {
      expect(reasonFor(development, url)).toBe('allowed');
    }
    for (const url of ['http://169.254.169.254/', 'http://0.0.0.0/', 'http://[fe80::1]/', 'http://224.0.0.1/']) {
      expect(reasonFor(development, url)).toBe('blocked-address');
    }
  });

  it('refuses an operator list that is no list of networks', () => {
    expect(() => new UrlGuard({ development: false, allowedNetworks: ['10.0.0.0/33'] })).toThrow(RangeError);
    expect(() => new UrlGuard({ development: false, allowedNetworks: ['partner.example'] })).toThrow(RangeError);
  });
});

describe('UrlGuard.allowsAddress', () => {
  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.7',
    '203.0.113.7',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '100::1',
    '2001::1',
    '2001:1ff::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'not-an-address',
    '',
  ])('closes %s', (address) => {
    expect(production.allowsAddress(address)).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '192.0.1.1',
    '198.20.0.1',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '2606:4700::1111',
    '2001:200::1',
    '2a00:1450::1',
  ])('leaves %s open', (address) => {
    expect(production.allowsAddress(address)).toBe(true);
  });

  it('opens what the operator lists, in its mapped form too', () => {
    const guard = new UrlGuard({ development: false, allowedNetworks: ['10.20.0.0/16'] });
    expect(guard.allowsAddress('10.20.3.4')).toBe(true);
    expect(guard.allowsAddress('::ffff:10.20.3.4')).toBe(true);
    expect(guard.allowsAddress('10.21.3.4')).toBe(false);
  });
});

describe('normalizeOrigin', () => {
  it.each([
    ['https://Partner.Example', 'https://partner.example'],
    ['https://partner.example.:443/ocpi/versions?x#y', 'https://partner.example'],
    ['http://partner.example:8080/', 'http://partner.example:8080'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('reads %s as %s', (text, origin) => {
    expect(normalizeOrigin(text)).toBe(origin);
  });

  it('is undefined for what is no http(s) URL', () => {
    expect(normalizeOrigin('partner.example')).toBeUndefined();
    expect(normalizeOrigin('ftp://partner.example')).toBeUndefined();
  });
});
