import { hashText, Random } from '../../../src/simulator/random.js';
import type { ClusterOptions } from './cluster.js';
import { PostgresServer } from './postgres-server.js';
import { RedisServer } from './redis-server.js';
import type { Charge, Figure, Limit, RunFolder } from './run-folder.js';

/** What the command line may say; each scenario knows what it makes of it. */
export interface Options {
  readonly stack: 'sqlite' | 'postgres';
  /** Nodes of the hub; more than one on PostgreSQL only. */
  readonly nodes: number;
  readonly seed: string;
  readonly kills: number | undefined;
  readonly rounds: number | undefined;
  readonly minutes: number | undefined;
  readonly partners: number | undefined;
  readonly commands?: number | undefined;
  /** A fraction of the full length, for a suite of tests. */
  readonly quick: boolean;
}

export const defaultOptions: Options = {
  stack: 'sqlite',
  nodes: 1,
  seed: '1',
  kills: undefined,
  rounds: undefined,
  minutes: undefined,
  partners: undefined,
  quick: false,
};

/** One way to harm a hub, and what must hold nevertheless. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly promises: readonly string[];
  /** Needs PostgreSQL, whatever `--stack` says. */
  readonly postgresOnly?: boolean;
  run(bench: Bench): Promise<void>;
}

/** What a scenario works with during one run. */
export class Bench {
  readonly random: Random;
  readonly figures: Figure[] = [];
  private readonly cleanups: (() => Promise<unknown> | unknown)[] = [];
  private database: PostgresServer | undefined;
  private broker: RedisServer | undefined;

  constructor(
    readonly run: RunFolder,
    readonly options: Options,
    /** Tells the reader what goes on. */
    readonly say: (text: string) => void,
  ) {
    this.random = new Random(`chaos/${options.seed}`);
  }

  get seed(): string {
    return this.options.seed;
  }

  get seedNumber(): number {
    return hashText(this.options.seed);
  }

  /** What is to be ended after the run, the newest first. */
  own(cleanup: () => Promise<unknown> | unknown): void {
    this.cleanups.push(cleanup);
  }

  /** A figure of this run. */
  figure(promise: string, what: string, value: number, limit?: Limit, unit?: string, detail?: string): void {
    this.figures.push({
      promise,
      what,
      value,
      ...(limit ? { limit } : {}),
      ...(unit === undefined ? {} : { unit }),
      ...(detail === undefined ? {} : { detail }),
    });
  }

  /** What the verdict is to look at. */
  charge(charge: Charge): void {
    this.run.writeJson('charge.json', charge);
  }

  /** The database and the queue of the chosen stack, and the nodes. */
  async stack(): Promise<ClusterOptions> {
    if (this.options.stack === 'sqlite') return {};
    const database = await this.postgres();
    const redis = await this.redis();
    const roles = Array.from({ length: this.options.nodes }, () => 'all' as const);
    return { databaseUrl: database.url, redisUrl: redis.url, roles };
  }

  /** The PostgreSQL of this run. */
  async postgres(): Promise<PostgresServer> {
    if (!this.database) {
      const database = await PostgresServer.create();
      this.database = database;
      this.own(() => database.remove());
      await database.start();
    }
    return this.database;
  }

  /** The Redis of this run. */
  async redis(): Promise<RedisServer> {
    if (!this.broker) {
      const broker = await RedisServer.create();
      this.broker = broker;
      this.own(() => broker.remove());
      await broker.start();
    }
    return this.broker;
  }

  /** Ends everything that the run has started. */
  async close(): Promise<void> {
    this.run.writeJson('figures.json', this.figures);
    for (let cleanup = this.cleanups.pop(); cleanup; cleanup = this.cleanups.pop())
      await Promise.resolve(cleanup()).catch((error: unknown) => this.say(`at the end: ${String(error)}`));
  }
}
