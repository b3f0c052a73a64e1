import type { Hub } from '../harness/hub.js';
import { until } from '../harness/until.js';
import { openOccupancy } from './occupancy.js';

/** What became of the Locations of the history. */
export interface Imported {
  readonly taken: number;
  readonly unknown: number;
  readonly ambiguous: number;
  /** Places and groups for which there are predictions now. */
  readonly subjects: number;
}

interface State {
  readonly ready: boolean;
  readonly waiting: number;
  readonly subjects: number;
  readonly making: boolean;
}

const itemsOfCall = 400;

/** Gives a hub the real occupancy, and waits until predictions are made of it; undefined: it is not there. */
export async function importOccupancy(hub: Hub): Promise<Imported | undefined> {
  const occupancy = openOccupancy();
  if (!occupancy) return undefined;
  const state = (): Promise<State> => hub.admin<State>('GET', '/api/ev/history');
  const total = { taken: 0, unknown: 0, ambiguous: 0 };
  const send = async (items: readonly unknown[]): Promise<void> => {
    const counts = await hub.admin<typeof total>('POST', '/api/ev/history', { items });
    for (const name of ['taken', 'unknown', 'ambiguous'] as const) total[name] += counts[name];
  };
  await until('all Locations are known', async () => {
    const { ready, making } = await state();
    return (ready && !making) || undefined;
  });
  let items: unknown[] = [];
  for await (const item of occupancy) {
    if (items.push(item) < itemsOfCall) continue;
    await send(items);
    items = [];
  }
  if (items.length > 0) await send(items);
  const subjects = await until('the history is taken in', async () => {
    const { waiting, making, subjects } = await state();
    return waiting === 0 && !making && subjects > 0 ? subjects : undefined;
  });
  return { ...total, subjects };
}
