import path from 'node:path';
import { importOccupancy } from '../data/import-occupancy.js';
import { generator } from '../data/invented-locations.js';
import { statusUpdates } from '../data/status-updates.js';
import type { Benchmark } from '../harness/benchmark.js';
import { absoluteFigure } from '../harness/figure.js';
import { probe, probing } from '../harness/probed-hub.js';
import { requestBytes } from '../load/load-client.js';

const changes = 50_000;
const fields = 'address,evses,locationInfo,emsps,connectorGroups,predictions,reliability,tariffs,nearby';
const mib = 1024 * 1024;

/** What EV data add to the memory of a hub that holds the whole data set and is at work. */
export const evMemory: Benchmark = {
  name: 'ev-memory',
  about: 'memory with EV data served, the history of real occupancy imported and all places asked for, less without',
  async *run({ program, workspace, load, stored, rounds }) {
    const storedHub = await stored();
    const file = path.join(workspace.folder(), 'memory.json');
    const memoryOf = async (enabled: boolean): Promise<{ inUse: number; resident: number }> => {
      const { nodeOptions, settings } = probing(file);
      const hub = await storedHub.start(program, workspace, {
        nodeOptions,
        settings: { ...settings, ROAMHUB_EV_ENABLED: String(enabled) },
      });
      if (enabled) {
        await importOccupancy(hub);
        const { key } = await hub.admin<{ key: string }>('POST', '/api/ev/keys', { name: 'benchmark' });
        const lookUps = storedHub.locations.map(({ country_code, party_id, id }) => ({
          method: 'GET' as const,
          target: `/ev/v3/locations/${Buffer.from(`${country_code}/${party_id}/${id}`.toUpperCase()).toString('base64url')}?fields=${fields}`,
          headers: { Authorization: `Bearer ${key}` },
        }));
        await load.run({ port: hub.port, connections: 16, count: lookUps.length, ...requestBytes(lookUps) });
      }
      const update = statusUpdates(storedHub, generator(3));
      const patches = Array.from({ length: changes }, () => update(new Date().toISOString()));
      await load.run({ port: hub.port, connections: 64, count: patches.length, ...requestBytes(patches) });
      const resident = hub.process.memory().now;
      const { inUse } = await probe(hub, file);
      await hub.kill();
      return { inUse: inUse / mib, resident };
    };
    const samples: number[] = [];
    const resident: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const [some, none] = [await memoryOf(true), await memoryOf(false)];
      samples.push(some.inUse - none.inUse);
      resident.push(some.resident - none.resident);
    }
    const details = { changes, resident_added: resident.map(Math.round) };
    yield absoluteFigure('ev-memory', 'in_use', { at_most: 150 }, 'MiB', samples, details);
  },
};
