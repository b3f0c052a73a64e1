import { Exact, settled, textOf, zero } from './decimal.js';
import { Ledger, once, type PriceLine } from './ledger.js';
import { type LocalMoment, localMoment } from './local-time.js';
import { cutsOf, matchOf, type Standing } from './matching.js';
import type { Dimension, PriceLimit, Rate, RateCard, RateRow } from './rate-card.js';
import type { Use, UsePeriod, UseSession } from './session.js';

/** What a session costs. Amounts are exact decimals, never rounded to cents (TA-24). */
export interface SessionPrice {
  readonly currency: string;
  readonly excl: string;
  /** Undefined: no VAT applies, or a limit does not say which. */
  readonly incl: string | undefined;
  readonly lines: readonly PriceLine[];
  /** The limits of the tariff that changed the sum of the lines (TA-18). */
  readonly limits: readonly ('min' | 'max')[];
  /** An element was passed over because nobody said what its condition asks for (current, battery level). */
  readonly isApproximate: boolean;
}

/** Elements asked in all; about a tenth of a second. Real tariffs and sessions need some thousands. */
const maxLooks = 50_000;

interface RankedRow extends RateRow {
  readonly element: number;
}

/**
 * The price of a session by a tariff: at each moment and for each dimension the first element that holds and has a component for it
 * (TA-08…TA-10, TA-12).
 *
 * FLAT is charged once, by the first moment at which any element with one holds: of two that follow one another in a session OCPI
 * does not say that both are due. A reservation is an account of its own, priced only by elements made for reservations; for an
 * expired one those of RESERVATION_EXPIRES come first, dimension by dimension (TA-23, vector TV-7).
 *
 * @throws RangeError for a tariff with so many elements that a session of this length would hold up everybody else
 */
export function priceSession(card: RateCard, session: UseSession): SessionPrice {
  const run = new Run(card, session.timeZone);
  for (const period of session.periods) run.take(period);
  return run.price();
}

class Run {
  private readonly ofSession = new Ledger(false);
  private readonly ofReservation = new Ledger(true);
  private readonly rows = new Map<Use, readonly RankedRow[]>();
  private sessionStart: number | undefined;
  private reservationStart: number | undefined;
  private kwh = zero;
  private isApproximate = false;
  private looks = 0;

  constructor(
    private readonly card: RateCard,
    private readonly timeZone: string,
  ) {}

  take(period: UsePeriod): void {
    const start = this.startFor(period);
    const length = new Exact(Math.max(period.end - period.start, 0));
    const first: Standing = {
      at: new Exact(period.start),
      local: this.localAt(new Exact(period.start)),
      kwh: this.kwh,
      seconds: new Exact(period.start).minus(start).div(1000),
      powerKw: period.powerKw ?? meanPower(period, length),
      currentA: period.currentA ?? (period.use === 'charging' ? undefined : zero),
    };
    const before = this.kwh;
    let standing = first;
    for (const end of cutsOf(this.card, period, first, this.timeZone)) {
      const share = length.isZero() ? once : end.minus(standing.at).div(length);
      const energy = period.kwh.times(share);
      this.charge(period.use, standing, energy, end.minus(standing.at).div(1000));
      const passed = length.isZero() ? once : end.minus(first.at).div(length);
      this.kwh = settled(before.plus(period.kwh.times(passed)));
      standing = { ...standing, at: end, local: this.localAt(end), kwh: this.kwh, seconds: end.minus(start).div(1000) };
    }
    this.kwh = before.plus(period.kwh);
  }

  price(): SessionPrice {
    const sums = [this.ofReservation.sum(), this.ofSession.sum()];
    let excl = zero;
    let incl: Exact | undefined = zero;
    for (const sum of sums) {
      excl = excl.plus(sum.excl);
      incl = incl.plus(sum.incl);
    }
    const lines = sums.flatMap((sum) => sum.lines);
    const limits: ('min' | 'max')[] = [];
    const hasVat = sums.some((sum) => sum.hasVat) || Boolean(this.card.min?.incl) || Boolean(this.card.max?.incl);
    if (!hasVat) incl = undefined;
    for (const [name, limit] of [
      ['min', this.card.min],
      ['max', this.card.max],
    ] as const) {
      if (!limit) continue;
      const limited = withLimit(name, limit, settled(excl), incl && settled(incl));
      if (!limited) continue;
      ({ excl, incl } = limited);
      limits.push(name);
    }
    return {
      currency: this.card.currency,
      excl: textOf(excl),
      incl: incl && textOf(incl),
      lines,
      limits,
      isApproximate: this.isApproximate,
    };
  }

  private localAt(at: Exact): () => LocalMoment {
    let moment: LocalMoment | undefined;
    return () => {
      moment ??= localMoment(at.floor().toNumber(), this.timeZone);
      return moment;
    };
  }

  /** Durations count from when the car came, or from when the place was reserved. */
  private startFor({ use, start }: UsePeriod): number {
    if (isReservation(use)) {
      this.reservationStart ??= start;
      return this.reservationStart;
    }
    this.sessionStart ??= start;
    return this.sessionStart;
  }

  private charge(use: Use, standing: Standing, kwh: Exact, seconds: Exact): void {
    const ledger = isReservation(use) ? this.ofReservation : this.ofSession;
    if (kwh.gt(0)) this.book(ledger, 'ENERGY', use, standing, kwh);
    if (seconds.gt(0)) this.book(ledger, use === 'parked' ? 'PARKING_TIME' : 'TIME', use, standing, seconds);
    if (!ledger.hasFlat) this.book(ledger, 'FLAT', use, standing, once);
  }

  private book(ledger: Ledger, dimension: Dimension, use: Use, standing: Standing, amount: Exact): void {
    const found = this.find(dimension, use, standing);
    if (found) ledger.add(dimension, found.element, found.rate, amount);
  }

  private find(dimension: Dimension, use: Use, standing: Standing): { element: number; rate: Rate } | undefined {
    for (const row of this.rowsFor(use)) {
      const rate = row.rates.get(dimension);
      if (!rate) continue;
      this.looks++;
      if (this.looks > maxLooks)
        throw new RangeError('a tariff of this size takes too long for a session of this length');
      const match = matchOf(row.condition, standing);
      if (match === 'yes') return { element: row.element, rate };
      if (match === 'unknown') this.isApproximate = true;
    }
    return undefined;
  }

  private rowsFor(use: Use): readonly RankedRow[] {
    const known = this.rows.get(use);
    if (known) return known;
    const all = this.card.rows.map((row, element) => ({ ...row, element }));
    const of = (reservation: string | undefined): RankedRow[] =>
      all.filter(({ condition }) => condition.reservation === reservation);
    const rows =
      use === 'expired'
        ? [...of('RESERVATION_EXPIRES'), ...of('RESERVATION')]
        : of(use === 'reserved' ? 'RESERVATION' : undefined);
    this.rows.set(use, rows);
    return rows;
  }
}

function isReservation(use: Use): boolean {
  return use === 'reserved' || use === 'expired';
}

/** kW; undefined where there is nothing to divide by. */
function meanPower({ kwh, use }: UsePeriod, length: Exact): Exact | undefined {
  if (use !== 'charging') return zero;
  return length.isZero() ? undefined : settled(kwh.times(3_600_000).div(length));
}

/** Both limits hold by themselves; undefined if neither changes anything. */
function withLimit(
  name: 'min' | 'max',
  limit: PriceLimit,
  excl: Exact,
  incl: Exact | undefined,
): { excl: Exact; incl: Exact | undefined } | undefined {
  const isBeyond = (amount: Exact, bound: Exact): boolean => (name === 'min' ? amount.lt(bound) : amount.gt(bound));
  const exclChanges = isBeyond(excl, limit.excl);
  const inclChanges = incl !== undefined && limit.incl !== undefined && isBeyond(incl, limit.incl);
  if (!exclChanges && !inclChanges) return undefined;
  return {
    excl: exclChanges ? limit.excl : excl,
    // What VAT a limit holds that is only given without it, nobody said.
    incl: inclChanges ? limit.incl : exclChanges && !limit.incl ? undefined : incl,
  };
}
