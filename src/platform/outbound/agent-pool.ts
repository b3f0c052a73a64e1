import type http from 'node:http';
import type { AgentOptions } from './guarded-agent.js';
import { createAgent } from './guarded-agent.js';
import type { Target } from './url-guard.js';

export interface AgentPoolOptions extends Omit<AgentOptions, 'keepAlive'> {
  /** Agents kept at a time; beyond it the one used longest ago goes, with its idle sockets. */
  readonly maxAgents: number;
}

/** One keep-alive agent per partner origin, so that a partner can use up no sockets but its own. */
export class AgentPool {
  /** In order of use: a Map keeps insertion order. */
  private readonly agents = new Map<string, http.Agent>();
  private newest: string | undefined;

  constructor(private readonly options: AgentPoolOptions) {}

  /** The agent of an origin, with its idle sockets. */
  agentFor(target: Target): http.Agent {
    const known = this.agents.get(target.origin);
    const agent = known ?? createAgent(target, { ...this.options, keepAlive: true });
    if (this.newest !== target.origin) {
      this.agents.delete(target.origin);
      this.agents.set(target.origin, agent);
      this.newest = target.origin;
    }
    if (!known && this.agents.size > this.options.maxAgents) this.dropOldest();
    return agent;
  }

  /** An agent that opens a new socket for every request and keeps none. */
  freshAgentFor(target: Target): http.Agent {
    return createAgent(target, { ...this.options, keepAlive: false });
  }

  /** Closes all sockets, those in use too. */
  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
    this.agents.clear();
    this.newest = undefined;
  }

  get size(): number {
    return this.agents.size;
  }

  private dropOldest(): void {
    for (const [origin, agent] of this.agents) {
      if (origin === this.newest || !isIdle(agent)) continue;
      agent.destroy();
      this.agents.delete(origin);
      return;
    }
  }
}

function isIdle(agent: http.Agent): boolean {
  return Object.keys(agent.sockets).length === 0 && Object.keys(agent.requests).length === 0;
}
