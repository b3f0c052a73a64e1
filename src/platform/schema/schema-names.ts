/** Every schema that can be asked for: the path of its file below `ocpi-schemas/2.2.1`, without the ending. */
export const schemaNames = [
  'common/business-details',
  'common/date-time',
  'common/display-text',
  'common/image',
  'common/price',
  'common/role',
  'credentials/credentials',
  'credentials/credentials-role',
  'hubclientinfo/client-info',
  'hubclientinfo/connection-status',
  'locations/additional-geo-location',
  'locations/connector',
  'locations/energy-mix',
  'locations/energy-source',
  'locations/environmental-impact',
  'locations/evse',
  'locations/exceptional-period',
  'locations/geo-location',
  'locations/hours',
  'locations/location',
  'locations/publish-token',
  'locations/regular-hours',
  'locations/status',
  'locations/status-schedule',
  'tariffs/price-component',
  'tariffs/tariff',
  'tariffs/tariff-element',
  'tariffs/tariff-restrictions',
  'tariffs/tariff-type',
  'versions/endpoint',
  'versions/interface-role',
  'versions/version',
  'versions/version-details',
] as const;

export type SchemaName = (typeof schemaNames)[number];

/** The objects that OCPI lets an owner change by PATCH. Spec: 2.2.1 §8.2.2.3; tariffs have none (TA-02). */
export const patchableNames = ['locations/location', 'locations/evse', 'locations/connector'] as const;

export type PatchableName = (typeof patchableNames)[number];
