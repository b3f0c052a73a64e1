/** Wakes one waiter. Rung while nobody waits, it wakes the next one at once; rung often, it wakes once. */
export class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  readonly ring = (): void => {
    if (this.wake) {
      const { wake } = this;
      this.wake = undefined;
      wake();
    } else this.rung = true;
  };

  wait(): Promise<void> {
    if (this.rung) {
      this.rung = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
