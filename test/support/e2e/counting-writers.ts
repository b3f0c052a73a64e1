import type { CpoSimulator } from '../../../src/simulator/index.js';

interface Counted {
  readonly id: string;
  /** The highest number that was sent. */
  sent: number;
  /** The highest number that was acknowledged. */
  acknowledged: number;
}

/**
 * Writers who PUT a Tariff each with a number that grows. An answer of failure leaves open whether it was taken, so that the
 * verdict is simple: no Tariff may hold a number below the last that was acknowledged.
 */
export class CountingWriters {
  readonly tariffs: Counted[];
  /** Answers that were no acknowledgement, by their codes. */
  readonly refusals: Record<string, number> = {};
  acknowledged = 0;
  refused = 0;
  private running = false;
  private done: Promise<unknown> = Promise.resolve();
  private stamp = 0;

  constructor(
    private readonly cpo: CpoSimulator,
    count = 8,
  ) {
    this.tariffs = Array.from({ length: count }, (_, n) => ({ id: `COUNTED-${n}`, sent: 0, acknowledged: 0 }));
  }

  start(): void {
    this.running = true;
    this.done = Promise.all(this.tariffs.map((tariff) => this.work(tariff)));
  }

  /** Resolves once each has its last answer. */
  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  /** Tariffs that hold less than was acknowledged, by what a store of documents says. */
  lost(find: (id: string) => string | undefined): string[] {
    return this.tariffs.flatMap(({ id, acknowledged, sent }) => {
      const text = find(id);
      const held = text === undefined ? 0 : ((JSON.parse(text) as { x_number?: number }).x_number ?? 0);
      return held >= acknowledged && held <= sent
        ? []
        : [`${id} holds ${held}; ${acknowledged} of ${sent} acknowledged`];
    });
  }

  private async work(tariff: Counted): Promise<void> {
    const [owner] = this.cpo.parties;
    if (!owner) throw new Error('a CPO has no party');
    const { country_code, party_id } = owner;
    while (this.running) {
      const number = ++tariff.sent;
      this.stamp = Math.max(this.stamp + 1, Date.now());
      const body = JSON.stringify({
        country_code,
        party_id,
        id: tariff.id,
        currency: 'EUR',
        elements: [{ price_components: [{ type: 'ENERGY', price: 0.25, step_size: 1 }] }],
        tariff_alt_text: [{ language: 'de', text: 'x'.repeat(500) }],
        x_number: number,
        last_updated: new Date(this.stamp).toISOString(),
      });
      const path = [country_code, party_id, tariff.id];
      const { http, code, message } = await this.cpo.send({
        method: 'PUT',
        module: 'tariffs',
        role: 'RECEIVER',
        path,
        from: owner,
        body,
      });
      if (code === 1000) {
        tariff.acknowledged = number;
        this.acknowledged++;
        continue;
      }
      this.refused++;
      const reason = `${http}/${code} ${message}`;
      this.refusals[reason] = (this.refusals[reason] ?? 0) + 1;
    }
  }
}
