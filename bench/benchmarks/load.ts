import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ownerOf, pullInto } from '../data/stored-hub.js';
import { floorProgram } from '../floors/floor.js';
import type { BenchContext, Benchmark } from '../harness/benchmark.js';
import { ratioFigure } from '../harness/figure.js';
import { Hub } from '../harness/hub.js';
import { MeasuredProcess } from '../harness/measured-process.js';
import { pairedRounds } from '../harness/paired-rounds.js';

interface Taken {
  readonly count: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const mostRounds = 3;

/** The hub pulls the whole data set from a platform that has just registered. */
export const load: Benchmark = {
  name: 'load',
  about: 'pull of the whole data set, against parsing and inserting the same bytes',
  async *run(context) {
    const peaks: number[] = [];
    const pairs = await pairedRounds(
      Math.min(context.rounds, mostRounds),
      async () => {
        const taken = await pull(context);
        peaks.push(taken.peakMemory);
        return taken;
      },
      () => parseAndInsert(context),
    );
    const counts = { locations: pairs[0]?.measured.count, floor_locations: pairs[0]?.floor.count };
    const ratios = (of: 'seconds' | 'cpuSeconds') =>
      pairs.map(({ measured, floor }) => ({ measured: measured[of], floor: floor[of] }));
    yield ratioFigure('load', 'wall', { at_most: 2.5 }, 's', ratios('seconds'), counts);
    yield ratioFigure('load', 'cpu', { at_most: 2.5 }, 's CPU', ratios('cpuSeconds'), {
      ...counts,
      peak_memory_mib: Math.round(Math.max(...peaks)),
    });
  },
};

async function pull({ program, workspace, locations }: BenchContext): Promise<Taken & { peakMemory: number }> {
  const set = await locations();
  const dataDir = path.join(workspace.folder(), 'data');
  mkdirSync(dataDir);
  const owner = ownerOf(set);
  await owner.listen();
  const hub = await Hub.start({ program, dataDir });
  try {
    const cpuBefore = hub.process.cpuSeconds();
    const { stored, endedAt } = await pullInto(hub, owner, set.owners.length);
    const startedAt = performance.timeOrigin + (owner.firstPullAt ?? 0);
    return {
      count: stored,
      seconds: (endedAt - startedAt) / 1000,
      cpuSeconds: hub.process.cpuSeconds() - cpuBefore,
      peakMemory: hub.process.memory().peak,
    };
  } finally {
    await hub.kill();
    owner.close();
  }
}

async function parseAndInsert({ workspace, locations }: BenchContext): Promise<Taken> {
  const { file } = await locations();
  const database = path.join(workspace.folder(), 'floor.sqlite');
  const floor = MeasuredProcess.start(floorProgram('parse-and-insert'), { args: [file, database] });
  try {
    return await floor.ask<Taken>({});
  } finally {
    await floor.stop();
  }
}
