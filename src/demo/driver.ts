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
    await this.watchChanges(api, { place, group, actor, key });
    const slowest = Math.max(0, ...this.delays);
    return {
      title: 'What a driver sees follows what CPOs push',
      found: `${counted(this.delays.length, 'change')} in the look-up and the search, the slowest after ${duration(slowest)}`,
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
    for (const { uid, status } of steps) {
      if (!(await actor.process.setStatus(key, uid, status))) {
        this.problems.push(`${actor.role.name} could not set ${uid} to ${status}`);
        continue;
      }
      const acknowledgedAt = performance.now();
      const shown = status === 'CHARGING' ? 'charging' : 'available';
      const now = await this.followed(lookUp, uid, shown);
      if (!now) {
        this.problems.push(`${uid} ${shown} was not seen`);
        continue;
      }
      const ms = performance.now() - acknowledgedAt;
      this.delays.push(ms);
      seen.push({ what: `${uid} ${shown}`, groups: now.connectorGroups ?? [], ms });
    }
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

  /** Waits until the look-up shows it. */
  private async followed(
    lookUp: () => Promise<ShownPlace>,
    uid: string,
    status: string,
  ): Promise<ShownPlace | undefined> {
    return until(
      'the change is seen',
      patienceMs,
      async () => {
        const place = await lookUp();
        return place.evses?.some((evse) => evse.uid === uid && evse.status === status) ? place : undefined;
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
