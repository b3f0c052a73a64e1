/** What every OCPI answer is wrapped in. Spec: 2.2.1 §4.1.7, T-14. */
export interface Envelope<T = unknown> {
  readonly data?: T;
  readonly status_code: number;
  readonly status_message?: string;
  /** OCPI DateTime, UTC. */
  readonly timestamp: string;
}
