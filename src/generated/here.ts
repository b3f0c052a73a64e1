// Generated from ocpi-schemas by `npm run schemas:generate`. Do not edit.

/**
 * What HERE adds to a connector. Any content is accepted and kept; only here_ext itself must be an object or null.
 * Spec: HERE EV Charge Points API v3.
 */
export interface HereConnector {
  /**
   * Standard that OCPI 2.2.1 has no value for.
   * Expected: string.
   */
  standard?: unknown;
  [k: string]: unknown;
}

/**
 * What HERE adds to an EVSE. Any content is accepted and kept; only here_ext itself must be an object or null.
 * Spec: HERE EV Charge Points API v3.
 */
export interface HereEvse {
  /**
   * Ways to pay and to authorise.
   * Expected: array of strings.
   */
  paymentSupports?: unknown;
  /**
   * The parking space of the EVSE.
   * Expected: object.
   */
  parking?: unknown;
  [k: string]: unknown;
}

/**
 * What HERE adds to a location. Any content is accepted and kept; only here_ext itself must be an object or null.
 * Spec: HERE EV Charge Points API v3.
 */
export interface HereLocation {
  /**
   * Kinds of vehicles; car if nothing is known.
   * Expected: array of strings.
   */
  supportedVehicles?: unknown;
  /**
   * Points on the road network from which to enter.
   * Expected: array of {lat, lng}.
   */
  accessPoints?: unknown;
  /**
   * Why access is limited; several are alternatives.
   * Expected: array of strings.
   */
  restrictions?: unknown;
  /**
   * Help line for drivers, E.164.
   * Expected: string.
   */
  supportPhoneNumber?: unknown;
  /**
   * Whether an EVSE can be left without reversing.
   * Expected: boolean.
   */
  isPullThrough?: unknown;
  /**
   * Whether some EVSEs need a reservation.
   * Expected: boolean.
   */
  reservationRequired?: unknown;
  /**
   * Access for trucks.
   * Expected: object.
   */
  truckRestrictions?: unknown;
  /**
   * Largest vehicle: weight in kg, height, width and length in cm.
   * Expected: object.
   */
  vehicleLimitations?: unknown;
  /**
   * Amenities near by.
   * Expected: array of strings.
   */
  facilityTypes?: unknown;
  /**
   * The address in its parts.
   * Expected: object.
   */
  addressDetails?: unknown;
  /**
   * Providers whose customers can charge here.
   * Expected: array of objects.
   */
  eMobilityServiceProviders?: unknown;
  /**
   * Stable id of the operator.
   * Expected: string.
   */
  operatorPartnerId?: unknown;
  /**
   * Stable id of the suboperator.
   * Expected: string.
   */
  suboperatorPartnerId?: unknown;
  /**
   * Stable id of the owner.
   * Expected: string.
   */
  ownerPartnerId?: unknown;
  /**
   * Ids such as DE-ABC of the operator.
   * Expected: array of strings.
   */
  eMobilityIds?: unknown;
  [k: string]: unknown;
}

/**
 * What HERE adds to a tariff. Any content is accepted and kept; only here_ext itself must be an object or null.
 * Spec: HERE EV Charge Points API v3.
 */
export interface HereTariff {
  /**
   * Who offers the tariff to whom. Absent: adhoc for a Tariff of type AD_HOC_PAYMENT, cpo for another one that is marked as retail.
   * Expected: string.
   */
  kind?: unknown;
  /**
   * Name of the tariff.
   * Expected: string.
   */
  name?: unknown;
  /**
   * Stable id of the company that offers it.
   * Expected: string.
   */
  partnerId?: unknown;
  /**
   * True if these are prices for consumers.
   * Expected: boolean.
   */
  retail?: unknown;
  /**
   * By position of the element: overstayBatteryLevel, the battery level in percent from which it holds.
   * Expected: array of objects.
   */
  elements?: unknown;
  [k: string]: unknown;
}
