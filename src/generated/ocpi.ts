// Generated from ocpi-schemas by `npm run schemas:generate`. Do not edit.

/**
 * An amount of one dimension.
 * Spec: 2.2.1 §10.4.2.
 */
export interface CdrDimension {
  /**
   * What is measured. CURRENT, ENERGY_EXPORT, ENERGY_IMPORT, POWER and STATE_OF_CHARGE belong in sessions only.
   */
  type:
    | 'CURRENT'
    | 'ENERGY'
    | 'ENERGY_EXPORT'
    | 'ENERGY_IMPORT'
    | 'MAX_CURRENT'
    | 'MIN_CURRENT'
    | 'MAX_POWER'
    | 'MIN_POWER'
    | 'PARKING_TIME'
    | 'POWER'
    | 'RESERVATION_TIME'
    | 'STATE_OF_CHARGE'
    | 'TIME'
    | (string & {});
  /**
   * The amount in the unit of its dimension: A, kWh, kW, hours or percent.
   */
  volume: number;
  [k: string]: unknown;
}

/**
 * Where a session took place, as it was at its start.
 * Spec: 2.2.1 §10.4.4.
 */
export interface CdrLocation {
  /**
   * Id of the location.
   */
  id: string;
  /**
   * Display name.
   */
  name?: string | null;
  /**
   * Street and house number. OCPI prints 45 characters, but a location may have 255.
   */
  address: string;
  /**
   * City or town.
   */
  city: string;
  /**
   * Postal code.
   */
  postal_code?: string | null;
  /**
   * State or province. OCPI prints 20 characters, but a location may have 45.
   */
  state?: string | null;
  /**
   * ISO 3166-1 alpha-3 code of the country.
   */
  country: string;
  /**
   * Where the location is.
   */
  coordinates: GeoLocation;
  /**
   * Technical id of the EVSE; #NA when a reservation was never used.
   */
  evse_uid: string;
  /**
   * Readable id of the EVSE after eMI3; #NA when a reservation was never used.
   */
  evse_id: string;
  /**
   * Id of the connector; #NA when a reservation was never used.
   */
  connector_id: string;
  /**
   * Standard of the plug; any value when a reservation was never used.
   */
  connector_standard:
    | 'CHADEMO'
    | 'CHAOJI'
    | 'DOMESTIC_A'
    | 'DOMESTIC_B'
    | 'DOMESTIC_C'
    | 'DOMESTIC_D'
    | 'DOMESTIC_E'
    | 'DOMESTIC_F'
    | 'DOMESTIC_G'
    | 'DOMESTIC_H'
    | 'DOMESTIC_I'
    | 'DOMESTIC_J'
    | 'DOMESTIC_K'
    | 'DOMESTIC_L'
    | 'DOMESTIC_M'
    | 'DOMESTIC_N'
    | 'DOMESTIC_O'
    | 'GBT_AC'
    | 'GBT_DC'
    | 'IEC_60309_2_single_16'
    | 'IEC_60309_2_three_16'
    | 'IEC_60309_2_three_32'
    | 'IEC_60309_2_three_64'
    | 'IEC_62196_T1'
    | 'IEC_62196_T1_COMBO'
    | 'IEC_62196_T2'
    | 'IEC_62196_T2_COMBO'
    | 'IEC_62196_T3A'
    | 'IEC_62196_T3C'
    | 'NEMA_5_20'
    | 'NEMA_6_30'
    | 'NEMA_6_50'
    | 'NEMA_10_30'
    | 'NEMA_10_50'
    | 'NEMA_14_30'
    | 'NEMA_14_50'
    | 'PANTOGRAPH_BOTTOM_UP'
    | 'PANTOGRAPH_TOP_DOWN'
    | 'TESLA_R'
    | 'TESLA_S'
    | (string & {});
  /**
   * Socket or cable; any value when a reservation was never used.
   */
  connector_format: 'SOCKET' | 'CABLE' | (string & {});
  /**
   * Kind of current; any value when a reservation was never used.
   */
  connector_power_type: 'AC_1_PHASE' | 'AC_2_PHASE' | 'AC_2_PHASE_SPLIT' | 'AC_3_PHASE' | 'DC' | (string & {});
  [k: string]: unknown;
}

/**
 * The token that a session was started with.
 * Spec: 2.2.1 §10.4.5.
 */
export interface CdrToken {
  /**
   * ISO 3166-1 alpha-2 code of the country of the eMSP that owns the token.
   */
  country_code: string;
  /**
   * Id within its country of the eMSP that owns the token.
   */
  party_id: string;
  /**
   * Id of the token.
   */
  uid: string;
  /**
   * Kind of token.
   */
  type: 'AD_HOC_USER' | 'APP_USER' | 'OTHER' | 'RFID' | (string & {});
  /**
   * Id of the contract of the driver within the platform of the eMSP.
   */
  contract_id: string;
  [k: string]: unknown;
}

/**
 * Charge detail record: a finished session with its costs. Sealed: never changed afterwards.
 * Spec: 2.2.1 §10.3.1.
 */
export interface CDR {
  /**
   * ISO 3166-1 alpha-2 code of the country of the owning CPO.
   */
  country_code: string;
  /**
   * Id of the owning CPO within its country.
   */
  party_id: string;
  /**
   * Id of the CDR, unique for its owner. Longer than 36 characters only for a credit.
   */
  id: string;
  /**
   * When the session or the reservation began. 1970-1-1T00:00:00Z, which is no DateTime, means unknown.
   */
  start_date_time: DateTime | string;
  /**
   * When the session was finished. 1970-1-1T00:00:00Z, which is no DateTime, means unknown.
   */
  end_date_time: DateTime | string;
  /**
   * Id of the session.
   */
  session_id?: string | null;
  /**
   * The token that the session was started with.
   */
  cdr_token: CdrToken;
  /**
   * How the driver was authorized.
   */
  auth_method: 'AUTH_REQUEST' | 'COMMAND' | 'WHITELIST' | (string & {});
  /**
   * Reference given by the eMSP with its authorization, the last one if there were several.
   */
  authorization_reference?: string | null;
  /**
   * Where the session took place.
   */
  cdr_location: CdrLocation;
  /**
   * Id of the meter in the charge point.
   */
  meter_id?: string | null;
  /**
   * ISO 4217 code of the currency.
   */
  currency: string;
  /**
   * The tariffs that held, as copies.
   */
  tariffs?: Tariff[] | null;
  /**
   * The parts of the session.
   */
  charging_periods: ChargingPeriod[];
  /**
   * Signed meter values.
   */
  signed_data?: SignedData | null;
  /**
   * Sum of all costs.
   */
  total_cost: Price;
  /**
   * Sum of the fixed costs, without those of parking and reservation.
   */
  total_fixed_cost?: Price | null;
  /**
   * Energy charged in kWh.
   */
  total_energy: number;
  /**
   * Costs of the energy.
   */
  total_energy_cost?: Price | null;
  /**
   * Duration of the session in hours, charging or not.
   */
  total_time: number;
  /**
   * Costs of the time of charging.
   */
  total_time_cost?: Price | null;
  /**
   * Hours in which no energy flowed.
   */
  total_parking_time?: number | null;
  /**
   * Costs of parking.
   */
  total_parking_cost?: Price | null;
  /**
   * Costs of a reservation.
   */
  total_reservation_cost?: Price | null;
  /**
   * Remark for people.
   */
  remark?: string | null;
  /**
   * Reference to an invoice that is sent later.
   */
  invoice_reference_id?: string | null;
  /**
   * True: this CDR takes back the one in credit_reference_id.
   */
  credit?: boolean | null;
  /**
   * Id of the CDR that is taken back.
   */
  credit_reference_id?: string | null;
  /**
   * True: the driver charged at home and is compensated for the energy.
   */
  home_charging_compensation?: boolean | null;
  /**
   * When this CDR was made.
   */
  last_updated: DateTime;
  [k: string]: unknown;
}

/**
 * A part of a session, up to the start of the next one.
 * Spec: 2.2.1 §10.4.6.
 */
export interface ChargingPeriod {
  /**
   * When the period begins.
   */
  start_date_time: DateTime;
  /**
   * What was measured in the period.
   */
  dimensions: CdrDimension[];
  /**
   * Id of the tariff that holds in the period; absent means none.
   */
  tariff_id?: string | null;
  [k: string]: unknown;
}

/**
 * Meter values with signatures that a driver can check.
 * Spec: 2.2.1 §10.4.7.
 */
export interface SignedData {
  /**
   * Name of the encoding.
   */
  encoding_method: string;
  /**
   * Version of the encoding.
   */
  encoding_method_version?: number | null;
  /**
   * Public key in Base64.
   */
  public_key?: string | null;
  /**
   * The values.
   */
  signed_values: SignedValue[];
  /**
   * Page where the driver can check the values.
   */
  url?: string | null;
  [k: string]: unknown;
}

/**
 * A meter value, plain and signed.
 * Spec: 2.2.1 §10.4.8.
 */
export interface SignedValue {
  /**
   * What the value belongs to, such as Start, End or Intermediate.
   */
  nature: string;
  /**
   * The value in the clear. 512 characters before the errata of May 2026.
   */
  plain_data: string;
  /**
   * The signed value in Base64.
   */
  signed_data: string;
  [k: string]: unknown;
}

/**
 * The profile that was asked for, sent to the response_url.
 * Spec: 2.2.1 §14.5.2.
 */
export interface ActiveChargingProfileResult {
  /**
   * Whether the EVSE could say.
   */
  result: 'ACCEPTED' | 'REJECTED' | 'UNKNOWN' | (string & {});
  /**
   * The profile, if the result is ACCEPTED.
   */
  profile?: ActiveChargingProfile | null;
  [k: string]: unknown;
}

/**
 * The profile by which an EVSE charges.
 * Spec: 2.2.1 §14.6.1.
 */
export interface ActiveChargingProfile {
  /**
   * When the charge point calculated it; the times in the profile count from here.
   */
  start_date_time: DateTime;
  /**
   * The profile.
   */
  charging_profile: ChargingProfile;
  [k: string]: unknown;
}

/**
 * A limit that holds up to the start of the next period.
 * Spec: 2.2.1 §14.6.4.
 */
export interface ChargingProfilePeriod {
  /**
   * Seconds from the start of the profile.
   */
  start_period: number;
  /**
   * The limit in the unit of the profile, with at most one decimal.
   */
  limit: number;
  [k: string]: unknown;
}

/**
 * What the CPO says to a request about charging profiles at once.
 * Spec: 2.2.1 §14.5.1.
 */
export interface ChargingProfileResponse {
  /**
   * Whether the request is passed on.
   */
  result: 'ACCEPTED' | 'NOT_SUPPORTED' | 'REJECTED' | 'TOO_OFTEN' | 'UNKNOWN_SESSION' | (string & {});
  /**
   * Seconds within which the result is to be expected.
   */
  timeout: number;
  [k: string]: unknown;
}

/**
 * What became of a profile that was set, sent to the response_url.
 * Spec: 2.2.1 §14.5.3.
 */
export interface ChargingProfileResult {
  /**
   * Whether the EVSE took the profile.
   */
  result: 'ACCEPTED' | 'REJECTED' | 'UNKNOWN' | (string & {});
  [k: string]: unknown;
}

/**
 * Limits of power or current over time.
 * Spec: 2.2.1 §14.6.3.
 */
export interface ChargingProfile {
  /**
   * Where the profile begins; absent means with the charging.
   */
  start_date_time?: DateTime | null;
  /**
   * Seconds that the profile lasts.
   */
  duration?: number | null;
  /**
   * Unit of the limits: watts, or amperes per phase.
   */
  charging_rate_unit: 'A' | 'W' | (string & {});
  /**
   * Lowest rate that makes sense for the vehicle, with at most one decimal.
   */
  min_charging_rate?: number | null;
  /**
   * The limits, in order.
   */
  charging_profile_period?: ChargingProfilePeriod[] | null;
  [k: string]: unknown;
}

/**
 * What became of the removal of a profile, sent to the response_url.
 * Spec: 2.2.1 §14.5.4.
 */
export interface ClearProfileResult {
  /**
   * Whether the EVSE removed the profile.
   */
  result: 'ACCEPTED' | 'REJECTED' | 'UNKNOWN' | (string & {});
  [k: string]: unknown;
}

/**
 * Body of the PUT that sets a profile.
 * Spec: 2.2.1 §14.5.5.
 */
export interface SetChargingProfile {
  /**
   * The profile.
   */
  charging_profile: ChargingProfile;
  /**
   * Where the result is to be sent.
   */
  response_url: string;
  [k: string]: unknown;
}

/**
 * Body of CANCEL_RESERVATION.
 * Spec: 2.2.1 §13.3.1.
 */
export interface CancelReservation {
  /**
   * Where the result is to be sent.
   */
  response_url: string;
  /**
   * Id that the reservation was made with.
   */
  reservation_id: string;
  [k: string]: unknown;
}

/**
 * What the CPO says to a command at once.
 * Spec: 2.2.1 §13.3.2.
 */
export interface CommandResponse {
  /**
   * Whether the command is passed on.
   */
  result: 'ACCEPTED' | 'NOT_SUPPORTED' | 'REJECTED' | 'UNKNOWN_SESSION' | (string & {});
  /**
   * Seconds within which the result is to be expected.
   */
  timeout: number;
  /**
   * The answer in words, in one or more languages.
   */
  message?: DisplayText[] | null;
  [k: string]: unknown;
}

/**
 * What became of a command, sent to its response_url.
 * Spec: 2.2.1 §13.3.3.
 */
export interface CommandResult {
  /**
   * What the charge point said.
   */
  result:
    | 'ACCEPTED'
    | 'CANCELED_RESERVATION'
    | 'EVSE_INOPERATIVE'
    | 'EVSE_OCCUPIED'
    | 'FAILED'
    | 'NOT_SUPPORTED'
    | 'REJECTED'
    | 'TIMEOUT'
    | 'UNKNOWN_RESERVATION'
    | (string & {});
  /**
   * The reason in words, in one or more languages.
   */
  message?: DisplayText[] | null;
  [k: string]: unknown;
}

/**
 * Body of RESERVE_NOW.
 * Spec: 2.2.1 §13.3.4.
 */
export interface ReserveNow {
  /**
   * Where the result is to be sent.
   */
  response_url: string;
  /**
   * A token of the eMSP that sends the command.
   */
  token: Token;
  /**
   * When the reservation ends.
   */
  expiry_date: DateTime;
  /**
   * Id of the reservation; a known one is replaced.
   */
  reservation_id: string;
  /**
   * Id of the location.
   */
  location_id: string;
  /**
   * Technical id of the EVSE, if it must be this one.
   */
  evse_uid?: string | null;
  /**
   * Reference of the eMSP that comes back in the session and the CDR.
   */
  authorization_reference?: string | null;
  [k: string]: unknown;
}

/**
 * Body of START_SESSION.
 * Spec: 2.2.1 §13.3.5.
 */
export interface StartSession {
  /**
   * Where the result is to be sent.
   */
  response_url: string;
  /**
   * A token of the eMSP that sends the command.
   */
  token: Token;
  /**
   * Id of the location.
   */
  location_id: string;
  /**
   * Technical id of the EVSE; needed with connector_id.
   */
  evse_uid?: string | null;
  /**
   * Id of the connector; some EVSEs need it.
   */
  connector_id?: string | null;
  /**
   * Reference of the eMSP that comes back in the session and the CDR.
   */
  authorization_reference?: string | null;
  [k: string]: unknown;
}

/**
 * Body of STOP_SESSION.
 * Spec: 2.2.1 §13.3.6.
 */
export interface StopSession {
  /**
   * Where the result is to be sent.
   */
  response_url: string;
  /**
   * Id of the session.
   */
  session_id: string;
  [k: string]: unknown;
}

/**
 * Body of UNLOCK_CONNECTOR.
 * Spec: 2.2.1 §13.3.7.
 */
export interface UnlockConnector {
  /**
   * Where the result is to be sent.
   */
  response_url: string;
  /**
   * Id of the location.
   */
  location_id: string;
  /**
   * Technical id of the EVSE.
   */
  evse_uid: string;
  /**
   * Id of the connector.
   */
  connector_id: string;
  [k: string]: unknown;
}

/**
 * How a company presents itself.
 * Spec: 2.2.1 §8.4.2.
 */
export interface BusinessDetails {
  /**
   * Name of the company.
   */
  name: string;
  /**
   * Its web site.
   */
  website?: string | null;
  /**
   * Its logo.
   */
  logo?: Image | null;
  [k: string]: unknown;
}

/**
 * A point in time. Without a suffix it is UTC. Offsets are accepted from others although they are no OCPI.
 * Spec: 2.2.1 §16.2.
 */
export type DateTime = string;

/**
 * A text for end users in one language, without markup.
 * Spec: 2.2.1 §16.3.
 */
export interface DisplayText {
  /**
   * ISO 639-1 code of the language.
   */
  language: string;
  /**
   * The text itself.
   */
  text: string;
  [k: string]: unknown;
}

/**
 * A reference to a picture of an EVSE or a location, or to a logo.
 * Spec: 2.2.1 §8.4.15.
 */
export interface Image {
  /**
   * Where the picture can be fetched.
   */
  url: string;
  /**
   * Where a small version can be fetched.
   */
  thumbnail?: string | null;
  /**
   * What the picture shows.
   */
  category: 'CHARGER' | 'ENTRANCE' | 'LOCATION' | 'NETWORK' | 'OPERATOR' | 'OTHER' | 'OWNER' | (string & {});
  /**
   * Kind of file, such as gif, jpeg, png or svg.
   */
  type: string;
  /**
   * Width in pixels.
   */
  width?: number | null;
  /**
   * Height in pixels.
   */
  height?: number | null;
  [k: string]: unknown;
}

/**
 * An amount of money without and with VAT.
 * Spec: 2.2.1 §16.5.
 */
export interface Price {
  /**
   * Amount without VAT.
   */
  excl_vat: number;
  /**
   * Amount with VAT.
   */
  incl_vat?: number | null;
  [k: string]: unknown;
}

/**
 * What a party does in the market. Closed: the hub routes by it.
 * Spec: 2.2.1 §16.6.
 */
export type Role = 'CPO' | 'EMSP' | 'HUB' | 'NAP' | 'NSP' | 'OTHER' | 'SCSP';

/**
 * One party of a platform in one role.
 * Spec: 2.2.1 §7.4.1.
 */
export interface CredentialsRole {
  /**
   * Role of the party.
   */
  role: Role;
  /**
   * Details of the party.
   */
  business_details: BusinessDetails;
  /**
   * Id of the party within its country.
   */
  party_id: string;
  /**
   * ISO 3166-1 alpha-2 code of the country of the party.
   */
  country_code: string;
  [k: string]: unknown;
}

/**
 * What the other side needs to call a platform.
 * Spec: 2.2.1 §7.3.1.
 */
export interface Credentials {
  /**
   * Token with which the platform wants to be called, not encoded.
   */
  token: string;
  /**
   * Absolute address of the versions endpoint.
   */
  url: string;
  /**
   * The parties behind the platform, each with its role.
   */
  roles: CredentialsRole[];
  [k: string]: unknown;
}

/**
 * A party that is reachable through the hub.
 * Spec: 2.2.1 §15.4.1.
 */
export interface ClientInfo {
  /**
   * Id of the party within its country.
   */
  party_id: string;
  /**
   * ISO 3166-1 alpha-2 code of the country of the party.
   */
  country_code: string;
  /**
   * Role of the party.
   */
  role: Role;
  /**
   * State of the connection to the party.
   */
  status: ConnectionStatus;
  /**
   * When this object last changed.
   */
  last_updated: DateTime;
  [k: string]: unknown;
}

/**
 * State of the connection between the hub and a party.
 * Spec: 2.2.1 §15.5.1.
 */
export type ConnectionStatus = 'CONNECTED' | 'OFFLINE' | 'PLANNED' | 'SUSPENDED';

/**
 * A named point that matters for a location.
 * Spec: 2.2.1 §8.4.1.
 */
export interface AdditionalGeoLocation {
  /**
   * Latitude in degrees, decimal point, at least five decimals.
   */
  latitude: string;
  /**
   * Longitude in degrees, decimal point, at least five decimals.
   */
  longitude: string;
  /**
   * Name of the point.
   */
  name?: DisplayText | null;
  [k: string]: unknown;
}

/**
 * A socket or an attached cable of an EVSE.
 * Spec: 2.2.1 §8.3.3.
 */
export interface Connector {
  /**
   * Id of the connector, unique within its EVSE only.
   */
  id: string;
  /**
   * Standard of the plug.
   */
  standard:
    | 'CHADEMO'
    | 'CHAOJI'
    | 'DOMESTIC_A'
    | 'DOMESTIC_B'
    | 'DOMESTIC_C'
    | 'DOMESTIC_D'
    | 'DOMESTIC_E'
    | 'DOMESTIC_F'
    | 'DOMESTIC_G'
    | 'DOMESTIC_H'
    | 'DOMESTIC_I'
    | 'DOMESTIC_J'
    | 'DOMESTIC_K'
    | 'DOMESTIC_L'
    | 'DOMESTIC_M'
    | 'DOMESTIC_N'
    | 'DOMESTIC_O'
    | 'GBT_AC'
    | 'GBT_DC'
    | 'IEC_60309_2_single_16'
    | 'IEC_60309_2_three_16'
    | 'IEC_60309_2_three_32'
    | 'IEC_60309_2_three_64'
    | 'IEC_62196_T1'
    | 'IEC_62196_T1_COMBO'
    | 'IEC_62196_T2'
    | 'IEC_62196_T2_COMBO'
    | 'IEC_62196_T3A'
    | 'IEC_62196_T3C'
    | 'NEMA_5_20'
    | 'NEMA_6_30'
    | 'NEMA_6_50'
    | 'NEMA_10_30'
    | 'NEMA_10_50'
    | 'NEMA_14_30'
    | 'NEMA_14_50'
    | 'PANTOGRAPH_BOTTOM_UP'
    | 'PANTOGRAPH_TOP_DOWN'
    | 'TESLA_R'
    | 'TESLA_S'
    | (string & {});
  /**
   * Socket or attached cable.
   */
  format: 'SOCKET' | 'CABLE' | (string & {});
  /**
   * Kind of current.
   */
  power_type: 'AC_1_PHASE' | 'AC_2_PHASE' | 'AC_2_PHASE_SPLIT' | 'AC_3_PHASE' | 'DC' | (string & {});
  /**
   * Highest voltage in V, line to neutral for AC_3_PHASE.
   */
  max_voltage: number;
  /**
   * Highest current in A.
   */
  max_amperage: number;
  /**
   * Highest power in W, if lower than voltage and current give.
   */
  max_electric_power?: number | null;
  /**
   * Ids of the tariffs that hold here.
   */
  tariff_ids?: string[] | null;
  /**
   * Terms and conditions of the operator.
   */
  terms_and_conditions?: string | null;
  /**
   * When this connector last changed.
   */
  last_updated: DateTime;
  [k: string]: unknown;
}

/**
 * Where the energy of a location or tariff comes from.
 * Spec: 2.2.1 §8.4.6.
 */
export interface EnergyMix {
  /**
   * True if all sources are renewable.
   */
  is_green_energy: boolean;
  /**
   * Shares of the sources; they should add up to 100.
   */
  energy_sources?: EnergySource[] | null;
  /**
   * Waste per kWh.
   */
  environ_impact?: EnvironmentalImpact[] | null;
  /**
   * Supplier of the energy.
   */
  supplier_name?: string | null;
  /**
   * Product of the supplier.
   */
  energy_product_name?: string | null;
  [k: string]: unknown;
}

/**
 * The share of one source in an energy mix.
 * Spec: 2.2.1 §8.4.7.
 */
export interface EnergySource {
  /**
   * Kind of source.
   */
  source: 'NUCLEAR' | 'GENERAL_FOSSIL' | 'COAL' | 'GAS' | 'GENERAL_GREEN' | 'SOLAR' | 'WIND' | 'WATER' | (string & {});
  /**
   * Share in percent, 0 to 100.
   */
  percentage: number;
  [k: string]: unknown;
}

/**
 * Waste made per kWh.
 * Spec: 2.2.1 §8.4.9.
 */
export interface EnvironmentalImpact {
  /**
   * Kind of waste.
   */
  category: 'NUCLEAR_WASTE' | 'CARBON_DIOXIDE' | (string & {});
  /**
   * Amount in g/kWh.
   */
  amount: number;
  [k: string]: unknown;
}

/**
 * What supplies one vehicle at a time; part of a location.
 * Spec: 2.2.1 §8.3.2.
 */
export interface EVSE {
  /**
   * Technical id of the EVSE, unique within the platform of the CPO, never changed.
   */
  uid: string;
  /**
   * Readable id of the EVSE after eMI3.
   */
  evse_id?: string | null;
  /**
   * Present state.
   */
  status: Status;
  /**
   * Planned states.
   */
  status_schedule?: StatusSchedule[] | null;
  /**
   * What the EVSE can do.
   */
  capabilities?: Array<
    | 'CHARGING_PROFILE_CAPABLE'
    | 'CHARGING_PREFERENCES_CAPABLE'
    | 'CHIP_CARD_SUPPORT'
    | 'CONTACTLESS_CARD_SUPPORT'
    | 'CREDIT_CARD_PAYABLE'
    | 'DEBIT_CARD_PAYABLE'
    | 'PED_TERMINAL'
    | 'REMOTE_START_STOP_CAPABLE'
    | 'RESERVABLE'
    | 'RFID_READER'
    | 'START_SESSION_CONNECTOR_REQUIRED'
    | 'TOKEN_GROUP_CAPABLE'
    | 'UNLOCK_CAPABLE'
    | (string & {})
  > | null;
  /**
   * The connectors, of which one at a time can be used.
   */
  connectors: Connector[];
  /**
   * Level in a building, as signposted there.
   */
  floor_level?: string | null;
  /**
   * Where the EVSE stands.
   */
  coordinates?: GeoLocation | null;
  /**
   * Number printed on the outside.
   */
  physical_reference?: string | null;
  /**
   * How to get from the location to the EVSE.
   */
  directions?: DisplayText[] | null;
  /**
   * Who may use the parking space.
   */
  parking_restrictions?: Array<'EV_ONLY' | 'PLUGGED' | 'DISABLED' | 'CUSTOMERS' | 'MOTORCYCLES' | (string & {})> | null;
  /**
   * Pictures of the EVSE.
   */
  images?: Image[] | null;
  /**
   * When this EVSE or one of its connectors last changed.
   */
  last_updated: DateTime;
  [k: string]: unknown;
}

/**
 * A period in which the usual hours do not hold, in UTC.
 * Spec: 2.2.1 §8.4.11.
 */
export interface ExceptionalPeriod {
  /**
   * Begin of the period.
   */
  period_begin: DateTime;
  /**
   * End of the period.
   */
  period_end: DateTime;
  [k: string]: unknown;
}

/**
 * A point on the earth, WGS 84. More than seven decimals are accepted.
 * Spec: 2.2.1 §8.4.13.
 */
export interface GeoLocation {
  /**
   * Latitude in degrees, decimal point, at least five decimals.
   */
  latitude: string;
  /**
   * Longitude in degrees, decimal point, at least five decimals.
   */
  longitude: string;
  [k: string]: unknown;
}

/**
 * Opening and access hours of a location.
 * Spec: 2.2.1 §8.4.14.
 */
export interface Hours {
  /**
   * True if always open except for the exceptions given.
   */
  twentyfourseven: boolean;
  /**
   * Weekly hours. Needed if twentyfourseven is false, not to be used if it is true.
   */
  regular_hours?: RegularHours[] | null;
  /**
   * Periods in which it is open besides.
   */
  exceptional_openings?: ExceptionalPeriod[] | null;
  /**
   * Periods in which it is closed nevertheless.
   */
  exceptional_closings?: ExceptionalPeriod[] | null;
  [k: string]: unknown;
}

/**
 * A place with EVSEs that belong together.
 * Spec: 2.2.1 §8.3.1.
 */
export interface Location {
  /**
   * ISO 3166-1 alpha-2 code of the country of the owning CPO.
   */
  country_code: string;
  /**
   * Id of the owning CPO within its country.
   */
  party_id: string;
  /**
   * Id of the location, unique within the platform of the CPO, never changed.
   */
  id: string;
  /**
   * False: may be shown only to the owners of the tokens in publish_allowed_to.
   */
  publish: boolean;
  /**
   * Whose owners may see an unpublished location; not to be used with publish true.
   */
  publish_allowed_to?: PublishToken[] | null;
  /**
   * Display name.
   */
  name?: string | null;
  /**
   * Street and house number. 45 characters before the errata of May 2026.
   */
  address: string;
  /**
   * City or town.
   */
  city: string;
  /**
   * Postal code.
   */
  postal_code?: string | null;
  /**
   * State or province. 20 characters before the errata of May 2026.
   */
  state?: string | null;
  /**
   * ISO 3166-1 alpha-3 code of the country.
   */
  country: string;
  /**
   * Where the location is.
   */
  coordinates: GeoLocation;
  /**
   * Other points that matter to the user.
   */
  related_locations?: AdditionalGeoLocation[] | null;
  /**
   * Kind of parking.
   */
  parking_type?:
    | 'ALONG_MOTORWAY'
    | 'PARKING_GARAGE'
    | 'PARKING_LOT'
    | 'ON_DRIVEWAY'
    | 'ON_STREET'
    | 'UNDERGROUND_GARAGE'
    | (string & {})
    | null;
  /**
   * The EVSEs of the location.
   */
  evses?: EVSE[] | null;
  /**
   * How to get there.
   */
  directions?: DisplayText[] | null;
  /**
   * The operator; if absent, the details of the owning role hold.
   */
  operator?: BusinessDetails | null;
  /**
   * The suboperator.
   */
  suboperator?: BusinessDetails | null;
  /**
   * The owner.
   */
  owner?: BusinessDetails | null;
  /**
   * What the location directly belongs to.
   */
  facilities?: Array<
    | 'HOTEL'
    | 'RESTAURANT'
    | 'CAFE'
    | 'MALL'
    | 'SUPERMARKET'
    | 'SPORT'
    | 'RECREATION_AREA'
    | 'NATURE'
    | 'MUSEUM'
    | 'BIKE_SHARING'
    | 'BUS_STOP'
    | 'TAXI_STAND'
    | 'TRAM_STOP'
    | 'METRO_STATION'
    | 'TRAIN_STATION'
    | 'AIRPORT'
    | 'PARKING_LOT'
    | 'CARPOOL_PARKING'
    | 'FUEL_STATION'
    | 'WIFI'
    | (string & {})
  > | null;
  /**
   * Name of the time zone in the IANA database, such as Europe/Oslo.
   */
  time_zone: string;
  /**
   * When the EVSEs can be used.
   */
  opening_times?: Hours | null;
  /**
   * Whether charging goes on outside the opening hours; absent means true.
   */
  charging_when_closed?: boolean | null;
  /**
   * Pictures of the location.
   */
  images?: Image[] | null;
  /**
   * Where the energy comes from.
   */
  energy_mix?: EnergyMix | null;
  /**
   * When this location or anything in it last changed.
   */
  last_updated: DateTime;
  [k: string]: unknown;
}

/**
 * What identifies a token whose owner may be shown an unpublished location.
 * Spec: 2.2.1 §8.4.20.
 */
export interface PublishToken {
  /**
   * Id of the token.
   */
  uid?: string | null;
  /**
   * Kind of token; needed with uid.
   */
  type?: 'AD_HOC_USER' | 'APP_USER' | 'OTHER' | 'RFID' | (string & {}) | null;
  /**
   * Number printed on the token.
   */
  visual_number?: string | null;
  /**
   * Company that issued the token; needed with visual_number.
   */
  issuer?: string | null;
  /**
   * Id of a group of tokens.
   */
  group_id?: string | null;
  [k: string]: unknown;
}

/**
 * Opening hours of one day of the week, in local time.
 * Spec: 2.2.1 §8.4.21.
 */
export interface RegularHours {
  /**
   * Day of the week, Monday 1 to Sunday 7.
   */
  weekday: number;
  /**
   * Opening time.
   */
  period_begin: string;
  /**
   * Closing time, later than the opening time.
   */
  period_end: string;
  [k: string]: unknown;
}

/**
 * A planned state of an EVSE; informational only.
 * Spec: 2.2.1 §8.4.23.
 */
export interface StatusSchedule {
  /**
   * Begin of the period.
   */
  period_begin: DateTime;
  /**
   * End of the period, if known.
   */
  period_end?: DateTime | null;
  /**
   * State during the period.
   */
  status:
    | 'AVAILABLE'
    | 'BLOCKED'
    | 'CHARGING'
    | 'INOPERATIVE'
    | 'OUTOFORDER'
    | 'PLANNED'
    | 'REMOVED'
    | 'RESERVED'
    | 'UNKNOWN'
    | (string & {});
  [k: string]: unknown;
}

/**
 * State of an EVSE. Closed: the hub acts on it.
 * Spec: 2.2.1 §8.4.22.
 */
export type Status =
  'AVAILABLE' | 'BLOCKED' | 'CHARGING' | 'INOPERATIVE' | 'OUTOFORDER' | 'PLANNED' | 'REMOVED' | 'RESERVED' | 'UNKNOWN';

/**
 * What a driver wants of smart charging.
 * Spec: 2.2.1 §9.3.2.
 */
export interface ChargingPreferences {
  /**
   * What matters most to the driver.
   */
  profile_type: 'CHEAP' | 'FAST' | 'GREEN' | 'REGULAR' | (string & {});
  /**
   * When the driver expects to leave.
   */
  departure_time?: DateTime | null;
  /**
   * Energy that the driver wants in kWh.
   */
  energy_need?: number | null;
  /**
   * Whether the vehicle may be discharged meanwhile; absent means no.
   */
  discharge_allowed?: boolean | null;
  [k: string]: unknown;
}

/**
 * State of a session. Closed: the hub acts on it.
 * Spec: 2.2.1 §9.4.3.
 */
export type SessionStatus = 'ACTIVE' | 'COMPLETED' | 'INVALID' | 'PENDING' | 'RESERVATION';

/**
 * A charging session in its present state.
 * Spec: 2.2.1 §9.3.1.
 */
export interface Session {
  /**
   * ISO 3166-1 alpha-2 code of the country of the owning CPO.
   */
  country_code: string;
  /**
   * Id of the owning CPO within its country.
   */
  party_id: string;
  /**
   * Id of the session, unique within the platform of the CPO.
   */
  id: string;
  /**
   * When the session became active; before that, when it was created.
   */
  start_date_time: DateTime;
  /**
   * When the session was finished.
   */
  end_date_time?: DateTime | null;
  /**
   * Energy charged so far in kWh.
   */
  kwh: number;
  /**
   * The token that the session was started with.
   */
  cdr_token: CdrToken;
  /**
   * How the driver was authorized.
   */
  auth_method: 'AUTH_REQUEST' | 'COMMAND' | 'WHITELIST' | (string & {});
  /**
   * Reference given by the eMSP with its authorization, the last one if there were several.
   */
  authorization_reference?: string | null;
  /**
   * Id of the location.
   */
  location_id: string;
  /**
   * Technical id of the EVSE; #NA while a reservation has none.
   */
  evse_uid: string;
  /**
   * Id of the connector; #NA while a reservation has none.
   */
  connector_id: string;
  /**
   * Id of the meter.
   */
  meter_id?: string | null;
  /**
   * ISO 4217 code of the currency.
   */
  currency: string;
  /**
   * The parts of the session so far. A PATCH adds to them.
   */
  charging_periods?: ChargingPeriod[] | null;
  /**
   * Costs so far; absent does not mean free of charge.
   */
  total_cost?: Price | null;
  /**
   * Present state.
   */
  status: SessionStatus;
  /**
   * When this session last changed.
   */
  last_updated: DateTime;
  [k: string]: unknown;
}

/**
 * The price of one dimension.
 * Spec: 2.2.1 §11.4.2.
 */
export interface PriceComponent {
  /**
   * What is priced.
   */
  type: 'ENERGY' | 'FLAT' | 'PARKING_TIME' | 'TIME' | (string & {});
  /**
   * Price per unit without VAT: per kWh, per hour, or flat.
   */
  price: number;
  /**
   * VAT in percent. Absent means that no VAT applies, which differs from 0.
   */
  vat?: number | null;
  /**
   * Smallest amount billed: Wh or seconds; no meaning for FLAT.
   */
  step_size: number;
  [k: string]: unknown;
}

/**
 * Prices and when they hold.
 * Spec: 2.2.1 §11.4.4.
 */
export interface TariffElement {
  /**
   * Prices, at most one for a dimension.
   */
  price_components: PriceComponent[];
  /**
   * When the prices hold; absent means always.
   */
  restrictions?: TariffRestrictions | null;
  [k: string]: unknown;
}

/**
 * When a tariff element holds; all that is given must be met.
 * Spec: 2.2.1 §11.4.6.
 */
export interface TariffRestrictions {
  /**
   * From this local time of day.
   */
  start_time?: string | null;
  /**
   * Until this local time of day; earlier than start_time means the next day.
   */
  end_time?: string | null;
  /**
   * From this local date, inclusive.
   */
  start_date?: string | null;
  /**
   * Until this local date, exclusive.
   */
  end_date?: string | null;
  /**
   * From this energy in kWh, inclusive.
   */
  min_kwh?: number | null;
  /**
   * Until this energy in kWh, exclusive.
   */
  max_kwh?: number | null;
  /**
   * From this current in A over all phases, inclusive.
   */
  min_current?: number | null;
  /**
   * Below this current in A over all phases.
   */
  max_current?: number | null;
  /**
   * From this power in kW, inclusive.
   */
  min_power?: number | null;
  /**
   * Below this power in kW.
   */
  max_power?: number | null;
  /**
   * From this duration in seconds, inclusive.
   */
  min_duration?: number | null;
  /**
   * Until this duration in seconds, exclusive.
   */
  max_duration?: number | null;
  /**
   * On these days.
   */
  day_of_week?: Array<
    'MONDAY' | 'TUESDAY' | 'WEDNESDAY' | 'THURSDAY' | 'FRIDAY' | 'SATURDAY' | 'SUNDAY' | (string & {})
  > | null;
  /**
   * Set if the element prices a reservation.
   */
  reservation?: 'RESERVATION' | 'RESERVATION_EXPIRES' | (string & {}) | null;
  [k: string]: unknown;
}

/**
 * For which sessions a tariff holds.
 * Spec: 2.2.1 §11.4.7.
 */
export type TariffType = 'AD_HOC_PAYMENT' | 'PROFILE_CHEAP' | 'PROFILE_FAST' | 'PROFILE_GREEN' | 'REGULAR';

/**
 * What charging costs.
 * Spec: 2.2.1 §11.3.1.
 */
export interface Tariff {
  /**
   * ISO 3166-1 alpha-2 code of the country of the owning CPO.
   */
  country_code: string;
  /**
   * Id of the owning CPO within its country.
   */
  party_id: string;
  /**
   * Id of the tariff, unique within the platform of the CPO.
   */
  id: string;
  /**
   * ISO 4217 code of the currency.
   */
  currency: string;
  /**
   * For which sessions the tariff holds; absent means for all.
   */
  type?: TariffType | null;
  /**
   * The tariff in words.
   */
  tariff_alt_text?: DisplayText[] | null;
  /**
   * A page that explains the tariff.
   */
  tariff_alt_url?: string | null;
  /**
   * A session costs at least this.
   */
  min_price?: Price | null;
  /**
   * A session costs at most this.
   */
  max_price?: Price | null;
  /**
   * The elements in order of precedence.
   */
  elements: TariffElement[];
  /**
   * When the tariff begins to hold.
   */
  start_date_time?: DateTime | null;
  /**
   * When the tariff ceases to hold.
   */
  end_date_time?: DateTime | null;
  /**
   * Where the energy comes from.
   */
  energy_mix?: EnergyMix | null;
  /**
   * When this tariff last changed.
   */
  last_updated: DateTime;
  [k: string]: unknown;
}

/**
 * Whether a token may be used, as the eMSP says at this moment.
 * Spec: 2.2.1 §12.3.1.
 */
export interface AuthorizationInfo {
  /**
   * Whether the driver may charge, at the location if one was given.
   */
  allowed: 'ALLOWED' | 'BLOCKED' | 'EXPIRED' | 'NO_CREDIT' | 'NOT_ALLOWED' | (string & {});
  /**
   * The complete token that was asked for.
   */
  token: Token;
  /**
   * The location that was asked about, with those EVSEs that the driver may use.
   */
  location?: LocationReferences | null;
  /**
   * Reference of the eMSP that comes back in the session and the CDR.
   */
  authorization_reference?: string | null;
  /**
   * Text for the driver.
   */
  info?: DisplayText | null;
  [k: string]: unknown;
}

/**
 * Contract of a driver with an energy supplier.
 * Spec: 2.2.1 §12.4.2.
 */
export interface EnergyContract {
  /**
   * Name of the supplier.
   */
  supplier_name: string;
  /**
   * Id of the contract at the supplier.
   */
  contract_id?: string | null;
  [k: string]: unknown;
}

/**
 * A location, and some of its EVSEs.
 * Spec: 2.2.1 §12.4.3.
 */
export interface LocationReferences {
  /**
   * Id of the location.
   */
  location_id: string;
  /**
   * EVSEs of the location.
   */
  evse_uids?: string[] | null;
  [k: string]: unknown;
}

/**
 * What a driver identifies with: a card, or a number behind an app.
 * Spec: 2.2.1 §12.3.2.
 */
export interface Token {
  /**
   * ISO 3166-1 alpha-2 code of the country of the owning eMSP.
   */
  country_code: string;
  /**
   * Id of the owning eMSP within its country.
   */
  party_id: string;
  /**
   * Id of the token; with its type unique within the platform of the eMSP. What a reader reads off a card.
   */
  uid: string;
  /**
   * Kind of token; part of its identity.
   */
  type: 'AD_HOC_USER' | 'APP_USER' | 'OTHER' | 'RFID' | (string & {});
  /**
   * Id of the contract of the driver within the platform of the eMSP.
   */
  contract_id: string;
  /**
   * Number printed on the token.
   */
  visual_number?: string | null;
  /**
   * Company that issued the token.
   */
  issuer: string;
  /**
   * Id of a group of tokens that work as one. Chargers with OCPP 1.x know at most 20 characters.
   */
  group_id?: string | null;
  /**
   * Whether the token is valid. Tokens are never removed, but made invalid.
   */
  valid: boolean;
  /**
   * When the CPO may decide without asking the eMSP.
   */
  whitelist: 'ALLOWED' | 'ALLOWED_OFFLINE' | 'ALWAYS' | 'NEVER' | (string & {});
  /**
   * ISO 639-1 code of the language that the driver prefers.
   */
  language?: string | null;
  /**
   * Charging preference to start with.
   */
  default_profile_type?: 'CHEAP' | 'FAST' | 'GREEN' | 'REGULAR' | (string & {}) | null;
  /**
   * Contract with an energy supplier, where the driver may use an own one.
   */
  energy_contract?: EnergyContract | null;
  /**
   * When this token last changed.
   */
  last_updated: DateTime;
  [k: string]: unknown;
}

/**
 * One interface of one module.
 * Spec: 2.2.1 §6.2.2.
 */
export interface Endpoint {
  /**
   * Module id. Modules unknown here are ignored.
   */
  identifier:
    | 'cdrs'
    | 'chargingprofiles'
    | 'commands'
    | 'credentials'
    | 'hubclientinfo'
    | 'locations'
    | 'sessions'
    | 'tariffs'
    | 'tokens'
    | (string & {});
  /**
   * Which side of the module is offered.
   */
  role: InterfaceRole;
  /**
   * Absolute address of the interface.
   */
  url: string;
  [k: string]: unknown;
}

/**
 * SENDER is implemented by the owner of the data, RECEIVER by who is pushed to.
 * Spec: 2.2.1 §6.2.3.
 */
export type InterfaceRole = 'SENDER' | 'RECEIVER';

/**
 * The interfaces that a platform offers in one version.
 * Spec: 2.2.1 §6.2.1.
 */
export interface VersionDetails {
  /**
   * Version number.
   */
  version: '2.0' | '2.1' | '2.1.1' | '2.2' | '2.2.1' | (string & {});
  /**
   * The interfaces.
   */
  endpoints: Endpoint[];
  [k: string]: unknown;
}

/**
 * One version of OCPI that a platform offers.
 * Spec: 2.2.1 §6.1.2.
 */
export interface Version {
  /**
   * Version number. Versions unknown here are ignored.
   */
  version: '2.0' | '2.1' | '2.1.1' | '2.2' | '2.2.1' | (string & {});
  /**
   * Absolute address of the details of this version.
   */
  url: string;
  [k: string]: unknown;
}
