import { Exact, settled, textOf, zero } from './decimal.js';
import type { Dimension, Rate } from './rate-card.js';

/** What one component of a tariff adds to the price of a session. */
export interface PriceLine {
  readonly dimension: Dimension;
  /** Place of its element in the tariff, from 0. */
  readonly element: number;
  /** Whether it prices a reservation. */
  readonly isReservation: boolean;
  /** kWh, seconds or 1. */
  readonly measured: string;
  /** The same after the step size. */
  readonly billed: string;
  /** Per kWh, per hour or per session, without VAT. */
  readonly price: string;
  /** Percent; undefined: no VAT applies. */
  readonly vat: string | undefined;
  readonly excl: string;
  /** Equal to `excl` where no VAT applies. */
  readonly incl: string;
}

interface Entry {
  readonly dimension: Dimension;
  readonly element: number;
  readonly rate: Rate;
  /** kWh, seconds or 1. */
  amount: Exact;
}

export interface LedgerSum {
  readonly excl: Exact;
  readonly incl: Exact;
  /** Whether VAT applies to anything of it. */
  readonly hasVat: boolean;
  readonly lines: readonly PriceLine[];
}

/** Amounts of a session, or of its reservation, by component; steps are taken once, at the end. */
export class Ledger {
  private readonly entries = new Map<string, Entry>();
  private lastEnergy: Entry | undefined;
  private lastTime: Entry | undefined;

  constructor(private readonly isReservation: boolean) {}

  get hasFlat(): boolean {
    return [...this.entries.values()].some(({ dimension }) => dimension === 'FLAT');
  }

  add(dimension: Dimension, element: number, rate: Rate, amount: Exact): void {
    const key = `${dimension} ${element}`;
    const entry = this.entries.get(key) ?? { dimension, element, rate, amount: zero };
    entry.amount = entry.amount.plus(amount);
    this.entries.set(key, entry);
    if (dimension === 'ENERGY') this.lastEnergy = entry;
    else if (dimension !== 'FLAT') this.lastTime = entry;
  }

  /**
   * Energy is rounded up once, to the step of its last component. Of TIME and PARKING_TIME only the one that came last is, to the
   * step of its last component; what is added costs what that component costs (TA-16, A-45; vectors TV-1, TV-3, TV-5).
   */
  sum(): LedgerSum {
    let excl = zero;
    let incl = zero;
    let hasVat = false;
    const lines: PriceLine[] = [];
    for (const entry of this.entries.values()) {
      const { dimension, element, rate } = entry;
      const billed = entry.amount.plus(this.roundedUp(entry));
      const cost = rate.price.times(isTime(dimension) ? billed.div(3600) : billed);
      const withVat = rate.vat ? cost.times(rate.vat.div(100).plus(1)) : cost;
      hasVat ||= rate.vat !== undefined;
      excl = excl.plus(cost);
      incl = incl.plus(withVat);
      lines.push({
        dimension,
        element,
        isReservation: this.isReservation,
        measured: textOf(entry.amount),
        billed: textOf(billed),
        price: textOf(rate.price),
        vat: rate.vat && textOf(rate.vat),
        excl: textOf(cost),
        incl: textOf(withVat),
      });
    }
    return { excl, incl, hasVat, lines };
  }

  private roundedUp(entry: Entry): Exact {
    if (entry !== this.lastEnergy && entry !== this.lastTime) return zero;
    // Steps of energy are Wh.
    const step = entry === this.lastEnergy ? entry.rate.step.div(1000) : entry.rate.step;
    if (step.isZero()) return zero;
    let total = zero;
    for (const { dimension, amount } of this.entries.values()) {
      if (dimension === entry.dimension) total = total.plus(amount);
    }
    // An exact multiple stays, whatever a division left behind.
    total = settled(total);
    return settled(total.div(step)).ceil().times(step).minus(total);
  }
}

function isTime(dimension: Dimension): boolean {
  return dimension === 'TIME' || dimension === 'PARKING_TIME';
}

export const once: Exact = new Exact(1);
