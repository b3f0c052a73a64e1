import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Admin } from '../../support/e2e/admin.js';
import { HubProcess } from '../../support/e2e/hub-process.js';
import { Balancer } from './balancer.js';

/** What a cluster is made of. */
export interface ClusterOptions {
  /** One role for each node; one node `all` if nothing is said. Only PostgreSQL carries more than one. */
  readonly roles?: readonly ('all' | 'api' | 'worker')[];
  /** Settings of every node. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** PostgreSQL and Redis, as the nodes reach them. */
  readonly databaseUrl?: string | undefined;
  readonly redisUrl?: string | undefined;
  /** What partners are told instead of the hub's own address. */
  readonly publicUrl?: string | undefined;
}

/** One hub: a process on SQLite, or several on one PostgreSQL, behind one address. */
export class Cluster {
  readonly nodes: HubProcess[] = [];
  private readonly frozen = new Set<HubProcess>();
  private balancer: Balancer | undefined;
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-chaos-'));

  private constructor(private readonly apiNodes: HubProcess[]) {}

  /** Chooses addresses; nothing runs yet. */
  static async prepare(options: ClusterOptions = {}): Promise<Cluster> {
    const { roles = ['all'], env = {}, databaseUrl, redisUrl } = options;
    const cluster = new Cluster([]);
    const keyFile = path.join(cluster.folder, 'secret-keys.json');
    const key = (): string => randomBytes(32).toString('base64');
    writeFileSync(keyFile, JSON.stringify({ pepper: key(), active: 'k1', keys: { k1: key() } }), { mode: 0o600 });
    const publicPort = roles.length > 1 ? await Balancer.freePort() : undefined;
    const publicUrl = options.publicUrl ?? (publicPort === undefined ? undefined : `http://127.0.0.1:${publicPort}`);
    for (const role of roles) {
      const node = await HubProcess.prepare({
        env: {
          ROAMHUB_SECRET_KEY_FILE: keyFile,
          ROAMHUB_PUBLIC_URL: publicUrl,
          ROAMHUB_DATABASE_URL: databaseUrl,
          ROAMHUB_REDIS_URL: redisUrl,
          ROAMHUB_ROLE: role,
          ...env,
        },
      });
      cluster.nodes.push(node);
      if (role !== 'worker') cluster.apiNodes.push(node);
    }
    if (publicPort !== undefined) {
      cluster.balancer = await Balancer.listen(publicPort, () =>
        cluster.origins().map((origin) => Number(new URL(origin).port)),
      );
    }
    return cluster;
  }

  /** Starts every node; the first alone, as it brings the database up to date. */
  async start(): Promise<void> {
    const [first, ...others] = this.nodes;
    await first?.start();
    await Promise.all(others.map((node) => node.start()));
  }

  node(index: number): HubProcess {
    const node = this.nodes[index];
    if (!node) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** Stops a node in the middle of whatever it does; nobody sends it anything until `thaw`. */
  freeze(node: HubProcess): void {
    this.frozen.add(node);
    node.signal('SIGSTOP');
  }

  thaw(node: HubProcess): void {
    this.frozen.delete(node);
    node.signal('SIGCONT');
  }

  /** Origins of the nodes that take requests and run. */
  origins(): string[] {
    return this.apiNodes.filter((node) => this.runs(node)).map((node) => node.publicUrl);
  }

  /** The operator, at any node that runs. */
  get admin(): Admin {
    return (this.nodes.find((node) => this.runs(node)) ?? this.node(0)).admin;
  }

  get isRunning(): boolean {
    return this.nodes.some((node) => node.isRunning);
  }

  private runs(node: HubProcess): boolean {
    return node.isRunning && !this.frozen.has(node);
  }

  /** Everything that all nodes have printed. */
  get output(): string {
    return this.nodes.map((node) => node.output).join('');
  }

  async remove(): Promise<void> {
    await this.balancer?.close();
    await Promise.all(this.nodes.map((node) => node.remove()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
