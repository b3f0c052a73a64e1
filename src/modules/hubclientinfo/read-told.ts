import { parseDateTime } from '../../kernel/date-time.js';
import { invalidParameters } from '../../kernel/ocpi-error.js';
import { checkNotAhead } from '../../platform/http/index.js';
import type { SchemaRegistry } from '../../platform/schema/index.js';
import { readClientInfo } from './client-info.js';
import type { Told } from './remote-party-book.js';

/** What a ClientInfo is judged by. */
export interface ToldRules {
  readonly schemas: Pick<SchemaRegistry, 'validate'>;
  /** `last_updated` may not lie after this, ms since the epoch (T25). */
  readonly latest: number;
}

/** A ClientInfo of another hub. @throws OcpiError 2001 */
export function readTold(value: unknown, { schemas, latest }: ToldRules): Told {
  const violation = schemas.validate('hubclientinfo/client-info', value);
  if (violation) throw invalidParameters(violation.message, violation.pointer);
  checkNotAhead(value, latest);
  const { last_updated } = value as { last_updated: string };
  return { ...readClientInfo(JSON.stringify(value)), lastUpdated: parseDateTime(last_updated) ?? 0 };
}
