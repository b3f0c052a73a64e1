import { fileURLToPath } from 'node:url';
import { MeasuredProcess } from '../harness/measured-process.js';
import type { FixedAnswer } from './floor-server.js';

/** A floor that listens, in a process of its own. */
export interface Floor {
  readonly process: MeasuredProcess;
  readonly port: number;
}

export async function startFloor(name: 'same-bytes' | 'parse-body', answers: readonly FixedAnswer[]): Promise<Floor> {
  const process = MeasuredProcess.start(floorProgram(name));
  return { process, port: await process.ask<number>(answers) };
}

export function floorProgram(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}
