/**
 * HERE's enumerations that travel in `here_ext`. They are open: a value that is not here is kept and passed on, and left out of
 * what is derived. HERE sections 2 and 3.
 */

/** HERE section 2.1. */
export const vehicleKinds = ['car', 'twoWheeler', 'truck'] as const;
export type VehicleKind = (typeof vehicleKinds)[number];

/** Why access is limited. HERE section 2.1. */
export const accessRestrictions = ['customersOnly', 'brandOnly', 'carSharingOnly', 'taxisOnly', 'other'] as const;
export type AccessRestriction = (typeof accessRestrictions)[number];

/** HERE section 2.3. */
export const parkingConditions = ['disabled', 'customers', 'taxis'] as const;
export type ParkingCondition = (typeof parkingConditions)[number];

/** What may park and charge beside cars. HERE section 2.3. */
export const parkingVehicles = ['van', 'semiTractor', 'rigid', 'truckWithTrailer'] as const;
export type ParkingVehicle = (typeof parkingVehicles)[number];

export const evsePositions = ['left', 'right', 'center'] as const;
export type EvsePosition = (typeof evsePositions)[number];

export const parkingDirections = ['parallel', 'perpendicular', 'angle', 'pullThrough'] as const;
export type ParkingDirection = (typeof parkingDirections)[number];

/** Classes of trucks that a site is built for; not cumulative. HERE section 2.6. */
export const truckClasses = ['light', 'medium', 'heavy'] as const;
export type TruckClass = (typeof truckClasses)[number];

/** HERE section 3.8. */
export const truckAmenities = [
  'truckParking',
  'truckWash',
  'truckRepair',
  'truckDealership',
  'secureTruckParking',
  'foodDelivery',
  'toilet',
  'washingMachine',
  'shower',
  'eateryRestaurant',
  'vendingMachine',
  'driverLounge',
  'outdoorGym',
  'powerSupply',
  'atm',
  'accessControlledArea',
  'licensePlateRecognition',
  'perimeterFence',
  'pedestrianTurnstiles',
  'cameraSurveillance',
  'guard',
  'floodLighting',
  'entryGate',
  'exitGate',
] as const;
export type TruckAmenity = (typeof truckAmenities)[number];

/** The first twenty are OCPI's, the others are HERE's alone. HERE section 3.7. */
export const facilityTypes = [
  'hotel',
  'restaurant',
  'cafe',
  'mall',
  'supermarket',
  'sport',
  'recreationArea',
  'nature',
  'museum',
  'bikeSharing',
  'busStop',
  'taxiStand',
  'tramStop',
  'metroStation',
  'trainStation',
  'airport',
  'parkingLot',
  'carpoolParking',
  'fuelStation',
  'wifi',
  'business',
  'education',
  'finance',
  'health',
  'service',
  'store',
  'fastFood',
  'bakery',
  'truckStop',
  'playground',
  'toilets',
] as const;
export type FacilityType = (typeof facilityTypes)[number];

/** Ways to pay and to authorise. HERE section 3.5. */
export const paymentSupports = [
  'chipCard',
  'contactlessCard',
  'creditCard',
  'debitCard',
  'pedTerminal',
  'rfidReader',
  'authByCarPlugAndCharge',
  'authByCarAutocharge',
  'onlineApplePay',
  'onlinePaypal',
  'onlineCreditCard',
  'onlineGooglePay',
  'onlineBankPayment',
  'terminalQrCode',
  'terminalSms',
  'operatorApp',
  'mobilePayment',
] as const;
export type PaymentSupport = (typeof paymentSupports)[number];

/** Who sells to whom. HERE section 7.1. */
export const tariffKinds = ['adhoc', 'emsp', 'cpo'] as const;
export type TariffKind = (typeof tariffKinds)[number];

/** All connector types that HERE knows, in its spelling. HERE section 3.2. */
export const connectorStandards = (
  'CHADEMO CHAOJI DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G DOMESTIC_H DOMESTIC_I ' +
  'DOMESTIC_J DOMESTIC_K DOMESTIC_L DOMESTIC_M DOMESTIC_N DOMESTIC_O GBT_AC GBT_DC IEC_60309_2_SINGLE_16 ' +
  'IEC_60309_2_THREE_16 IEC_60309_2_THREE_32 IEC_60309_2_THREE_64 IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T2 ' +
  'IEC_62196_T2_COMBO IEC_62196_T3A IEC_62196_T3C MCS NEMA_5_20 NEMA_6_30 NEMA_6_50 NEMA_10_30 NEMA_10_50 NEMA_14_30 ' +
  'NEMA_14_50 PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN SAE_J3400 TESLA_R TESLA_S'
).split(' ');

/** Members of `addressDetails`, all texts. HERE section 2.4. */
export const addressParts = [
  'label',
  'street',
  'houseNumber',
  'state',
  'county',
  'city',
  'district',
  'subdistrict',
  'block',
  'subblock',
  'countryCode',
  'postalCode',
  'languageCode',
] as const;
export type AddressPart = (typeof addressParts)[number];

/** Members of `vehicleLimitations`, all numbers: kg, cm and a count. HERE section 2.7. */
export const limitNames = ['weight', 'height', 'width', 'length', 'permittedTrailers'] as const;
export type LimitName = (typeof limitNames)[number];

/** 36 characters of a UUID. HERE section 2.5. */
export const partnerIdPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Country code and party id. HERE section 2.5. */
export const eMobilityIdPattern = /^[A-Z]{2}-[A-Z0-9]{3}$/;
/** E.164. HERE section 2.1. */
export const phonePattern = /^\+[1-9]\d{1,14}$/;
