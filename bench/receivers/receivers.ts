import { fileURLToPath } from 'node:url';
import { type Registered, register } from '../harness/handshake.js';
import type { Hub } from '../harness/hub.js';
import { MeasuredProcess } from '../harness/measured-process.js';
import type { Arrivals, Count, Manner, Push, Question } from './protocol.js';

/** A receiver that has registered with a hub. */
export interface RegisteredReceiver {
  /** The hub's name for it. */
  readonly id: string;
  readonly access: Registered;
}

/** Platforms that receive pushes, all in one process that is not the hub's and not ours. */
export class Receivers {
  private readonly process = MeasuredProcess.start(fileURLToPath(new URL('./receiver-process.js', import.meta.url)));
  private ports: readonly number[] = [];

  private constructor(
    /** What their names begin with; of their parties, the first letter. */
    private readonly name: string,
  ) {}

  static async open(name: string, count: number): Promise<Receivers> {
    const receivers = new Receivers(name);
    receivers.ports = await receivers.ask<readonly number[]>({ ask: 'open', count });
    return receivers;
  }

  get size(): number {
    return this.ports.length;
  }

  /** Registers each by a handshake of its own, as an eMSP of one party. */
  async register(hub: Hub): Promise<readonly RegisteredReceiver[]> {
    const accesses: Registered[] = [];
    for (const [index, port] of this.ports.entries()) {
      const party_id = `${this.name.slice(0, 1)}${index.toString(36).padStart(2, '0')}`.toUpperCase();
      accesses.push(
        await register(hub, {
          name: this.nameOf(index),
          role: 'EMSP',
          parties: [{ country_code: 'FR', party_id }],
          origin: `http://127.0.0.1:${port}`,
          tokenB: `token-of-${this.name}-${index}-to-be-presented-by-the-hub`,
        }),
      );
    }
    const known = await hub.admin<readonly { id: string; name: string }[]>('GET', '/api/partners');
    const ids = new Map(known.map(({ id, name }) => [name, id]));
    return accesses.map((access, index) => ({ access, id: ids.get(this.nameOf(index)) ?? '' }));
  }

  count(): Promise<Count> {
    return this.ask({ ask: 'count' });
  }

  behave(manners: readonly Manner[]): Promise<unknown> {
    return this.ask({ ask: 'behave', manners });
  }

  keep(each: number): Promise<unknown> {
    return this.ask({ ask: 'keep', each });
  }

  kept(): Promise<readonly Push[]> {
    return this.ask({ ask: 'kept' });
  }

  arrivals(stamps: readonly string[]): Promise<Arrivals> {
    return this.ask({ ask: 'arrivals', stamps });
  }

  close(): Promise<void> {
    return this.process.stop();
  }

  private nameOf(index: number): string {
    return `${this.name} ${index}`;
  }

  private ask<T>(question: Question): Promise<T> {
    return this.process.ask<T>(question);
  }
}
