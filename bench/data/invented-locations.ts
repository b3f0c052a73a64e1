/** How many EVSEs a Location has, as shares of 1000; as in a national data set. */
const evseCounts: readonly (readonly [count: number, share: number])[] = [
  [2, 855],
  [4, 51],
  [1, 50],
  [6, 11],
  [8, 9],
  [3, 7],
  [10, 5],
  [12, 5],
  [16, 4],
  [40, 3],
];

const inventedCount = 62_000;
const ownerCount = 39;

/**
 * Invented Locations as NDJSON, of the number, size and make of a national data set: some 2 kB each, optional fields
 * mostly an explicit null. Always the same ones.
 */
export function* inventedLocations(): Generator<string> {
  const random = generator(20_261_123);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  for (let owner = 0; owner < ownerCount; owner++) {
    const party_id = `B${String.fromCharCode(65 + (owner % 26))}${String.fromCharCode(65 + Math.floor(owner / 26))}`;
    const share = Math.ceil(inventedCount / ownerCount);
    for (let number = 0; number < share; number++) {
      const id = `${owner}${String(number).padStart(6, '0')}`;
      const stamp = new Date(Date.UTC(2025, 0, 1) + Math.floor(random() * 1e10)).toISOString();
      yield `${JSON.stringify({
        country_code: 'NL',
        party_id,
        id,
        publish: true,
        name: `${pick(streets)} ${Math.floor(random() * 300)}`,
        address: `${pick(streets)} ${Math.floor(random() * 300)}`,
        city: pick(cities),
        postal_code: String(1000 + Math.floor(random() * 8999)),
        country: 'NLD',
        coordinates: { latitude: (51 + random() * 2).toFixed(6), longitude: (4 + random() * 3).toFixed(6) },
        parking_type: null,
        evses: Array.from({ length: evseCount(random() * 1000) }, (_, index) => evse(id, index, stamp, random)),
        operator: { name: `Operator of ${party_id}`, website: 'https://www.example.org/', logo: null },
        owner: null,
        time_zone: 'Europe/Amsterdam',
        opening_times: { twentyfourseven: true },
        last_updated: stamp,
      })}\n`;
    }
  }
}

const streets = ['Oudelandseweg', 'Stationsplein', 'Kerkstraat', 'Burgemeester van Houtenlaan', 'Dorpsstraat'];
const cities = ['Terneuzen', 'Zwolle', 'Groningen', "'s-Hertogenbosch", 'Leeuwarden'];

function evse(location: string, index: number, stamp: string, random: () => number): object {
  const number = index + 1;
  return {
    uid: `${location}-${number}`,
    images: null,
    status: random() < 0.7 ? 'AVAILABLE' : 'CHARGING',
    evse_id: `NL*BEN*E${location}*${number}`,
    connectors: [
      {
        id: '1',
        format: 'SOCKET',
        standard: 'IEC_62196_T2',
        power_type: 'AC_3_PHASE',
        tariff_ids: [`TARIFF-${Math.floor(random() * 1e6)}`],
        max_voltage: 230,
        last_updated: stamp,
        max_amperage: 32,
        max_electric_power: 22170,
        terms_and_conditions: null,
      },
    ],
    directions: null,
    coordinates: null,
    floor_level: null,
    capabilities: ['RFID_READER', 'REMOTE_START_STOP_CAPABLE'],
    last_updated: stamp,
    status_schedule: null,
    physical_reference: String(number),
    parking_restrictions: ['EV_ONLY'],
  };
}

function evseCount(point: number): number {
  let sum = 0;
  for (const [count, share] of evseCounts) {
    sum += share;
    if (point < sum) return count;
  }
  return 2;
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
