import { memberTexts, withMembers } from '../../kernel/json-text.js';
import type { ChangeKind } from './change-feed.js';

/** What joining needs to know of an object's newest change. */
export interface PlacedChange {
  readonly seq: number;
  readonly kind: ChangeKind;
  readonly patch: string | null;
  readonly patchBase: number | null;
}

/** The patch that leads to the present state, and the place from which on it does. */
export interface JoinedPatch {
  readonly patch: string | null;
  readonly patchBase: number | null;
}

/**
 * Joins a patch with the one that it follows, if nothing was told whole in between: whoever holds the object's state of any place
 * from the base on becomes right by applying it.
 *
 * @param previous newest change of the same object
 * @param whole newest change of what the object belongs to
 */
export function joinPatch(
  change: { readonly kind: ChangeKind; readonly patch?: string },
  previous: PlacedChange | undefined,
  whole: { readonly seq: number } | undefined,
): JoinedPatch {
  if (change.kind !== 'PATCH' || change.patch === undefined) return { patch: null, patchBase: null };
  const wholeAt = whole?.seq ?? 0;
  if (previous?.kind === 'PATCH' && previous.patch !== null && previous.seq >= wholeAt)
    return { patch: withMembers(previous.patch, memberTexts(change.patch)), patchBase: previous.patchBase };
  return { patch: change.patch, patchBase: Math.max(previous?.seq ?? 0, wholeAt) };
}
