import net from 'node:net';
import { AddressRanges } from './address-ranges.js';

/** What the operator lets partner URLs be. */
export interface UrlPolicy {
  /** Opens plain http, loopback and private networks. */
  readonly development: boolean;
  /** CIDR list of networks that are open although they are private; literal addresses must be in it. */
  readonly allowedNetworks: readonly string[];
}

/** A URL that may be called, taken apart. */
export interface Target {
  /** Scheme, host and port in their normal form: lower case, no trailing dot, no default port. */
  readonly origin: string;
  readonly secure: boolean;
  /** Host to connect to; IPv6 literals without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Value of the `Host` header. */
  readonly host: string;
  /** Path and query. */
  readonly path: string;
}

export type UrlRefusal = 'malformed' | 'too-long' | 'scheme' | 'userinfo' | 'fragment' | 'blocked-address';

export type UrlVerdict =
  | { readonly kind: 'allowed'; readonly target: Target }
  | { readonly kind: 'refused'; readonly reason: UrlRefusal };

const maxUrlLength = 4096;
const neverInUrl = /[\s\\\p{Cc}]/u;

/**
 * Judges URLs that partners give us, before anything is resolved or sent.
 *
 * The URL parser folds the short, octal, hexadecimal and Unicode spellings of an IPv4 address into the dotted form, so a
 * host is either a literal in normal form or a name. Names are judged again, by address, when they are resolved.
 *
 * Threat T8; OCPI 2.2.1 says nothing about where a URL may lead.
 */
export class UrlGuard {
  private readonly ranges: AddressRanges;

  constructor(private readonly policy: UrlPolicy) {
    this.ranges = new AddressRanges(policy.allowedNetworks, policy.development);
  }

  check(text: string): UrlVerdict {
    if (text.length > maxUrlLength) return refused('too-long');
    if (neverInUrl.test(text)) return refused('malformed');
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      return refused('malformed');
    }
    const secure = url.protocol === 'https:';
    if (!secure && !(this.policy.development && url.protocol === 'http:')) return refused('scheme');
    if (hasUserinfo(text)) return refused('userinfo');
    if (text.includes('#')) return refused('fragment');
    const hostname = plainHostname(url.hostname);
    if (hostname === '') return refused('malformed');
    // Literal addresses never reach the resolver, so this is the only place that can judge them before connecting.
    if (net.isIP(hostname) !== 0 && !this.ranges.isOpened(hostname)) return refused('blocked-address');
    const host = (hostname.includes(':') ? `[${hostname}]` : hostname) + (url.port === '' ? '' : `:${url.port}`);
    return {
      kind: 'allowed',
      target: {
        origin: `${url.protocol}//${host}`,
        secure,
        hostname,
        port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
        host,
        path: url.pathname + url.search,
      },
    };
  }

  /** Whether an address that a name resolved to may be connected to. */
  allowsAddress(address: string): boolean {
    return this.ranges.allows(address);
  }
}

/** An origin in the form of {@link Target.origin}, or `undefined` if the text is no http(s) URL. */
export function normalizeOrigin(text: string): string | undefined {
  try {
    const url = new URL(text);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
    const hostname = plainHostname(url.hostname);
    const host = hostname.includes(':') ? `[${hostname}]` : hostname;
    return `${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}`;
  } catch {
    return undefined;
  }
}

/** Whether an origin in its normal form is in a partner's list, however that one is written (T9). */
export function isOneOf(origins: readonly string[], origin: string): boolean {
  return origins.includes(origin) || origins.some((text) => normalizeOrigin(text) === origin);
}

function plainHostname(hostname: string): string {
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}

/** Also catches the empty userinfo (`https://@host/`), which the parser drops silently. */
function hasUserinfo(text: string): boolean {
  const authority = /^[a-z][a-z0-9+.-]*:\/*([^/?#]*)/i.exec(text)?.[1] ?? '';
  return authority.includes('@');
}

function refused(reason: UrlRefusal): UrlVerdict {
  return { kind: 'refused', reason };
}
