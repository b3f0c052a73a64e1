/**
 * HERE's EV extensions: what the hub knows of them today is the name they travel under and how a PATCH merges below it.
 * Their contents are stored and passed on unchanged.
 */
export const hereExtension = {
  /** The vendor object on Location, EVSE, Connector and Tariff; a PATCH merges it one level deep. */
  key: 'here_ext',
} as const;
