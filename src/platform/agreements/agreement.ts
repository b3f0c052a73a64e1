import { isCustomModule, moduleIds } from '../../kernel/module-id.js';
import { ciKey, type PartyRef } from '../../kernel/party-ref.js';

/** Stands for every party, or for every module. */
export const everyone = '*';

export type Effect = 'allow' | 'deny';

/** Says that something flows from one party to another, or that it does not. */
export interface Agreement {
  readonly id: string;
  /** Key of the party, such as `DE/CP1`, or `*`. */
  readonly giver: string;
  readonly taker: string;
  /** Id of a module, in lower case, or `*`. */
  readonly module: string;
  readonly effect: Effect;
  /** The operator's remark. */
  readonly note?: string;
  /** ms since the epoch */
  readonly createdAt: number;
}

/** Everything that sharing follows from. */
export interface SharingState {
  /** Moves with each change. */
  readonly version: number;
  readonly agreements: readonly Agreement[];
  /** Keys of the parties that share only what is agreed. */
  readonly closed: ReadonlySet<string>;
}

/**
 * The modules that agreements can name, besides custom ones. Credentials are between a platform and the hub, and hubclientinfo
 * follows from what else is shared.
 */
export const sharedModules: readonly string[] = moduleIds.filter(
  (module) => module !== 'credentials' && module !== 'hubclientinfo',
);

/** Whether an agreement may name this module. */
export const isSettable = (module: string): boolean =>
  module === everyone || sharedModules.includes(module) || isCustomModule(module);

/** The comparable form of a module's id. */
export const moduleKey = (module: string): string => module.toLowerCase();

const partyText = /^([A-Za-z]{2})\/([A-Za-z0-9]{3})$/;

/** The key of a party that is written as `DE/CP1`, or `*`; undefined if it is neither. */
export function keyOfText(text: string): string | undefined {
  return text === everyone || partyText.test(text) ? ciKey(text) : undefined;
}

/** The party of a key, or undefined for `*`. */
export function partyOfKey(key: string): PartyRef | undefined {
  const [country_code, party_id] = key.split('/');
  return country_code === undefined || party_id === undefined ? undefined : { country_code, party_id };
}
