import { boolean, type Infer, integer, list, nullable, object, string } from './schema.js';

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
