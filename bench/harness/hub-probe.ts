import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import v8 from 'node:v8';
import vm from 'node:vm';

/**
 * Loaded into a hub with `--import`: upon SIGUSR2 it writes down how late the event loop was since the last time, then collects all
 * garbage and adds what is in use. Resident memory alone depends on when the garbage collector happened to run.
 */
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;
const resolution = 5;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();

process.on('SIGUSR2', () => {
  const ms = (ns: number): number => Math.max(0, ns / 1e6 - resolution);
  const loop = { p99Ms: ms(delay.percentile(99)), longestMs: ms(delay.max) };
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(process.env.HUB_PROBE_FILE ?? 'hub-probe.json', JSON.stringify({ inUse: heapUsed + external, loop }));
  delay.reset();
});
