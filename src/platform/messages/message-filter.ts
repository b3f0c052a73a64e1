import type { MessageEntry, MessageOutcome } from './message-entry.js';

/** Which messages; what is not named does not narrow the choice. */
export interface MessageFilter {
  readonly partnerId?: string;
  /** `DE/CP1`: who asked, whom the request named, or who was looked at. */
  readonly party?: string;
  readonly module?: string;
  readonly correlationId?: string;
  /** X-Request-ID of the first leg or of the second. */
  readonly requestId?: string;
  readonly outcome?: MessageOutcome;
  readonly scenario?: string;
  /** ms since the epoch, both included. */
  readonly since?: number;
  readonly until?: number;
}

/** Whether an entry is one of those. */
export function fits(entry: MessageEntry, filter: MessageFilter): boolean {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = filter;
  const is = (wanted: string | undefined, ...found: readonly (string | undefined)[]): boolean =>
    wanted === undefined || found.includes(wanted);
  return (
    entry.at >= since &&
    entry.at <= until &&
    is(filter.partnerId, entry.partnerId, ...entry.candidates.map(({ partnerId }) => partnerId)) &&
    is(filter.party, entry.from, entry.to, ...entry.candidates.map(({ party }) => party)) &&
    is(filter.module, entry.module) &&
    is(filter.correlationId, entry.correlationId) &&
    is(filter.requestId, entry.requestId, ...entry.candidates.map(({ leg }) => leg?.requestId)) &&
    is(filter.outcome, entry.outcome) &&
    is(filter.scenario, entry.scenario)
  );
}

/**
 * Texts that stand in the JSON of every entry that fits: by them a database finds the few that are worth reading. Whether one
 * fits is still for {@link fits} to say.
 */
export function needlesOf({ partnerId, party, module, requestId, outcome, scenario }: MessageFilter): string[] {
  const value = (text: string | undefined): string[] => (text === undefined ? [] : [JSON.stringify(text)]);
  const member = (name: keyof MessageEntry, text: string | undefined): string[] =>
    text === undefined ? [] : [`"${name}":${JSON.stringify(text)}`];
  return [
    ...value(partnerId),
    ...value(party),
    ...value(requestId),
    ...member('module', module),
    ...member('outcome', outcome),
    ...member('scenario', scenario),
  ];
}
