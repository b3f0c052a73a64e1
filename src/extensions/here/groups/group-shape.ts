import { type HereStatus, hereStatuses, isLiveStatus } from '../model/status.js';
import type { ConnectorGroup } from './connector-group.js';
import type { PlannedGroup } from './group-plan.js';

/**
 * What groups have in common at many Locations: their keys, and which EVSEs belong to which. Never changed, so that Locations that
 * are built alike share one.
 */
export interface GroupShape {
  readonly groups: readonly {
    readonly standard: string;
    readonly maxPower: number;
    readonly powerDerived: boolean;
    readonly members: readonly number[];
  }[];
  /** For each EVSE the groups that it belongs to. */
  readonly groupsOf: readonly (readonly number[])[];
}

/** How many EVSEs of each group have each status, group after group, statuses in the order of `hereStatuses`. */
export type StatusCounts = readonly number[];

const width = hereStatuses.length;
const available = hereStatuses.indexOf('available');

/** What of the groups differs from one Location to the next. */
export interface GroupNames {
  /** Of all EVSEs of the Location. */
  readonly uids: readonly string[];
  /** For each group and each of its members. */
  readonly connectorIds: readonly (readonly (readonly string[])[])[];
  /** For each group. */
  readonly tariffIds: readonly (readonly string[])[];
}

export function shapeOf(plan: readonly PlannedGroup[], evseCount: number): GroupShape {
  const groupsOf: number[][] = Array.from({ length: evseCount }, () => []);
  const groups = plan.map(({ standard, maxPower, powerDerived, members }, group) => {
    for (const member of members) groupsOf[member]?.push(group);
    return { standard, maxPower, powerDerived, members };
  });
  return { groups, groupsOf };
}

/** @param statusOf an EVSE's place in `hereStatuses` */
export function countStatuses({ groups }: GroupShape, statusOf: (evse: number) => number): StatusCounts {
  const counts: number[] = new Array<number>(groups.length * width).fill(0);
  for (const [index, group] of groups.entries())
    for (const member of group.members) add(counts, index * width + statusOf(member), 1);
  return counts;
}

/** The counts after one EVSE went from one status to another; nothing else is looked at. */
export function movedCounts(
  counts: StatusCounts,
  { groupsOf }: GroupShape,
  evse: number,
  from: number,
  to: number,
): StatusCounts {
  const groups = groupsOf[evse] ?? [];
  if (groups.length === 0 || from === to) return counts;
  const moved = counts.slice();
  for (const group of groups) {
    add(moved, group * width + from, -1);
    add(moved, group * width + to, 1);
  }
  return moved;
}

function add(counts: number[], at: number, by: number): void {
  counts[at] = (counts[at] ?? 0) + by;
}

/** The groups as they are shown. */
export function groupViews(shape: GroupShape, counts: StatusCounts, names: GroupNames): readonly ConnectorGroup[] {
  return shape.groups.map(({ standard, maxPower, powerDerived, members }, index) => {
    const statusCounts: Partial<Record<HereStatus, number>> = {};
    let known = 0;
    for (const [place, status] of hereStatuses.entries()) {
      const count = counts[index * width + place] ?? 0;
      if (count === 0) continue;
      statusCounts[status] = count;
      if (isLiveStatus(status)) known += count;
    }
    return {
      standard,
      maxPower,
      powerDerived,
      connectorCount: members.length,
      availableConnectorCount: known > 0 ? (counts[index * width + available] ?? 0) : undefined,
      statusCounts,
      connectors: members.map((member, at) => ({
        evseUid: names.uids[member] ?? '',
        connectorIds: names.connectorIds[index]?.[at] ?? [],
      })),
      tariffIds: names.tariffIds[index] ?? [],
    };
  });
}
