export {
  noRemoteParties,
  type PartnerBook,
  PartyBook,
  type Reachability,
  type Reached,
  type RemoteParties,
  type RemoteParty,
} from './party-book.js';
export { receivingRoles } from './receiving-roles.js';
export { newTrace, type RouteCandidate, type RouteLeg, type RouteTrace } from './route-trace.js';
export { type RoutingHeaders, readRoutingHeaders, routingHeaders } from './routing-headers.js';
export { type Addressing, type Meaning, type Scenario, type Situation, scenario } from './scenario.js';
export { type PartyList, Visibility } from './visibility.js';
