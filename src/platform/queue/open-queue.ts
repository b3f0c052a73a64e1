import type { Clock } from '../../kernel/clock.js';
import { EmbeddedQueue } from './embedded-queue.js';
import type { ReportTrouble, WorkQueue } from './work-queue.js';

export interface QueueOptions {
  readonly clock: Clock;
  readonly report: ReportTrouble;
  /** Told what is not as it should be with Redis, but works. */
  readonly warn?: (text: string) => void;
  /** With it the queue is shared between processes through Redis; without it, it lives in this process. */
  readonly redisUrl?: string;
}

/** The queue that the configuration asks for. BullMQ is loaded only if it is wanted. */
export async function openQueue({ redisUrl, ...options }: QueueOptions): Promise<WorkQueue> {
  if (redisUrl === undefined) return new EmbeddedQueue(options);
  const { BullmqQueue } = await import('./bullmq-queue.js');
  return new BullmqQueue({ ...options, redisUrl });
}
