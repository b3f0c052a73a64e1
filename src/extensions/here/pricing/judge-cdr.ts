import type { CDR, Tariff } from '../../../generated/ocpi.js';
import { ciKey } from '../../../kernel/party-ref.js';
import { periodsOfCdr, type TimesFrom, volumeOf } from './cdr-session.js';
import { Exact, exactOf, textOf, zero } from './decimal.js';
import { isTimeZone } from './local-time.js';
import { priceSession, type SessionPrice } from './price-session.js';
import { type RateCard, rateCardOf } from './rate-card.js';
import type { UsePeriod } from './session.js';

export interface CdrJudgement {
  readonly verdict: 'plausible' | 'implausible' | 'unknown';
  /** What the tariff makes of the periods; absent where that cannot be said. */
  readonly expected?: { readonly excl: string; readonly incl: string | undefined };
  readonly found: { readonly excl: string | undefined; readonly incl: string | undefined };
  /** Words for the operator; nothing of the driver. */
  readonly reasons: readonly string[];
}

export interface JudgeOptions {
  readonly tariffs?: readonly Tariff[] | null | undefined;
  /** Of the Location; a CDR does not say it. Only asked for where a tariff has times of the day, days or dates. */
  readonly timeZone?: string | undefined;
}

/** Each line of an invoice may be rounded to cents, and meters to three decimals. */
const centPerLine = new Exact('0.01');
const share = new Exact('0.005');

/**
 * Whether what a CDR asks for follows from its periods and the tariffs that it holds. It is an opinion for the operator: a CDR is
 * sealed, and passes whatever comes out here (CDR-12, CDR-15).
 *
 * @throws whatever a CDR leads to that is not as its schema says
 */
export function judgeCdr(cdr: CDR, { tariffs = cdr.tariffs, timeZone }: JudgeOptions = {}): CdrJudgement {
  const found = { excl: amountText(cdr.total_cost?.excl_vat), incl: amountText(cdr.total_cost?.incl_vat) };
  const unknown = (reason: string): CdrJudgement => ({ verdict: 'unknown', found, reasons: [reason] });
  if (found.excl === undefined) return unknown('it states no total cost');
  const tariff = tariffOf(cdr, tariffs ?? []);
  if (typeof tariff === 'string') return unknown(tariff);
  if (ciKey(String(tariff.currency)) !== ciKey(String(cdr.currency)))
    return unknown('its tariff is in another currency');
  const card = rateCardOf(tariff);
  const isLocal = card.rows.some(({ condition: { time, date, days } }) => time || date || days);
  if (isLocal && !isTimeZone(timeZone)) return unknown('the time zone of its location is not known');
  const prices = pricesOf(cdr, card, isTimeZone(timeZone) ? timeZone : 'UTC');
  const [first] = prices;
  if (!first) return unknown('the times of its session are not known');
  const fitting = prices.find((price) => fits(price, found, cdr.credit === true));
  const { excl, incl, isApproximate } = fitting ?? first;
  const expected = { excl, incl };
  const oddities = odditiesOf(cdr);
  if (fitting)
    return { verdict: oddities.length > 0 ? 'implausible' : 'plausible', expected, found, reasons: oddities };
  if (isApproximate) {
    return {
      verdict: 'unknown',
      expected,
      found,
      reasons: ['its tariff asks for current or power, which it does not state'],
    };
  }
  return { verdict: 'implausible', expected, found, reasons: ['the tariff comes to another total cost', ...oddities] };
}

/** The one tariff that its periods name, or why there is none. */
function tariffOf(cdr: CDR, tariffs: readonly Tariff[]): Tariff | string {
  if (tariffs.length === 0) return 'it holds no tariff';
  const named = new Set(
    cdr.charging_periods.flatMap(({ tariff_id: id }) => (id === null || id === undefined ? [] : ciKey(String(id)))),
  );
  // Step sizes and fees count once a session: how several tariffs share them, OCPI does not say.
  if (named.size > 1) return 'it changes between tariffs';
  const [only] = tariffs;
  if (named.size === 0) return tariffs.length === 1 && only ? only : 'its periods name no tariff';
  return tariffs.find(({ id }) => named.has(ciKey(String(id)))) ?? 'it does not hold the tariff that its periods name';
}

/** By the clock, by the volumes, and for a reservation without any charging also as one that expired. */
function pricesOf(cdr: CDR, card: RateCard, timeZone: string): readonly SessionPrice[] {
  const prices: SessionPrice[] = [];
  for (const timesFrom of ['clock', 'volumes'] satisfies TimesFrom[]) {
    const periods = periodsOfCdr(cdr, timesFrom);
    if (!periods) continue;
    for (const variant of variantsOf(periods)) prices.push(priceSession(card, { periods: variant, timeZone }));
  }
  return prices;
}

function variantsOf(periods: readonly UsePeriod[]): readonly (readonly UsePeriod[])[] {
  if (periods.length === 0 || periods.some(({ use }) => use !== 'reserved')) return [periods];
  return [periods.map((period) => ({ ...period, use: 'expired' as const })), periods];
}

function fits(price: SessionPrice, found: CdrJudgement['found'], isCredit: boolean): boolean {
  return (
    isNear(price.excl, found.excl, price.lines.length, isCredit) &&
    isNear(price.incl, found.incl, price.lines.length, isCredit)
  );
}

/** What one of the two does not state is not compared. */
function isNear(expected: string | undefined, found: string | undefined, lines: number, isCredit: boolean): boolean {
  if (expected === undefined || found === undefined) return true;
  const wanted = new Exact(expected);
  const difference = (isCredit ? new Exact(found).neg() : new Exact(found)).minus(wanted).abs();
  return difference.lte(Exact.max(centPerLine.times(Math.max(lines, 1)), wanted.abs().times(share)));
}

/** Where a CDR contradicts itself. */
function odditiesOf(cdr: CDR): string[] {
  const reasons: string[] = [];
  const volumes = cdr.charging_periods.flatMap((period) => volumeOf(period, 'ENERGY') ?? []);
  const total = exactOf(cdr.total_energy);
  const sum = volumes.reduce((all, volume) => all.plus(volume), zero);
  if (
    volumes.length > 0 &&
    total &&
    sum
      .minus(total)
      .abs()
      .gt(Exact.max('0.05', total.abs().times('0.01')))
  ) {
    reasons.push('the energy of its periods is not its total energy');
  }
  return reasons;
}

function amountText(value: unknown): string | undefined {
  const amount = exactOf(value);
  return amount && textOf(amount);
}

export interface CdrJudgeParts {
  /** The time zone of the CDR's Location, if it is known. */
  readonly timeZoneOf?: (cdr: CDR) => Promise<string | undefined>;
  readonly onJudgement: (judgement: CdrJudgement, cdr: CDR) => void;
}

/** For where CDRs pass: judges each, and never throws, whatever was sent. */
export function cdrJudge({ timeZoneOf, onJudgement }: CdrJudgeParts): (cdr: unknown) => Promise<void> {
  return async (given) => {
    const cdr = given as CDR;
    let judgement: CdrJudgement;
    try {
      judgement = judgeCdr(cdr, { timeZone: await timeZoneOf?.(cdr) });
    } catch {
      judgement = {
        verdict: 'unknown',
        found: { excl: undefined, incl: undefined },
        reasons: ['it cannot be read'],
      };
    }
    onJudgement(judgement, cdr);
  };
}
