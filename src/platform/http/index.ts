export { closeGently, endConnections, watchConnections } from './close-gently.js';
export {
  asStored,
  type Body,
  type ConfigurationEndpoint,
  defineModule,
  done,
  type Interfaces,
  type Method,
  type OcpiModule,
  type OcpiReply,
  type OcpiRequest,
  type PartyEndpoint,
  type PartyRequest,
  relayed,
  stored,
} from './define-module.js';
export { LoadGate, type LoadGateOptions, type LoadLimits, type OverloadChange } from './load-gate.js';
export { type DelayProbe, watchLoopDelay } from './loop-delay.js';
export { checkNotAhead, checkSameId, checkSameOwner, fieldOf, pathParam, requiredBody } from './object-checks.js';
export { orderOf } from './order-of.js';
export { PagedList, type PagedListOptions, type PageReply } from './paged-list.js';
export {
  createPublicListener,
  interfacePath,
  type MountedEndpoint,
  mountedEndpoints,
  type PlainRequest,
  type PlainResponse,
  type PublicListenerOptions,
  type PublicMount,
  type PublicServer,
} from './public-listener.js';
export { RateLimit } from './rate-limit.js';
export { type Authenticator, type PipelineOptions, type RequestOutcome, RequestPipeline } from './request-pipeline.js';
