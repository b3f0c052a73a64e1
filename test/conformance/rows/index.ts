import { cdrRows } from './cdrs.js';
import { chargingProfileRows } from './chargingprofiles.js';
import { commandRows } from './commands.js';
import { dataTypeRows } from './data-types.js';
import { forwardingRows } from './forwarding.js';
import { hubClientInfoRows } from './hubclientinfo.js';
import { locationRows } from './locations.js';
import { objectRows } from './objects.js';
import { paginationRows } from './pagination.js';
import { routingRows } from './routing.js';
import type { Row } from './row.js';
import { sessionRows } from './sessions.js';
import { tariffRows } from './tariffs.js';
import { tokenRows } from './tokens.js';
import { statusRows, transportRows } from './transport.js';
import { credentialRows, versionRows } from './versions.js';

/** The groups of rules, as the specification's own order has them, with the ids that each must cover. */
export const groups: readonly {
  readonly name: string;
  readonly ids: readonly string[];
  readonly rows: readonly Row[];
}[] = [
  { name: 'Transport, authorization, envelope', ids: range('T', 1, 42), rows: transportRows },
  { name: 'HTTP status and OCPI status', ids: range('ST', 1, 11), rows: statusRows },
  { name: 'Pagination', ids: range('P', 1, 21), rows: paginationRows },
  { name: 'Data types', ids: range('D', 1, 16), rows: dataTypeRows },
  { name: 'Client owned objects', ids: range('O', 1, 19), rows: objectRows },
  { name: 'Message routing', ids: range('R', 1, 51), rows: inOrder(routingRows, forwardingRows) },
  { name: 'Versions', ids: range('V', 1, 18), rows: versionRows },
  { name: 'Credentials', ids: range('C', 1, 31), rows: credentialRows },
  { name: 'Hub client info', ids: range('H', 1, 19), rows: hubClientInfoRows },
  { name: 'Locations', ids: range('L', 1, 36), rows: locationRows },
  { name: 'Tariffs', ids: range('TA', 1, 26), rows: tariffRows },
  { name: 'Tokens', ids: range('TK', 1, 19), rows: tokenRows },
  { name: 'Sessions', ids: range('S', 1, 16), rows: sessionRows },
  { name: 'CDRs', ids: range('CDR', 1, 15), rows: cdrRows },
  { name: 'Commands', ids: range('CMD', 1, 15), rows: commandRows },
  { name: 'Charging profiles', ids: range('CP', 1, 10), rows: chargingProfileRows },
];

/** Rows of several files, which need different hubs, as one group. */
function inOrder(...files: readonly (readonly Row[])[]): readonly Row[] {
  return files.flat().sort((one, other) => (one.rule < other.rule ? -1 : 1));
}

function range(group: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, n) => `${group}-${String(from + n).padStart(2, '0')}`);
}
