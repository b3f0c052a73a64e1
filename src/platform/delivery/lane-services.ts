import type { Clock } from '../../kernel/clock.js';
import type { ChooseMessage } from './choose-message.js';
import type { LaneStore, PauseReason } from './lane-store.js';
import type { LeaseClock } from './lease-clock.js';
import type { DeliveryObserver, PushClient, Timers } from './ports.js';
import type { Audience, LaneRoute } from './receivers.js';
import type { SharedFeed } from './shared-feed.js';
import type { DeliveryTiming } from './timing.js';

/** What all lanes of a process share. */
export interface LaneServices {
  readonly feed: SharedFeed;
  readonly store: LaneStore;
  readonly client: PushClient;
  readonly clock: Clock;
  /** By which our leases are judged. */
  readonly leaseClock: LeaseClock;
  readonly timers: Timers;
  readonly timing: DeliveryTiming;
  readonly random: () => number;
  readonly observer: DeliveryObserver;
  /** Who is told, apart from the partner. */
  readonly audience: Audience;
  readonly choose: ChooseMessage;
  /** Locations and Tariffs remembered per receiving party. */
  readonly memoryLimit: number;
  /** How to reach a partner now, or undefined if it is told nothing. */
  route(partnerId: string): LaneRoute | undefined;
  /** The token that a partner is to be called with now. */
  outboundToken(partnerId: string): string | undefined;
  /** A lane has made progress that is to be written down soon; `soon`: at once. */
  progressed(partnerId: string, atOnce: boolean): void;
  /** Writes down what progress there is. Never rejects. */
  flushed(): Promise<void>;
  /**
   * Writes down what progress there is, then stops the lane. With the token that was refused: not if there is another by then.
   * Returns whether the lane is stopped.
   */
  pause(partnerId: string, by: PauseReason, refusedToken?: string): Promise<boolean>;
  /** Asks for a slice of work on a lane. */
  wake(partnerId: string): void;
}
