import { parseDateTime } from '../../../kernel/date-time.js';
import { statusCode } from './shown-location.js';

/** What a PATCH of an EVSE says if it says nothing but the status. */
export interface StatusPatch {
  /** Place in `hereStatuses`. */
  readonly status: number;
  /** ms since the epoch; undefined if it is not said. */
  readonly modified: number | undefined;
}

/** Undefined: the patch concerns more than the status, or hides the EVSE; whoever wants to know must read the document. */
export function statusPatch(patch: string): StatusPatch | undefined {
  const fields = JSON.parse(patch) as Readonly<Record<string, unknown>>;
  for (const key in fields) if (key !== 'status' && key !== 'last_updated') return undefined;
  const { status, last_updated: stamp } = fields;
  const code = typeof status === 'string' ? statusCode(status) : undefined;
  if (code === undefined) return undefined;
  return { status: code, modified: typeof stamp === 'string' ? parseDateTime(stamp) : undefined };
}
