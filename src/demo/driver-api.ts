import { callJson } from './call-json.js';

/** What the demo reads of a connector group. */
export interface ShownGroup {
  readonly standard: string;
  /** W */
  readonly maxPower: number;
  readonly connectorCount: number;
  readonly availableConnectorCount?: number;
}

export interface FoundPlace {
  readonly id: string;
  readonly title: string;
  readonly location: { readonly lat: number; readonly lng: number };
  /** m */
  readonly distance: number;
  readonly connectorGroups: readonly ShownGroup[];
}

export interface ShownPlace {
  readonly id: string;
  readonly name?: string;
  readonly evses?: readonly { readonly uid: string; readonly status: string }[];
  readonly connectorGroups?: readonly ShownGroup[];
}

export interface ShownPrice {
  readonly tariff: { readonly name?: string; readonly type: string };
  readonly currency: string;
  /** Exact decimals. */
  readonly total: { readonly excl: string; readonly incl?: string };
}

/** The EV data API as a driver's app uses it. */
export class DriverApi {
  constructor(
    private readonly base: string,
    private readonly key: string,
  ) {}

  get<T>(path: string): Promise<T> {
    return callJson<T>(`${this.base}${path}`, { bearer: this.key });
  }
}
