import type { HereStatus } from '../model/status.js';

/** EVSE and those of its connectors that belong to a group. */
export interface GroupMember {
  readonly evseUid: string;
  readonly connectorIds: readonly string[];
}

/**
 * A connector group as it stands: EVSEs of one Location with a connector of the same standard and power. HERE section 1.1.
 * Read only; the same object may be handed out again as long as nothing in it changed.
 */
export interface ConnectorGroup {
  /** In HERE's spelling: `IEC_62196_T2_COMBO`, `IEC_60309_2_SINGLE_16`, `MCS`. */
  readonly standard: string;
  /** W */
  readonly maxPower: number;
  /** Whether the power was derived from volts and amperes (off unless the operator wants it). */
  readonly powerDerived: boolean;
  /** EVSEs that offer it, each counted once. */
  readonly connectorCount: number;
  /** How many are free; undefined if of none the live status is known. */
  readonly availableConnectorCount: number | undefined;
  /** How many EVSEs have each status; statuses of none are left out. */
  readonly statusCounts: Readonly<Partial<Record<HereStatus, number>>>;
  readonly connectors: readonly GroupMember[];
  /** Ids of the tariffs of its connectors, as their owner spells them, each once, in order of appearance. */
  readonly tariffIds: readonly string[];
}
