import type { FacilityType, PaymentSupport } from '../carriage/vocabulary.js';

/** OCPI's words and HERE's; what is not here has no counterpart. HERE section 3. */
const table = <T extends string>(words: Readonly<Record<string, T>>): ReadonlyMap<string, T> =>
  new Map(Object.entries(words));

/** HERE section 3.3. */
export const parkingTypes = table({
  ALONG_MOTORWAY: 'alongMotorway',
  PARKING_GARAGE: 'parkingGarage',
  PARKING_LOT: 'parkingLot',
  ON_DRIVEWAY: 'onDriveway',
  ON_STREET: 'onStreet',
  UNDERGROUND_GARAGE: 'undergroundGarage',
});

/** HERE section 3.3. */
export const energySources = table({
  NUCLEAR: 'nuclear',
  GENERAL_FOSSIL: 'generalFossil',
  COAL: 'coal',
  GAS: 'gas',
  GENERAL_GREEN: 'generalGreen',
  SOLAR: 'solar',
  WIND: 'wind',
  WATER: 'water',
});

/** HERE section 3.3. */
export const environmentalImpacts = table({ NUCLEAR_WASTE: 'nuclearWaste', CARBON_DIOXIDE: 'carbonDioxide' });

/** Of OCPI's Capability those that say what can be done with the EVSE. HERE section 3.4. */
export const capabilities = table({
  CHARGING_PROFILE_CAPABLE: 'chargingProfile',
  CHARGING_PREFERENCES_CAPABLE: 'chargingPreferences',
  REMOTE_START_STOP_CAPABLE: 'remoteStartStop',
  RESERVABLE: 'reservable',
  TOKEN_GROUP_CAPABLE: 'tokenGroup',
  UNLOCK_CAPABLE: 'unlock',
});

/** Of OCPI's Capability those that say how to pay. HERE section 3.5. */
export const payments = table<PaymentSupport>({
  CHIP_CARD_SUPPORT: 'chipCard',
  CONTACTLESS_CARD_SUPPORT: 'contactlessCard',
  CREDIT_CARD_PAYABLE: 'creditCard',
  DEBIT_CARD_PAYABLE: 'debitCard',
  PED_TERMINAL: 'pedTerminal',
  RFID_READER: 'rfidReader',
});

/** What can be paid with a telephone: any of these means `mobilePayment` too. HERE section 3.5. */
export const mobilePayments: ReadonlySet<PaymentSupport> = new Set<PaymentSupport>([
  'operatorApp',
  'onlineApplePay',
  'onlinePaypal',
  'onlineCreditCard',
  'onlineGooglePay',
  'onlineBankPayment',
  'terminalSms',
  'terminalQrCode',
  'contactlessCard',
]);

/** HERE section 3.7. */
export const facilities = table<FacilityType>({
  HOTEL: 'hotel',
  RESTAURANT: 'restaurant',
  CAFE: 'cafe',
  MALL: 'mall',
  SUPERMARKET: 'supermarket',
  SPORT: 'sport',
  RECREATION_AREA: 'recreationArea',
  NATURE: 'nature',
  MUSEUM: 'museum',
  BIKE_SHARING: 'bikeSharing',
  BUS_STOP: 'busStop',
  TAXI_STAND: 'taxiStand',
  TRAM_STOP: 'tramStop',
  METRO_STATION: 'metroStation',
  TRAIN_STATION: 'trainStation',
  AIRPORT: 'airport',
  PARKING_LOT: 'parkingLot',
  CARPOOL_PARKING: 'carpoolParking',
  FUEL_STATION: 'fuelStation',
  WIFI: 'wifi',
});

/** HERE's words for those of a list of OCPI's that it knows, each once, in their order. */
export function translated<T extends string>(words: ReadonlyMap<string, T>, list: unknown): T[] {
  if (!Array.isArray(list)) return [];
  const out: T[] = [];
  for (const one of list) {
    const word = words.get(one);
    if (word !== undefined && !out.includes(word)) out.push(word);
  }
  return out;
}
