import { openOccupancy } from '../data/occupancy.js';
import type { Benchmark } from '../harness/benchmark.js';
import { ratioFigure } from '../harness/figure.js';
import { until } from '../harness/until.js';

interface Errors {
  readonly brier: number;
  readonly mae: number;
}

interface Report {
  readonly places: number;
  readonly observations: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly model: Errors;
  readonly last_value: Errors;
  readonly mean_by_hour: Errors;
}

const itemsOfCall = 400;

/** Predictions for days that the model has not seen, against guesses that need no model. */
export const evPredictions: Benchmark = {
  name: 'ev-predictions',
  about: 'the last two days of real occupancy predicted from those before, against the last value and the mean by hour',
  async *run({ program, workspace, stored, say }) {
    const occupancy = openOccupancy();
    if (!occupancy) {
      say('real occupancy is not there: nothing to predict');
      return;
    }
    const storedHub = await stored();
    const hub = await storedHub.start(program, workspace);
    const state = () =>
      hub.admin<{ ready: boolean; waiting: number; subjects: number; making: boolean }>('GET', '/api/ev/history');
    const taken = { taken: 0, unknown: 0, ambiguous: 0 };
    const send = async (items: readonly unknown[]): Promise<void> => {
      const counts = await hub.admin<typeof taken>('POST', '/api/ev/history', { items });
      taken.taken += counts.taken;
      taken.unknown += counts.unknown;
      taken.ambiguous += counts.ambiguous;
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
    await send(items);
    const subjects = await until('the history is taken in', async () => {
      const { waiting, making, subjects } = await state();
      return waiting === 0 && !making && subjects > 0 ? subjects : undefined;
    });
    const { model, places, observations, from, to, ...guesses } = await hub.admin<Report>(
      'GET',
      '/api/ev/history/backtest?days=2',
    );
    const details = { ...taken, subjects, places, observations, from, to };
    for (const [name, guess] of Object.entries(guesses)) {
      const figure = (label: string, unit: string, measured: number, floor: number) =>
        ratioFigure('ev-predictions', `${label}_to_${name}`, { at_most: 1 }, unit, [{ measured, floor }], details);
      yield figure('brier', 'Brier score', model.brier, guess.brier);
      yield figure('mae', 'mean absolute error', model.mae, guess.mae);
    }
    await hub.kill();
  },
};
