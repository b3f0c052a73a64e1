// Generated from ocpi-schemas by `npm run schemas:generate`. Do not edit.

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
