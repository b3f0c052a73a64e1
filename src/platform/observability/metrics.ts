import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** How one lane stands at the moment of a scrape. */
export interface LaneFigures {
  readonly partnerId: string;
  readonly lagObjects: number;
  readonly lagSeconds: number;
  readonly inFlight: number;
  readonly parked: number;
  readonly breaker: string;
}

/** Figures that are read when somebody asks, not counted as they change. */
export interface MetricSources {
  readonly lanes?: () => readonly LaneFigures[];
  /** Number of partners by status. */
  readonly partners?: () => ReadonlyMap<string, number>;
  /** Number of stored objects by kind, such as `locations`. */
  readonly objects?: () => Promise<ReadonlyMap<string, number>>;
  /** Requests being answered at this moment. */
  readonly requestsInFlight?: () => number;
  /** Whether requests are being turned away for an overload. */
  readonly overloaded?: () => boolean;
  /** What EV data consist of, by kind. */
  readonly evData?: () => ReadonlyMap<string, number>;
}

const requestSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15];
const commitSeconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];

export type HubMetrics = ReturnType<typeof createMetrics>;

/**
 * The hub's figures in a registry of their own. Only `events.ts` counts; everybody else tells what happened.
 * @param withProcess also the process' own figures (CPU, memory, event loop delay); off in tests
 */
export function createMetrics({ withProcess }: { withProcess: boolean }) {
  const registry = new Registry();
  const registers = [registry];
  if (withProcess) collectDefaultMetrics({ register: registry });
  const counter = <const L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter<L>({ name: `roamhub_${name}_total`, help, labelNames, registers });
  const histogram = <const L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram<L>({ name: `roamhub_${name}_seconds`, help, labelNames, buckets, registers });

  return {
    /** Names the sources of what is read at each scrape; to be called once. */
    watch: (sources: MetricSources) => watch(registers, sources),
    /** The whole registry in Prometheus' text form. */
    text: () => registry.metrics(),
    contentType: registry.contentType,
    requests: counter('requests', 'OCPI requests answered', 'module', 'outcome'),
    requestSeconds: histogram('request', 'Time from head to answer of OCPI requests', requestSeconds, 'module'),
    forwards: counter('forwards', 'Requests passed on to a party, by what came of it there', 'outcome'),
    forwardSeconds: histogram('forward', 'Time of requests passed on to a party', requestSeconds, 'outcome'),
    evRequests: counter('ev_requests', 'Requests to the EV data API answered', 'path', 'status'),
    cdrJudgements: counter('cdr_judgements', 'CDRs compared with their tariff, by what came of it', 'verdict'),
    messagesLost: counter('messages_lost', 'Entries that the message log did not keep', 'reason'),
    acks: counter('acks', 'Writes of partners that were acknowledged', 'module'),
    staleIgnored: counter('stale_ignored', 'Acknowledged writes older than what is stored', 'module'),
    unchanged: counter('unchanged', 'Acknowledged writes equal to what is stored', 'module'),
    shed: counter('shed', 'Requests turned away to protect the hub', 'reason'),
    overloads: counter('overloads', 'Times that an overload began'),
    pushes: counter('pushes', 'Requests sent by lanes', 'outcome'),
    pushSeconds: histogram('push', 'Time of requests sent by lanes', requestSeconds, 'outcome'),
    replayed: counter('replayed', 'Parked objects that an operator sent again'),
    breakerOpened: counter('breaker_opened', 'Circuit breakers that opened'),
    laneAlerts: counter(
      'lane_alerts',
      'Lanes that began to lag, got objects parked, lost their lease or come close to being stopped',
      'kind',
    ),
    pullObjects: counter('pull_objects', 'Objects seen in pulls', 'outcome'),
    pulls: counter('pulls', 'Pulls that ended', 'outcome'),
    commitSeconds: histogram('commit', 'Time of group commits', commitSeconds),
    commitWrites: counter('commit_writes', 'Writes in group commits'),
    storageFailures: counter('storage_failures', 'Times that the database could not be used'),
    adminRequests: counter('admin_requests', 'Requests to the admin API', 'outcome'),
  };
}

function watch(
  registers: Registry[],
  { lanes, partners, objects, requestsInFlight, overloaded, evData }: MetricSources,
): void {
  if (lanes !== undefined) watchLanes(registers, lanes);
  byLabel(registers, 'partners', 'Registered partners', 'status', partners);
  byLabel(registers, 'objects', 'Stored objects', 'kind', objects);
  byLabel(
    registers,
    'ev_data',
    'Places shown, consumers of the status stream, places and groups with predictions',
    'kind',
    evData,
  );
  single(registers, 'requests_in_flight', 'OCPI requests being answered', requestsInFlight);
  single(
    registers,
    'overloaded',
    '1 while requests are turned away for an overload',
    overloaded && (() => Number(overloaded())),
  );
}

function single(registers: Registry[], name: string, help: string, read: (() => number) | undefined): void {
  if (read === undefined) return;
  new Gauge({
    name: `roamhub_${name}`,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

function byLabel(
  registers: Registry[],
  name: string,
  help: string,
  label: string,
  read: (() => ReadonlyMap<string, number> | Promise<ReadonlyMap<string, number>>) | undefined,
): void {
  if (read === undefined) return;
  new Gauge({
    name: `roamhub_${name}`,
    help,
    labelNames: [label],
    registers,
    async collect() {
      // What cannot be read now is left out; the other figures are wanted most when a database is away.
      const figures = await Promise.resolve(read()).catch(() => new Map<string, number>());
      this.reset();
      for (const [key, value] of figures) this.set({ [label]: key }, value);
    },
  });
}

function watchLanes(registers: Registry[], lanes: () => readonly LaneFigures[]): void {
  const perLane = (name: string, help: string, value: (lane: LaneFigures) => number) =>
    new Gauge({
      name: `roamhub_lane_${name}`,
      help,
      labelNames: ['partner'],
      registers,
      collect() {
        this.reset();
        for (const lane of lanes()) this.set({ partner: lane.partnerId }, value(lane));
      },
    });
  perLane('lag_objects', 'Changed objects that the partner has not got yet', (lane) => lane.lagObjects);
  perLane('lag_seconds', 'Age of the oldest change that the partner has not got yet', (lane) => lane.lagSeconds);
  perLane('in_flight', 'Requests to the partner under way', (lane) => lane.inFlight);
  perLane('parked', 'Objects that the partner refuses', (lane) => lane.parked);
  new Gauge({
    name: 'roamhub_lane_breaker',
    help: '1 for the state that the circuit breaker is in',
    labelNames: ['partner', 'state'],
    registers,
    collect() {
      this.reset();
      for (const lane of lanes()) this.set({ partner: lane.partnerId, state: lane.breaker }, 1);
    },
  });
}
