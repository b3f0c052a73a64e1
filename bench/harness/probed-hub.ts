import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { HubOptions } from './hub.js';
import type { MeasuredProcess } from './measured-process.js';
import { until } from './until.js';

/** What a hub says of itself. */
export interface Probe {
  /** Bytes in use once all garbage is collected. */
  readonly inUse: number;
  /** How late the event loop was since the last probe, ms. */
  readonly loop: { readonly p99Ms: number; readonly longestMs: number };
}

const program = path.join(import.meta.dirname, 'hub-probe.js');

/** What a hub has to be started with to be probed. @param file where it writes to */
export function probing(file: string): Required<Pick<HubOptions, 'nodeOptions' | 'settings'>> {
  return { nodeOptions: ['--import', program], settings: { HUB_PROBE_FILE: file } };
}

export async function probe(hub: { readonly process: MeasuredProcess }, file: string): Promise<Probe> {
  rmSync(file, { force: true });
  process.kill(hub.process.pid, 'SIGUSR2');
  return until('the hub is probed', async () => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Probe;
    } catch {
      return undefined;
    }
  });
}
