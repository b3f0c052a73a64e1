import type { TokenForm } from '../../kernel/credentials-token.js';
import { interfaceRoles, isCustomModule, moduleIds, ocpiVersion } from '../../kernel/module-id.js';
import {
  type Answered,
  isSuccess,
  type OutboundOutcome,
  type OutboundRequest,
} from '../../platform/outbound/outbound-types.js';
import { dataText } from '../../platform/outbound/read-envelope.js';
import { normalizeOrigin } from '../../platform/outbound/url-guard.js';
import { credentialsUrl, type PartnerEndpoint } from '../../platform/partners/index.js';

/** What calls partners; never rejects. */
export interface PartnerCalls {
  send(request: OutboundRequest): Promise<OutboundOutcome>;
}

export interface DiscoveryRequest {
  readonly versionsUrl: string;
  /** In clear. */
  readonly token: string;
  /** Tried in this order; a later one only if the partner does not know the token in the one before. */
  readonly forms: readonly TokenForm[];
  readonly origins: readonly string[];
  readonly correlationId?: string;
}

/** What a partner's versions and details say. */
export type Discovery =
  | { readonly kind: 'found'; readonly endpoints: readonly PartnerEndpoint[]; readonly form: TokenForm }
  /** No answer, or none that can be used (C-13). */
  | {
      readonly kind: 'unusable';
      readonly what: string;
      /** The partner did answer, and refused. */
      readonly answered: boolean;
      /** What came of the call, where it failed: for the operator, not for whoever named the URL. */
      readonly why?: string;
    }
  /** It does not offer the version of this endpoint (C-14). */
  | { readonly kind: 'unsupported' }
  /** It lacks what is needed to work with it (C-15). */
  | { readonly kind: 'missing'; readonly what: string }
  /** It leads to origins that were not agreed (threats T7, T9); they were not called. */
  | { readonly kind: 'foreign'; readonly what: string; readonly origins: readonly string[] };

type Unusable = Extract<Discovery, { kind: 'unusable' }>;
type Read = { readonly kind: 'read'; readonly data: unknown } | Unusable;

const known: ReadonlySet<string> = new Set(moduleIds);
/** Custom modules beyond this many endpoints are left out. */
const mostEndpoints = 100;

/**
 * Reads a partner's versions and the details of 2.2.1 (C-02).
 *
 * What the hub does not know is ignored: other versions, modules and fields (V-11). Custom modules are kept, as parties may
 * agree on them (V-10), if they can be used at all. The role of the `credentials` entry says nothing (V-06, A-71).
 */
export class PartnerDiscovery {
  constructor(private readonly calls: PartnerCalls) {}

  async discover(request: DiscoveryRequest): Promise<Discovery> {
    if (!isWithin(request.origins, request.versionsUrl)) return foreign('The versions URL', [request.versionsUrl]);
    const { form, outcome } = await this.firstKnown(request);
    const versions = readData(outcome, 'versions');
    if (versions.kind === 'unusable') return versions;
    const detailsUrl = urlOfVersion(versions.data);
    if (detailsUrl.kind !== 'read') return detailsUrl;
    const url = String(detailsUrl.data);
    if (!isWithin(request.origins, url)) return foreign('The URL of the version details', [url]);
    const details = readData(await this.get(url, form, request), 'version details');
    if (details.kind === 'unusable') return details;
    return judge(details.data, form, request.origins);
  }

  private async firstKnown(request: DiscoveryRequest): Promise<{ form: TokenForm; outcome: OutboundOutcome }> {
    const [first = 'base64', ...others] = request.forms;
    let form = first;
    let outcome = await this.get(request.versionsUrl, form, request);
    for (const other of others) {
      if (outcome.kind !== 'answered' || outcome.httpStatus !== 401) break;
      form = other;
      outcome = await this.get(request.versionsUrl, form, request);
    }
    return { form, outcome };
  }

  private get(url: string, tokenForm: TokenForm, request: DiscoveryRequest): Promise<OutboundOutcome> {
    const { token, origins, correlationId } = request;
    const ids = correlationId === undefined ? {} : { correlationId };
    return this.calls.send({ method: 'GET', url, token, tokenForm, origins, profile: 'handshake', ...ids });
  }
}

/** Whether a URL leads to one of the origins. */
export function isWithin(origins: readonly string[], url: string): boolean {
  const origin = normalizeOrigin(url);
  return origin !== undefined && origins.some((agreed) => normalizeOrigin(agreed) === origin);
}

/** The parsed `data` of a successful answer; `undefined` if it has none that can be read. */
export function parsedData(answer: Answered): unknown {
  const text = dataText(answer);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readData(outcome: OutboundOutcome, what: string): Read {
  const answered = outcome.kind === 'answered';
  if (!isSuccess(outcome)) return { ...unusable(`The ${what} could not be fetched.`, answered), why: whyOf(outcome) };
  const data = parsedData(outcome);
  return data === undefined || data === null ? unusable(`The ${what} could not be read.`) : { kind: 'read', data };
}

function whyOf(outcome: OutboundOutcome): string {
  return outcome.kind === 'answered'
    ? `HTTP ${outcome.httpStatus}, OCPI ${outcome.statusCode ?? 'none'}`
    : `${outcome.kind}: ${outcome.reason}`;
}

function urlOfVersion(data: unknown): Read | Discovery {
  if (!Array.isArray(data)) return unusable('The versions are no list.');
  const entry = data.filter(isObject).find(({ version }) => version === ocpiVersion);
  if (!entry) return { kind: 'unsupported' };
  return typeof entry.url === 'string' ? { kind: 'read', data: entry.url } : unusable('The version has no URL.');
}

function judge(data: unknown, form: TokenForm, origins: readonly string[]): Discovery {
  if (!isObject(data) || !Array.isArray(data.endpoints)) return unusable('The version details have no endpoints.');
  if (data.version !== undefined && data.version !== ocpiVersion)
    return unusable('The version details are those of another version.');
  const endpoints = new Map<string, PartnerEndpoint>();
  for (const entry of data.endpoints) {
    if (!isObject(entry) || typeof entry.identifier !== 'string') continue;
    const isKnown = known.has(entry.identifier);
    if (!isKnown && !isCustomModule(entry.identifier)) continue;
    const endpoint = readEndpoint(entry, entry.identifier);
    if (!isKnown && !(endpoint && isWithin(origins, endpoint.url) && endpoints.size < mostEndpoints)) continue;
    if (!endpoint) return unusable(`The endpoint of ${entry.identifier} has no usable role or URL.`);
    const key = `${endpoint.identifier} ${endpoint.role}`;
    if (!endpoints.has(key)) endpoints.set(key, endpoint);
  }
  const found = [...endpoints.values()];
  if (!credentialsUrl(found)) return { kind: 'missing', what: 'The client offers no credentials endpoint.' };
  if (!found.some(({ identifier }) => known.has(identifier) && identifier !== 'credentials'))
    return { kind: 'missing', what: 'The client offers no module besides credentials.' };
  const outside = found.filter(({ url }) => !isWithin(origins, url));
  const names = outside.map(({ identifier }) => identifier).join(', ');
  if (outside.length > 0)
    return foreign(
      `The endpoint of ${names}`,
      outside.map(({ url }) => url),
    );
  return { kind: 'found', endpoints: found, form };
}

function readEndpoint(entry: Record<string, unknown>, identifier: string): PartnerEndpoint | undefined {
  if (typeof entry.url !== 'string' || !URL.canParse(entry.url)) return undefined;
  const role = identifier === 'credentials' ? 'SENDER' : interfaceRoles.find((candidate) => candidate === entry.role);
  return role && { identifier, role, url: entry.url };
}

function unusable(what: string, answered = true): Unusable {
  return { kind: 'unusable', what, answered };
}

function foreign(what: string, urls: readonly string[]): Discovery {
  const origins = [...new Set(urls.map((url) => normalizeOrigin(url) ?? url))];
  return { kind: 'foreign', what: `${what} lies outside the origins agreed for this connection.`, origins };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
