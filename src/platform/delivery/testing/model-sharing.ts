import type { SharingJudge, SharingPolicy, Verdict } from '../../agreements/index.js';
import type { OutboundRequest } from '../../outbound/outbound-types.js';
import type { FakeTime } from './fake-time.js';
import type { ModelNode } from './model-node.js';
import type { ModelPartner } from './model-partner.js';

const modules = ['locations', 'tariffs'] as const;
/** A partner throws away what it may not have any more, but not within a second or two. */
const keepsForMs = 5000;
const latestNoticeMs = 40;

/** Agreements that come and go, and how each node hears of it. */
export class ModelSharing {
  /** What left though its node knew that it was not shared. */
  readonly leaks: string[] = [];
  /** How often something was shared again. */
  allowances = 0;
  private denied: ReadonlySet<string> = new Set();
  private version = 1;
  private readonly views = new Map<ModelNode, NodePolicy>();

  constructor(
    private readonly time: FakeTime,
    private readonly random: () => number,
    private readonly receivers: ReadonlyMap<string, ModelPartner>,
  ) {}

  /** The policy as a node knows it. */
  viewOf(node: ModelNode): SharingPolicy {
    const view = new NodePolicy(this.version, this.denied);
    this.views.set(node, view);
    return view;
  }

  /** Something is withdrawn, or shared again. */
  step(): string {
    const keys = [...this.receivers.keys()];
    const party = keys[Math.floor(this.random() * keys.length)] ?? '';
    const module = modules[Math.floor(this.random() * 2)] ?? 'locations';
    const flow = `${module} NL/${party}`;
    const denied = new Set(this.denied);
    if (denied.delete(flow)) this.allowances++;
    else denied.add(flow);
    this.set(denied);
    if (denied.has(flow) && this.random() < 0.5) this.purgeLater(flow, module, party, this.version);
    return `${denied.has(flow) ? 'withdrawn' : 'allowed'} ${flow}`;
  }

  shareAll(): void {
    this.set(new Set());
  }

  /** A request leaves. */
  left(node: ModelNode, { method, url, headers }: OutboundRequest): void {
    if (method === 'GET') return;
    const [, module = ''] = /\/receiver\/(\w+)\//.exec(url) ?? [];
    const party = `NL/${headers?.['OCPI-to-party-id']}`;
    if (this.views.get(node)?.shares('DE/CP1', party, module) === false) this.leaks.push(`${method} ${url} ${party}`);
  }

  private purgeLater(flow: string, module: (typeof modules)[number], party: string, since: number): void {
    this.time.after(keepsForMs, () => {
      if (this.denied.has(flow) && this.lastDenial.get(flow) === since) this.receivers.get(party)?.purge(module);
    });
  }

  private readonly lastDenial = new Map<string, number>();

  private set(denied: ReadonlySet<string>): void {
    this.version++;
    for (const flow of denied) if (!this.denied.has(flow)) this.lastDenial.set(flow, this.version);
    this.denied = denied;
    const { version } = this;
    for (const [node, view] of this.views) {
      const hear = (): void => view.hear(version, denied);
      if (this.random() < 0.3) node.timers.after(Math.floor(this.random() * latestNoticeMs), hear);
      else node.when(hear);
    }
  }
}

class NodePolicy implements SharingPolicy {
  private readonly listeners = new Set<Parameters<SharingPolicy['onChange']>[0]>();

  constructor(
    public version: number,
    private denied: ReadonlySet<string>,
  ) {}

  hear(version: number, denied: ReadonlySet<string>): void {
    if (version <= this.version) return;
    const before = this.snapshot();
    this.version = version;
    this.denied = denied;
    for (const listener of this.listeners) listener({ before, after: this });
  }

  get isOpen(): boolean {
    return this.denied.size === 0;
  }

  shares(_giver: string, taker: string, module: string): boolean {
    return !this.denied.has(`${module} ${taker}`);
  }

  judge(): Verdict {
    return { allowed: true, rule: 'never asked' };
  }

  mayKnow(): boolean {
    return true;
  }

  snapshot(): SharingJudge {
    return new NodePolicy(this.version, this.denied);
  }

  onChange(listener: Parameters<SharingPolicy['onChange']>[0]): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
