/** What the load generator is to do; goes to its process as a message. */
export interface LoadRun {
  readonly port: number;
  readonly connections: number;
  /** All requests one behind the other, as bytes on the wire. */
  readonly bytes: Uint8Array;
  /** Where each request ends in `bytes`. */
  readonly ends: readonly number[];
  /** How many answers to wait for; the requests are gone through again and again. */
  readonly count: number;
  /** `raw`: as lean as can be; `node`: Node's own HTTP client. */
  readonly client?: 'raw' | 'node';
  /** What the body of every answer must contain; only for answers that arrive in one piece. */
  readonly expect?: string;
}

export interface LoadResult {
  readonly seconds: number;
  readonly answers: number;
  /** Answers other than HTTP 200 or 201, or without what was expected. */
  readonly bad: number;
  /** The first of them. */
  readonly example?: string;
  readonly bodyBytes: number;
  /** Share of one processor that the generator itself took. */
  readonly generatorCpu: number;
}
