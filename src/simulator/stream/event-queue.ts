/** Items ordered by time, earliest first; equal times in order of arrival. A binary heap. */
export class EventQueue<T> {
  private readonly heap: { at: number; order: number; item: T }[] = [];
  private order = 0;

  get size(): number {
    return this.heap.length;
  }

  /** Adds an item at a time. */
  push(at: number, item: T): void {
    const { heap } = this;
    const node = { at, order: this.order, item };
    this.order += 1;
    let index = heap.length;
    heap.push(node);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !before(node, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = node;
  }

  /** The earliest time, or undefined if empty. */
  nextTime(): number | undefined {
    return this.heap[0]?.at;
  }

  /** Any item of which this holds; looks at all. */
  find(holds: (item: T) => boolean): T | undefined {
    return this.heap.find(({ item }) => holds(item))?.item;
  }

  /** Takes the earliest item out. */
  pop(): { at: number; item: T } | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const useRight = right !== undefined && before(right, left);
      const child = useRight ? right : left;
      if (!before(child, last)) break;
      heap[index] = child;
      index = 2 * index + (useRight ? 2 : 1);
    }
    heap[index] = last;
    return first;
  }
}

const before = (a: { at: number; order: number }, b: { at: number; order: number }): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);
