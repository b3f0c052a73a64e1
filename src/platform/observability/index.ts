export {
  createEvents,
  type DeliveryAttempted,
  type HubEvents,
  type PullEnded,
  type RequestServed,
  type WriteAcknowledged,
} from './events.js';
export { LineBudget } from './line-budget.js';
export { type LogFields, type Logger, type LogOptions, type LogOutput, openLog, silentLogger } from './logger.js';
export { createMetrics, type HubMetrics, type LaneFigures, type MetricSources } from './metrics.js';
export { redact, scrub } from './redact.js';
