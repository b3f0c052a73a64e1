import http from 'node:http';
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
  readonly predictions?: readonly {
    readonly date: string;
    readonly periodsPerDay: number;
    readonly availabilityProbabilities: readonly number[];
  }[];
}

export interface ShownStatus {
  readonly evseUid: string;
  readonly status: string;
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

  /** Listens to the status stream; returns how to stop that. */
  listen(query: string, told: (status: ShownStatus) => void): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const headers = { Authorization: `Bearer ${this.key}`, Accept: 'text/event-stream' };
      const request = http.get(`${this.base}/stream${query}`, { headers, agent: false }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`The stream was answered ${response.statusCode}.`));
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          const parts = (rest + chunk).split('\n\n');
          rest = parts.pop() ?? '';
          for (const part of parts) {
            const [, data] = /^data: (.*"type":"evseStatus".*)$/m.exec(part) ?? [];
            if (data !== undefined) told(JSON.parse(data) as ShownStatus);
          }
        });
        response.on('error', () => undefined);
        resolve(() => request.destroy());
      });
      request.on('error', reject);
    });
  }
}
