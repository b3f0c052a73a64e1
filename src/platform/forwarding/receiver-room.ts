/**
 * How many messages may be under way to a receiver at a time: a slow one must not use up the room of all others. Nobody may hold more of
 * it than is still free, so however eager one caller is there is room for another.
 */
export class ReceiverRoom {
  /** By receiver: how many of each caller. */
  private readonly held = new Map<string, Map<string, number>>();

  /** @param most messages under way to one receiver */
  constructor(private readonly most: number) {}

  /** Takes a place; returns how to leave it, or undefined if there is none for this caller. */
  enter(receiver: string, caller: string): (() => void) | undefined {
    const callers = this.held.get(receiver) ?? new Map<string, number>();
    let all = 0;
    for (const count of callers.values()) all += count;
    const own = callers.get(caller) ?? 0;
    if (own >= this.most - all) return undefined;
    this.held.set(receiver, callers.set(caller, own + 1));
    return () => {
      const left = (callers.get(caller) ?? 1) - 1;
      if (left > 0) callers.set(caller, left);
      else callers.delete(caller);
      if (callers.size === 0 && this.held.get(receiver) === callers) this.held.delete(receiver);
    };
  }
}
