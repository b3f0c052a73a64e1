export { type RoutingHeaders, readRoutingHeaders, routingHeaders } from './routing-headers.js';
export { type Scenario, type Situation, scenario } from './scenario.js';
export { visibleOwners } from './visibility.js';
