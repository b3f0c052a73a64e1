export { EmbeddedQueue, type EmbeddedQueueOptions } from './embedded-queue.js';
export { openQueue, type QueueOptions } from './open-queue.js';
export {
  type QueueName,
  queueNames,
  type ReportTrouble,
  type Work,
  type WorkHandler,
  type WorkQueue,
} from './work-queue.js';
