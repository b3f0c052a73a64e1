/** One party that a request was, or could have been, passed on to. */
export interface RouteCandidate {
  /** `DE/CP1` */
  readonly party: string;
  readonly partnerId: string | undefined;
  /** Why it was chosen or left out, in a few words: `owner in the URL`, `not connected (OFFLINE)`, `denied by agreement …`. */
  readonly why: string;
  /** Present if it was asked. */
  leg?: RouteLeg;
}

/** The second leg: what the hub sent, and what came back. */
export interface RouteLeg {
  /** X-Request-ID of the second leg. */
  readonly requestId: string | undefined;
  readonly httpStatus: number | undefined;
  /** OCPI `status_code` */
  readonly statusCode: number | undefined;
  /** `answered`, `timeout`, `unreachable`, `refused`, `aborted`… */
  readonly outcome: string;
  readonly durationMs: number;
}

/** How a request was routed, and why: filled in on its way, for a person to read afterwards. */
export interface RouteTrace {
  scenario: 'broadcast' | 'get-all' | 'owner-check' | 'direct' | 'open' | 'callback' | 'continuation' | undefined;
  /** `FR/EM1`: who asked. */
  from: string | undefined;
  /** `DE/CP1`: whom the request named. */
  to: string | undefined;
  /** Ids of the rules that decided, such as `R-34`, or of an agreement. */
  readonly rules: string[];
  readonly candidates: RouteCandidate[];
}

export const newTrace = (): RouteTrace => ({
  scenario: undefined,
  from: undefined,
  to: undefined,
  rules: [],
  candidates: [],
});
