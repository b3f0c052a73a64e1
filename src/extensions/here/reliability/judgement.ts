import type { EvReliabilityConfig } from '../../../platform/config/index.js';
import type { LiveEvse } from '../live/live-places.js';
import { isLiveStatus } from '../model/status.js';
import { countedDays, type SessionCount } from './session-counts.js';

/** 1 red: significant issues; 2 yellow: possible ones; 3 green: reliable. HERE section 9. */
export type Operational = 1 | 2 | 3;
export type StatusReliability = 'reliable' | 'unreliable' | 'outdated';

/** Fewer sessions say nothing of how many fail. */
const leastSessions = 5;
/** Red begins at so many times the share at which yellow does. */
const redTimes = 2.5;
const dayMs = 86_400_000;

/** What is known of an EVSE, with its thresholds. */
export interface EvseEvidence {
  readonly evse: LiveEvse;
  readonly sessions: SessionCount;
  /** When its owner was heard of last, ms since the epoch. */
  readonly heard: number;
  /** Whether something strange was seen of its status not long ago. */
  readonly doubtful: boolean;
  readonly now: number;
  readonly thresholds: EvReliabilityConfig;
}

/** How far the status can be relied on; undefined: there is no live status to rely on. */
export function statusReliabilityOf(evidence: EvseEvidence): StatusReliability | undefined {
  const { evse, heard, doubtful, now, thresholds } = evidence;
  if (!isLiveStatus(evse.status)) return undefined;
  // Owners tell of changes only: as long as they are heard of, what they do not mention has not changed.
  if (now - Math.max(heard, evse.receivedAt) > thresholds.outdatedMs) return 'outdated';
  const isStuck = evse.status === 'charging' && now - evse.modified > thresholds.longestSessionMs;
  return doubtful || isStuck ? 'unreliable' : 'reliable';
}

/** Whether the EVSE works; undefined: nothing is known of it but a status that has not changed for weeks. */
export function operationalOf(evidence: EvseEvidence): Operational | undefined {
  const { evse, sessions, now, thresholds } = evidence;
  const isBroken = evse.status === 'outOfOrder' || evse.status === 'inoperative';
  const total = sessions.successful + sessions.failed;
  const failed = total >= leastSessions ? sessions.failed / total : 0;
  if ((isBroken && now - evse.modified >= thresholds.brokenMs) || failed >= redTimes * thresholds.doubtShare) return 1;
  if (isBroken || failed >= thresholds.doubtShare || statusReliabilityOf(evidence) === 'unreliable') return 2;
  const isInUse = isLiveStatus(evse.status) && now - evse.modified < countedDays * dayMs;
  return isInUse || sessions.successful > 0 ? 3 : undefined;
}
