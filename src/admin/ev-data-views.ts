import { boolean, type Infer, integer, list, map, nullable, number, object, string } from './schema.js';

const time = string({ format: 'date-time' });
const id = string({ minLength: 1, maxLength: 64 });
const scopes = list(string({ pattern: '^[A-Za-z]{1,40}$' }), { minItems: 1, maxItems: 20 });
const party = object(
  {
    country_code: string({ pattern: '^[A-Za-z]{2}$', description: 'two letters' }),
    party_id: string({ pattern: '^[A-Za-z0-9]{3}$', description: 'three letters or digits' }),
  },
  {},
  { title: 'PartyReference' },
);

export const newDataKey = object(
  { name: string({ minLength: 1, maxLength: 100, description: 'for people' }) },
  { scopes, party, expires_in_days: integer({ minimum: 1, maximum: 3_650 }) },
  {
    title: 'DataKeyRequest',
    description:
      'Without scopes the key may read everything. With a party its holder sees what agreements let that party see, else what they let the hub itself see',
  },
);

const keyFields = {
  id,
  name: string(),
  scopes: list(string()),
  party: nullable(string({ description: 'DE/CP1; null: reads in the name of the hub' })),
  created_at: time,
  expires_at: nullable(time),
};
export const dataKeyView = object(keyFields, {}, { title: 'DataKey', description: 'A key of the EV data API' });
export type DataKeyView = Infer<typeof dataKeyView>;

export const newDataKeyView = object(
  { ...keyFields, key: string({ description: 'Shown here and nowhere else' }) },
  {},
  { title: 'NewDataKey' },
);
export type NewDataKeyView = Infer<typeof newDataKeyView>;

export const dataExportsView = object(
  {
    making: boolean({ description: 'A version is being made now' }),
    versions: list(
      object(
        { version: string(), generated_at: time, locations: integer(), files: integer(), bytes: integer() },
        {},
        { title: 'DataExport' },
      ),
    ),
  },
  { last_error: string({ description: 'Why the last attempt of this node failed' }) },
  { title: 'DataExports', description: 'Versions of the static data product, newest first' },
);
export type DataExportsView = Infer<typeof dataExportsView>;

const hours = list(nullable(number({ minimum: 0, maximum: 100 })), {
  minItems: 24,
  maxItems: 24,
  description: 'percent of its EVSEs in use, for each hour of the local day; null: not known',
});
export const historyRequest = object(
  {
    items: list(
      object(
        {
          locationId: string({ minLength: 1, maxLength: 36 }),
          occ: map(hours, 'by local day, such as 2026-06-02'),
        },
        {
          country_code: string({ pattern: '^[A-Za-z]{2}$' }),
          party_id: string({ pattern: '^[A-Za-z0-9]{3}$' }),
          n: integer({ minimum: 0, description: 'number of its EVSEs; for people' }),
        },
        { title: 'OccupancyHistory' },
      ),
      { minItems: 1, maxItems: 2_000 },
    ),
  },
  {},
  {
    title: 'HistoryRequest',
    description: 'How busy Locations were; a party is needed where several have a Location of this id',
  },
);

export const historyTaken = object(
  {
    taken: integer({ description: 'Locations whose history is stored' }),
    unknown: integer({ description: 'no Location that is shown has this id' }),
    ambiguous: integer({ description: 'several parties have a Location of this id' }),
  },
  {},
  { title: 'HistoryTaken' },
);
export type HistoryTaken = Infer<typeof historyTaken>;

export const historyView = object(
  {
    ready: boolean({ description: 'all stored Locations are known here' }),
    waiting: integer({ description: 'parts of imports that are not taken in yet' }),
    subjects: integer({ description: 'Locations and connector groups for which there are predictions' }),
    making: boolean({ description: 'predictions are being made anew' }),
  },
  {},
  { title: 'History', description: 'The history of statuses, and what is made of it' },
);
export type HistoryView = Infer<typeof historyView>;

const errors = object(
  {
    brier: number({ description: 'mean squared error of the probability that none is free' }),
    mae: number({ description: 'mean absolute error of the share in use' }),
  },
  {},
  { title: 'PredictionErrors' },
);
export const backtestView = object(
  {
    places: integer(),
    observations: integer({ description: 'hours that were predicted' }),
    from: nullable(string({ description: 'first local day that was predicted; null: there is not enough history' })),
    to: nullable(string()),
    model: errors,
    last_value: errors,
    mean_by_hour: errors,
  },
  {},
  {
    title: 'Backtest',
    description: 'The newest days of the history, predicted from those before; beside two plain guesses',
  },
);
export type BacktestView = Infer<typeof backtestView>;

export interface NewHistoryItem {
  readonly locationId: string;
  readonly country_code?: string;
  readonly party_id?: string;
  readonly occ: Readonly<Record<string, readonly (number | null)[]>>;
}
