export {
  type CrawlEnd,
  type CrawlRequest,
  type CrawlStop,
  crawl,
  type OnPage,
} from './crawl.js';
export type { Resolve } from './guarded-agent.js';
export { type Link, parseLinks } from './link-header.js';
export { OutboundClient, type OutboundClientOptions } from './outbound-client.js';
export {
  type Ambiguous,
  type AmbiguousReason,
  AnswerBroken,
  type Answered,
  type CallLimits,
  defaultConnectMs,
  defaultLimits,
  forwardLimits,
  forwardSockets,
  isSuccess,
  type Method,
  type OutboundOutcome,
  type OutboundRequest,
  type Profile,
  type Refused,
  type RefusedReason,
  type Streamed,
  type StreamOutcome,
  type Unreachable,
  type UnreachableReason,
} from './outbound-types.js';
export { dataText, type EnvelopeHead, readEnvelope, startsLikeEnvelope } from './read-envelope.js';
export {
  isOneOf,
  normalizeOrigin,
  type Target,
  UrlGuard,
  type UrlPolicy,
  type UrlRefusal,
  type UrlVerdict,
} from './url-guard.js';
