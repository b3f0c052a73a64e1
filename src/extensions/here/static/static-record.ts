import type { Location } from '../../../generated/ocpi.js';

/** The parts of a HERE Location that this product looks at; whatever else is there goes along as it is. HERE section 2. */
export interface StaticRecord {
  /** `here:evcp:charginglocation:<contentId>`, the same as in the API. */
  readonly id: string;
  readonly location: { readonly lat: number; readonly lng: number };
  readonly name?: string | undefined;
  readonly operator?: { readonly name: string } | undefined;
  readonly cpoLocationId?: string | undefined;
  readonly address?:
    | {
        readonly label?: string | undefined;
        readonly city?: string | undefined;
        readonly postalCode?: string | undefined;
        /** ISO 3166-1 alpha-3 */
        readonly countryCode?: string | undefined;
      }
    | undefined;
  readonly evses?: readonly StaticEvse[] | undefined;
  readonly connectorGroups?: readonly { readonly connectorCount: number }[] | undefined;
}

export interface StaticEvse {
  readonly uid: string;
  readonly evseId?: string | undefined;
  readonly physicalReference?: string | undefined;
  readonly paymentSupports?: readonly string[] | undefined;
  readonly connectors: readonly {
    readonly id: string;
    readonly standard: string;
    readonly format?: string | undefined;
    readonly powerType?: string | undefined;
    readonly maxVoltage?: number | undefined;
    readonly maxCurrent?: number | undefined;
    readonly maxPower?: number | undefined;
  }[];
}

/**
 * Makes the record of a stored Location, without anything that is only true for a moment: no status, `modified`,
 * `availableConnectorCount`, predictions or reliability, and no tariffs. `undefined`: it is not shown. HERE section 11.
 *
 * @param at when the making of the version began, ms since the epoch: what is over by then is left out
 */
export type RecordOf = (location: Location, at: number) => StaticRecord | undefined;
