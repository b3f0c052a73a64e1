export const evsesPerLocation = 11;

/** A Location with eleven EVSEs, about as large as real ones are. */
export function bigLocation(n: number): string {
  const last_updated = '2026-01-01T00:00:00Z';
  const connector = { id: '1', standard: 'IEC_62196_T2', format: 'SOCKET', power_type: 'AC_3_PHASE' };
  const connectors = [{ ...connector, max_voltage: 230, max_amperage: 16, last_updated }];
  const evses = Array.from({ length: evsesPerLocation }, (_, index) => ({
    uid: `E${n}-${index}`,
    status: 'AVAILABLE',
    connectors,
    last_updated,
  }));
  const place = { publish: true, address: 'Weg 1', city: 'Ulm', country: 'DEU', time_zone: 'Europe/Berlin' };
  const coordinates = { latitude: '50.93753', longitude: '6.96028' };
  return JSON.stringify({
    country_code: 'DE',
    party_id: 'CP1',
    id: `BIG${n}`,
    ...place,
    coordinates,
    evses,
    last_updated,
  });
}
