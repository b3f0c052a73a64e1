export {
  type CrawlEnd,
  type CrawlRequest,
  type CrawlStop,
  crawl,
  type OnPage,
} from './crawl.js';
export type { Resolve } from './guarded-agent.js';
export { OutboundClient, type OutboundClientOptions } from './outbound-client.js';
export {
  type Ambiguous,
  type AmbiguousReason,
  type Answered,
  type CallLimits,
  defaultConnectMs,
  defaultLimits,
  isSuccess,
  type Method,
  type OutboundOutcome,
  type OutboundRequest,
  type Profile,
  type Refused,
  type RefusedReason,
  type Unreachable,
  type UnreachableReason,
} from './outbound-types.js';
export { dataText } from './read-envelope.js';
export {
  normalizeOrigin,
  type Target,
  UrlGuard,
  type UrlPolicy,
  type UrlRefusal,
  type UrlVerdict,
} from './url-guard.js';
