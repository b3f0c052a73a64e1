/** How a receiver behaves. */
export type Manner =
  | 'healthy'
  /** Takes no connections. */
  | 'refusing'
  /** Takes connections and requests, and never answers. */
  | 'silent'
  /** Answers after nine seconds. */
  | 'late';

/** What the process of receivers is asked; one answer each. */
export type Question =
  /** Opens as many healthy ones; answered with their ports. */
  | { readonly ask: 'open'; readonly count: number }
  /** How they behave from now on, one after the other. */
  | { readonly ask: 'behave'; readonly manners: readonly Manner[] }
  | { readonly ask: 'count' }
  /** From now on keeps what arrives, at most `each` pushes of one receiver; forgets what was kept. */
  | { readonly ask: 'keep'; readonly each: number }
  /** What was kept; answered with {@link Push}es. */
  | { readonly ask: 'kept' }
  /** When each of these texts first arrived within a push at each receiver. */
  | { readonly ask: 'arrivals'; readonly stamps: readonly string[] };

export interface Count {
  /** Pushes that were answered, of all receivers. */
  readonly pushes: number;
  /** ms on the clock that all processes of a machine share. */
  readonly at: number;
}

/** A request as it came over the wire. */
export interface Push {
  readonly receiver: number;
  readonly bytes: Uint8Array;
}

/** Of one receiver: when each stamp arrived, ms on the shared clock; NaN where it did not. */
export type Arrivals = readonly Float64Array[];
