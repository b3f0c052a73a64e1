import type { StaticRecord } from './static-record.js';

export type Cell = string | number | null;

/** What a row of the table of connectors says, in this order. */
export const rowColumns = [
  { name: 'location_id', type: 'STRING' },
  { name: 'party', type: 'STRING' },
  { name: 'cpo_location_id', type: 'STRING' },
  { name: 'location_name', type: 'STRING' },
  { name: 'operator', type: 'STRING' },
  { name: 'latitude', type: 'DOUBLE' },
  { name: 'longitude', type: 'DOUBLE' },
  { name: 'country', type: 'STRING' },
  { name: 'city', type: 'STRING' },
  { name: 'postal_code', type: 'STRING' },
  { name: 'address', type: 'STRING' },
  { name: 'evse_uid', type: 'STRING' },
  { name: 'evse_id', type: 'STRING' },
  { name: 'physical_reference', type: 'STRING' },
  { name: 'payment_supports', type: 'STRING' },
  { name: 'connector_id', type: 'STRING' },
  { name: 'standard', type: 'STRING' },
  { name: 'format', type: 'STRING' },
  { name: 'power_type', type: 'STRING' },
  { name: 'max_voltage_v', type: 'DOUBLE' },
  { name: 'max_current_a', type: 'DOUBLE' },
  { name: 'max_power_w', type: 'DOUBLE' },
] as const;

/** Rows of one Location, and what else is counted of it. */
export interface Rows {
  readonly evses: number;
  readonly groups: number;
  /** What all its rows begin with. */
  readonly place: readonly Cell[];
  /** The rest of each. */
  readonly rows: readonly (readonly Cell[])[];
}

/** One row for each connector, also for those without a power, which are in no group. */
export function rowsOf(record: StaticRecord, owner: string, country: string): Rows {
  const { address, connectorGroups = [], evses = [], location } = record;
  const place: Cell[] = [
    record.id,
    owner,
    record.cpoLocationId ?? null,
    record.name ?? null,
    record.operator?.name ?? null,
    location.lat,
    location.lng,
    country,
    address?.city ?? null,
    address?.postalCode ?? null,
    address?.label ?? null,
  ];
  const rows = evses.flatMap((evse) => {
    const side: Cell[] = [
      evse.uid,
      evse.evseId ?? null,
      evse.physicalReference ?? null,
      evse.paymentSupports?.length ? evse.paymentSupports.join(' ') : null,
    ];
    return evse.connectors.map((connector): Cell[] => [
      ...side,
      connector.id,
      connector.standard,
      connector.format ?? null,
      connector.powerType ?? null,
      connector.maxVoltage ?? null,
      connector.maxCurrent ?? null,
      connector.maxPower ?? null,
    ]);
  });
  return { evses: evses.length, groups: connectorGroups.length, place, rows };
}

/** A point with what a map shows of it. RFC 7946: longitude first. */
export function featureOf(record: StaticRecord, owner: string, country: string): object {
  const evses = record.evses ?? [];
  const connectors = evses.flatMap((evse) => evse.connectors);
  const powers = connectors.flatMap(({ maxPower }) => (maxPower === undefined ? [] : [maxPower]));
  return {
    type: 'Feature',
    id: record.id,
    geometry: { type: 'Point', coordinates: [record.location.lng, record.location.lat] },
    properties: {
      name: record.name,
      operator: record.operator?.name,
      party: owner,
      country,
      city: record.address?.city,
      evses: evses.length,
      connectors: connectors.length,
      maxPower: powers.length > 0 ? Math.max(...powers) : undefined,
      standards: [...new Set(connectors.map(({ standard }) => standard))].sort(),
    },
  };
}

/** Cells of a line of a CSV file. RFC 4180, and nothing that a spreadsheet would run as a formula. */
export function csvCells(cells: readonly Cell[]): string {
  return cells.map(csvCell).join(',');
}

export const csvEnd = '\r\n';

/** Text that a spreadsheet takes for a formula, in the wide forms of the signs also, gets an apostrophe in front. */
const formula = /^[\s]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/;

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
