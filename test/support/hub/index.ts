export { FixedAuthenticator, type PartnerSpec, partnerOf } from './fixed-authenticator.js';
export { type Answer, type CallOptions, callHttp, nextOf, type WireEnvelope } from './http-call.js';
export { parseRaw, sendRaw } from './raw-socket.js';
export { envelope, type PartnerReply, type ReceivedRequest, RecordingPartner } from './recording-partner.js';
export {
  at,
  connector,
  evse,
  location,
  priceComponent,
  type Sample,
  sampleInstant,
  sampleTime,
  tariff,
  token,
  without,
} from './samples.js';
export {
  cast,
  type Guest,
  type GuestName,
  hubParty,
  type PartnerName,
  startTestHub,
  type TestHub,
  type TestHubOptions,
  tokenA,
} from './test-hub.js';
