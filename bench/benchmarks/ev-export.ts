import path from 'node:path';
import type { Benchmark } from '../harness/benchmark.js';
import { absoluteFigure } from '../harness/figure.js';
import { probe, probing } from '../harness/probed-hub.js';
import { until } from '../harness/until.js';

interface Exports {
  readonly making: boolean;
  readonly versions: readonly { readonly locations: number; readonly bytes: number }[];
  readonly last_error?: string;
}

/** How long everybody else has to wait while the static data product is made of the whole data set. */
export const evExport: Benchmark = {
  name: 'ev-export',
  about: 'delay of the event loop while the static data product is made of the whole data set',
  async *run({ program, workspace, stored, rounds }) {
    const storedHub = await stored();
    const file = path.join(workspace.folder(), 'probe.json');
    const { nodeOptions, settings } = probing(file);
    const hub = await storedHub.start(program, workspace, {
      nodeOptions,
      settings: { ...settings, ROAMHUB_EV_EXPORT_HOURS: '0' },
    });
    await until('all Locations are known', async () => {
      const { ready } = await hub.admin<{ ready: boolean }>('GET', '/api/ev/history');
      return ready || undefined;
    });
    const samples: number[] = [];
    const others: object[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = await hub.admin<Exports>('GET', '/api/ev/exports');
      await probe(hub, file);
      const startedAt = performance.now();
      await hub.admin('POST', '/api/ev/exports', {});
      const { versions } = await until('the version is there', async () => {
        const state = await hub.admin<Exports>('GET', '/api/ev/exports');
        if (state.last_error !== undefined) throw new Error(state.last_error);
        return !state.making && state.versions[0] !== before.versions[0] && state.versions.length > 0
          ? state
          : undefined;
      });
      const { loop } = await probe(hub, file);
      samples.push(loop.p99Ms);
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      others.push({ longest_ms: Math.round(loop.longestMs), seconds, locations: versions[0]?.locations });
    }
    yield absoluteFigure('ev-export', 'event_loop_p99', { at_most: 50 }, 'ms', samples, { rounds: others });
    await hub.kill();
  },
};
