import type { Clock } from '../kernel/clock.js';
import type { Check } from './checks.js';
import { DriverApi, type FoundPlace, type ShownGroup, type ShownPlace, type ShownPrice } from './driver-api.js';
import type { Screen } from './screen.js';
import type { CpoActor, Stage } from './stage.js';
import { counted, duration, tableLines } from './table.js';
import { until } from './until.js';

/** Where the driver is: in the invented data, and in real data of the Netherlands. */
const standpoints = {
  invented: { at: '52.1550,5.3870', name: 'Amersfoort' },
  real: { at: '51.9850,5.9100', name: 'Arnhem' },
};
const radiusM = 25_000;
const fields = 'evses,connectorGroups,tariffs,address';
const dayMs = 86_400_000;
const historyDays = 14;
/** A change has to be seen by then; what it took is shown. */
const patienceMs = 5_000;

interface Seen {
  readonly what: string;
  readonly groups: readonly ShownGroup[];
  readonly ms: number | undefined;
}

/** A driver's app looks for a place, and what it sees changes as the CPO pushes. */
export class DriverAct {
  private readonly problems: string[] = [];
  private readonly delays: number[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly screen: Screen,
    private readonly clock: Clock,
  ) {}

  async play(): Promise<Check> {
    const { hub } = this.stage;
    const api = new DriverApi(`${hub.publicUrl}/ev/v3`, await hub.dataKey('Driver app'));
    await until('the EV data are complete', 60_000, () =>
      api.get<{ status: string }>('/health').then(
        ({ status }) => (status === 'ok' ? true : undefined),
        () => undefined,
      ),
    );
    const found = await this.search(api);
    const { place, group, actor, key } = await this.choose(api, found);
    await this.tellPrice(api, place, group);
    await this.tellForecast(api, place, key);
    await this.watchChanges(api, { place, group, actor, key });
    const slowest = Math.max(0, ...this.delays);
    return {
      title: 'What a driver sees follows what CPOs push',
      found: `${counted(this.delays.length, 'change')} in the stream, the look-up and the search, the slowest after ${duration(slowest)}`,
      problems: this.problems,
    };
  }

  private async search(api: DriverApi): Promise<readonly FoundPlace[]> {
    const { at, name } = this.stage.cast.files === undefined ? standpoints.invented : standpoints.real;
    const startedAt = performance.now();
    const { items } = await api.get<{ items: FoundPlace[] }>(
      `/browse?at=${at}&radius=${radiusM}&available=true&limit=50`,
    );
    this.screen.say(
      `   ${counted(items.length, 'place')} with something free near ${name}, found in ${duration(performance.now() - startedAt)}. The nearest:`,
    );
    const rows = items
      .slice(0, 5)
      .map((place) => [
        place.title,
        `${Math.round(place.distance)} m`,
        place.connectorGroups.map(saidGroup).join(' · '),
      ]);
    const columns = [{ head: 'PLACE' }, { head: 'DISTANCE', right: true }, { head: 'FREE / ALL' }];
    for (const line of tableLines(columns, rows)) this.screen.say(`   ${line}`);
    return items;
  }

  /** The nearest place with two chargers of a kind whose CPO is in this play. */
  private async choose(api: DriverApi, found: readonly FoundPlace[]) {
    for (const item of found) {
      const key = Buffer.from(contentId(item.id), 'base64url').toString('utf8');
      const owner = key.split('/').slice(0, 2).join('/');
      const actor = this.stage.cpos.find(({ role }) => role.parties.includes(owner));
      const group = item.connectorGroups.find(
        ({ connectorCount, availableConnectorCount = 0 }) => connectorCount >= 2 && availableConnectorCount >= 1,
      );
      if (!actor || !group) continue;
      const place = await api.get<ShownPlace>(`/locations/${contentId(item.id)}?fields=${fields}`);
      return { place, group, actor, key };
    }
    throw new Error('No place near the driver has two chargers of a kind, one of them free.');
  }

  private async tellPrice(api: DriverApi, place: ShownPlace, group: ShownGroup): Promise<void> {
    const { prices } = await api.get<{ prices: ShownPrice[] }>(
      `/locations/${contentId(place.id)}/price?connectorType=${group.standard}&maxPower=${group.maxPower}&energy=30`,
    );
    const [first] = prices;
    this.screen.say(
      first
        ? `   30 kWh cost ${rounded(first.total.incl ?? first.total.excl)} ${first.currency} with VAT, ad hoc${first.tariff.name === undefined ? '' : ` (${first.tariff.name})`}; prices between companies are not shown.`
        : '   It has no ad hoc price; prices between companies are not shown.',
    );
  }

  /** From two weeks of an invented rhythm: busy on working days, full in the evening. */
  private async tellForecast(api: DriverApi, place: ShownPlace, key: string): Promise<void> {
    const [country_code = '', party_id = '', ...id] = key.split('/');
    const today = Math.floor(this.clock.now() / dayMs);
    const days = Array.from({ length: historyDays }, (_, at) => new Date((today - historyDays + at) * dayMs));
    const occ = Object.fromEntries(days.map((day) => [day.toISOString().slice(0, 10), rhythmOf(day.getUTCDay())]));
    await this.stage.hub.importHistory([{ country_code, party_id, locationId: id.join('/'), occ }]);
    const tomorrow = await until('there are predictions', patienceMs, async () => {
      const { predictions } = await api.get<ShownPlace>(`/locations/${contentId(place.id)}?fields=predictions`);
      return predictions?.[1];
    });
    const chance = (hour: number): string => {
      const period = Math.floor((hour * 60 * tomorrow.periodsPerDay) / 1440);
      return `${Math.round(100 * (tomorrow.availabilityProbabilities[period] ?? 0))} %`;
    };
    this.screen.say(
      `   From two invented weeks, a free charger on ${tomorrow.date}: ${chance(4)} at 04:00, ${chance(12)} at 12:00, ${chance(19)} at 19:00.`,
    );
    this.screen.say();
  }

  private async watchChanges(
    api: DriverApi,
    { place, group, actor, key }: { place: ShownPlace; group: ShownGroup; actor: CpoActor; key: string },
  ): Promise<void> {
    const id = contentId(place.id);
    const lookUp = (): Promise<ShownPlace> => api.get(`/locations/${id}?fields=evses,connectorGroups`);
    const moving = ((await lookUp()).evses ?? []).filter(
      ({ status }) => status === 'available' || status === 'charging',
    );
    const steps = moving.slice(0, 3).flatMap(({ uid, status }) => {
      const other = status === 'available' ? 'CHARGING' : 'AVAILABLE';
      return [{ uid, status: other }];
    });
    const [first] = moving;
    if (first) steps.push({ uid: first.uid, status: first.status === 'available' ? 'AVAILABLE' : 'CHARGING' });
    const seen: Seen[] = [{ what: 'before', groups: (await lookUp()).connectorGroups ?? [], ms: undefined }];
    const streamed = new Map<string, number>();
    const stop = await api.listen(`?ids=${id}`, ({ evseUid, status }) => {
      streamed.set(`${evseUid} ${status}`, performance.now());
    });
    for (const { uid, status } of steps) {
      if (!(await actor.process.setStatus(key, uid, status))) {
        this.problems.push(`${actor.role.name} could not set ${uid} to ${status}`);
        continue;
      }
      const acknowledgedAt = performance.now();
      const shown = status === 'CHARGING' ? 'charging' : 'available';
      const now = await this.followed(lookUp, uid, shown, () => streamed.get(`${uid} ${shown}`));
      if (!now) {
        this.problems.push(`${uid} ${shown} was not seen`);
        continue;
      }
      const ms = Math.max(now.lookedUpAt, now.streamedAt) - acknowledgedAt;
      this.delays.push(ms);
      seen.push({ what: `${uid} ${shown}`, groups: now.place.connectorGroups ?? [], ms });
    }
    stop();
    await this.compareSearch(api, id, lookUp);
    const columns = [{ head: 'THE CPO SAYS' }, { head: 'FREE / ALL' }, { head: 'SEEN AFTER', right: true }];
    const rows = seen.map(({ what, groups, ms }) => [
      what,
      groups.map(saidGroup).join(' · '),
      ms === undefined ? '' : duration(ms),
    ]);
    this.screen.say(
      `   ${actor.role.name} pushes changes of ${place.name ?? id}, and the app sees them (${saidGroup(group)}):`,
    );
    for (const line of tableLines(columns, rows)) this.screen.say(`   ${line}`);
  }

  /** Waits until look-up and stream have shown it. */
  private async followed(
    lookUp: () => Promise<ShownPlace>,
    uid: string,
    status: string,
    streamed: () => number | undefined,
  ): Promise<{ place: ShownPlace; lookedUpAt: number; streamedAt: number } | undefined> {
    let lookedUpAt: number | undefined;
    return until(
      'the change is seen',
      patienceMs,
      async () => {
        const place = await lookUp();
        if (!place.evses?.some((evse) => evse.uid === uid && evse.status === status)) return undefined;
        lookedUpAt ??= performance.now();
        const streamedAt = streamed();
        return streamedAt === undefined ? undefined : { place, lookedUpAt, streamedAt };
      },
      5,
    ).catch(() => undefined);
  }

  private async compareSearch(api: DriverApi, id: string, lookUp: () => Promise<ShownPlace>): Promise<void> {
    const { at } = this.stage.cast.files === undefined ? standpoints.invented : standpoints.real;
    const { items } = await api.get<{ items: FoundPlace[] }>(`/browse?at=${at}&radius=${radiusM}&limit=50`);
    const found = items.find((item) => contentId(item.id) === id);
    if (!found) return;
    const said = found.connectorGroups.map(saidGroup).join(' · ');
    const looked = ((await lookUp()).connectorGroups ?? []).map(saidGroup).join(' · ');
    if (said !== looked) this.problems.push(`the search says ${said}, the look-up ${looked}`);
  }
}

const contentId = (id: string): string => id.slice(id.lastIndexOf(':') + 1);

function saidGroup({ standard, maxPower, availableConnectorCount, connectorCount }: ShownGroup): string {
  return `${standard} ${maxPower / 1000} kW ${availableConnectorCount ?? '?'}/${connectorCount}`;
}

/** Money for people: two digits behind the point, half up. */
const rounded = (amount: string): string => (Math.round(Number(amount) * 100) / 100).toFixed(2);

/** Percent in use by the hour. */
function rhythmOf(weekday: number): number[] {
  const isWorkingDay = weekday >= 1 && weekday <= 5;
  return Array.from({ length: 24 }, (_, hour) => {
    if (hour < 7) return 0;
    if (hour >= 17 && hour < 21) return 100;
    return isWorkingDay ? 50 : 0;
  });
}
