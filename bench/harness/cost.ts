import type { LoadClient } from '../load/load-client.js';
import type { LoadResult, LoadRun } from '../load/load-run.js';
import type { MeasuredProcess } from './measured-process.js';

/** What a run of requests cost the process that answered them. */
export interface Cost extends LoadResult {
  /** User and system time of the process per request, µs. */
  readonly cpuMicros: number;
  readonly perSecond: number;
  /** Bytes of body per answer. */
  readonly answerBytes: number;
}

/** Loads a server and reads its process's CPU time before and after. */
export async function costOf(load: LoadClient, server: MeasuredProcess, run: LoadRun): Promise<Cost> {
  const before = server.cpuSeconds();
  const result = await load.run(run);
  const cpuMicros = ((server.cpuSeconds() - before) * 1e6) / result.answers;
  const { answers, seconds, bodyBytes } = result;
  return { ...result, cpuMicros, perSecond: answers / seconds, answerBytes: Math.round(bodyBytes / answers) };
}
