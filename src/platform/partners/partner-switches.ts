import { isCustomModule } from '../../kernel/module-id.js';

/** What the operator sets per partner, so that one with quirks needs no code. README.md says when to use which. */
export interface PartnerSwitches {
  /** The partner sends its token raw, not as Base64 (T-05). */
  readonly inbound_raw: boolean;
  /** The partner wants our token raw (T-05). */
  readonly outbound_raw: boolean;
  /** Answers of this partner are believed by their HTTP status when they carry no envelope. */
  readonly lenient_envelope: boolean;
  /** What becomes of an update whose `last_updated` is older than the stored one. */
  readonly stale: 'ignore' | 'apply';
  /** How the partner gets what it missed while it was away. */
  readonly catch_up: 'push' | 'pull_only';
  readonly push: boolean;
  readonly pull: boolean;
  /** Days between token renewals that the hub starts (C-23); 0 = never. */
  readonly auto_rotate_days: number;
  /** Names of the vendor objects that this partner is not sent. */
  readonly withheld: readonly string[];
  /** Requests per second that are taken from this partner; null = as many as from any other. */
  readonly rate_limit: number | null;
  /** Requests of this partner that are handled at once; null = as many as of any other. */
  readonly max_in_flight: number | null;
  /** Ids of custom modules that this partner may use through the hub (V-10). */
  readonly custom_modules: readonly string[];
  /** Whether Sessions and CDRs of this partner's CPO parties are read from it and kept, for the lists of both parties. */
  readonly keep_sessions: boolean;
  /** What becomes of a GET of a list that names no receiver. */
  readonly list_without_to: 'get_all' | 'refuse';
  /** HTTP status of the answer to an object that breaks the schema; the OCPI status is 2001 in any case. */
  readonly validation_http: 200 | 400;
}

export const defaultSwitches: PartnerSwitches = {
  inbound_raw: false,
  outbound_raw: false,
  lenient_envelope: false,
  stale: 'ignore',
  catch_up: 'push',
  push: true,
  pull: true,
  auto_rotate_days: 0,
  withheld: [],
  rate_limit: null,
  max_in_flight: null,
  custom_modules: [],
  keep_sessions: false,
  list_without_to: 'get_all',
  validation_http: 200,
};

const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isLimit = (value: unknown): boolean => value === null || (isCount(value) && value !== 0);
const isOneOf =
  (...choices: readonly unknown[]) =>
  (value: unknown): boolean =>
    choices.includes(value);
const isListOf =
  (fits: (text: string) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every((item) => typeof item === 'string' && fits(item));

const fits: Readonly<Record<keyof PartnerSwitches, (value: unknown) => boolean>> = {
  inbound_raw: isFlag,
  outbound_raw: isFlag,
  lenient_envelope: isFlag,
  stale: isOneOf('ignore', 'apply'),
  catch_up: isOneOf('push', 'pull_only'),
  push: isFlag,
  pull: isFlag,
  auto_rotate_days: isCount,
  withheld: isListOf(() => true),
  rate_limit: isLimit,
  max_in_flight: isLimit,
  custom_modules: isListOf(isCustomModule),
  keep_sessions: isFlag,
  list_without_to: isOneOf('get_all', 'refuse'),
  validation_http: isOneOf(200, 400),
};

/**
 * Switches as they were stored by this release or another one: what is missing, or has a value that means nothing here, is as
 * by default, and what is not known is left out.
 */
export function readSwitches(stored: Readonly<Record<string, unknown>>): PartnerSwitches {
  const known = Object.entries(fits).filter(
    ([name, isFitting]) => Object.hasOwn(stored, name) && isFitting(stored[name]),
  );
  return { ...defaultSwitches, ...Object.fromEntries(known.map(([name]) => [name, stored[name]])) };
}
