import { importOccupancy } from '../data/import-occupancy.js';
import type { Benchmark } from '../harness/benchmark.js';
import { ratioFigure } from '../harness/figure.js';

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

/** Predictions for days that the model has not seen, against guesses that need no model. */
export const evPredictions: Benchmark = {
  name: 'ev-predictions',
  about: 'the last two days of real occupancy predicted from those before, against the last value and the mean by hour',
  async *run({ program, workspace, stored, say }) {
    const storedHub = await stored();
    const hub = await storedHub.start(program, workspace);
    const imported = await importOccupancy(hub);
    if (imported) {
      const { model, places, observations, from, to, ...guesses } = await hub.admin<Report>(
        'GET',
        '/api/ev/history/backtest?days=2',
      );
      const details = { ...imported, places, observations, from, to };
      for (const [name, guess] of Object.entries(guesses)) {
        const figure = (label: string, unit: string, measured: number, floor: number) =>
          ratioFigure('ev-predictions', `${label}_to_${name}`, { at_most: 1 }, unit, [{ measured, floor }], details);
        yield figure('brier', 'Brier score', model.brier, guess.brier);
        yield figure('mae', 'mean absolute error', model.mae, guess.mae);
      }
    } else say('real occupancy is not there: nothing to predict');
    await hub.kill();
  },
};
