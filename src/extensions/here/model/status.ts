/** HERE's EVSE statuses, in the order in which states are packed. HERE section 3.1. */
export const hereStatuses = [
  'available',
  'blocked',
  'charging',
  'inoperative',
  'outOfOrder',
  'reserved',
  'unknown',
  'operational',
] as const;

export type HereStatus = (typeof hereStatuses)[number];

const fromOcpi: Readonly<Record<string, HereStatus>> = {
  AVAILABLE: 'available',
  BLOCKED: 'blocked',
  CHARGING: 'charging',
  INOPERATIVE: 'inoperative',
  OUTOFORDER: 'outOfOrder',
  RESERVED: 'reserved',
  UNKNOWN: 'unknown',
};

/**
 * HERE's word for an OCPI status; `undefined` where the EVSE is not shown at all: REMOVED, and PLANNED, for which HERE has no
 * value.
 */
export function hereStatusOf(ocpi: string): HereStatus | undefined {
  return fromOcpi[ocpi];
}

/** Whether a status says what the EVSE does now: all but `unknown` and `operational`. HERE section 1.2. */
export function isLiveStatus(status: HereStatus): boolean {
  return status !== 'unknown' && status !== 'operational';
}
