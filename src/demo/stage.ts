import type { Cast, CpoRole, EmspRole } from './cast.js';
import { type HubOptions, HubProcess } from './hub-process.js';
import { lastingPort } from './lasting-port.js';
import type { DemoOptions } from './options.js';
import { CpoProcess, EmspProcess } from './simulator-process.js';

/** What a partner is doing, in words for the table; undefined: nothing in particular. */
interface Acting {
  doing: string | undefined;
}

export interface CpoActor extends Acting {
  readonly role: CpoRole;
  readonly process: CpoProcess;
}

export interface EmspActor extends Acting {
  readonly role: EmspRole;
  readonly process: EmspProcess;
}

export interface StageOptions extends HubOptions {
  readonly cast: Cast;
  readonly demo: DemoOptions;
}

/** All processes of the demo. Platforms come on when their turn comes. */
export class Stage {
  readonly cpos: CpoActor[] = [];
  readonly emsps: EmspActor[] = [];
  readonly hub: HubProcess;
  readonly cast: Cast;
  readonly demo: DemoOptions;
  private readonly options: StageOptions;
  /** Rejects when a process ends by itself. */
  readonly died: Promise<never>;
  private lose: (reason: unknown) => void = () => undefined;
  private stopped = false;

  constructor(options: StageOptions) {
    this.died = new Promise<never>((_resolve, reject) => {
      this.lose = reject;
    });
    this.died.catch(() => undefined);
    this.options = options;
    this.cast = options.cast;
    this.demo = options.demo;
    this.hub = new HubProcess(options);
    this.hub.child.died.catch(this.lose);
  }

  /** Starts a CPO platform and waits until it has its data and listens. */
  async bringCpo(role: CpoRole): Promise<CpoActor> {
    const { files, locationsPerParty } = this.cast;
    const own = files === undefined ? ['--locations', String(locationsPerParty)] : ['--data', files.locations];
    if (files?.tariffs !== undefined) own.push('--tariffs', files.tariffs);
    if (role.manner !== 'pulled') own.push('--push-only');
    const args = ['--parties', role.parties.join(','), ...(await this.common()), ...own];
    const process = new CpoProcess(role.name, this.options.folder, args, this.options.env);
    const actor = { role, process, doing: 'starting' };
    this.cpos.push(actor);
    inOrder(this.cpos, this.cast.cpos);
    process.child.died.catch(this.lose);
    await process.started();
    return actor;
  }

  /** Starts an eMSP platform and waits until it listens. */
  async bringEmsp(role: EmspRole): Promise<EmspActor> {
    const args = ['--parties', role.parties.join(','), ...(await this.common())];
    const process = new EmspProcess(role.name, this.options.folder, args, this.options.env);
    const actor = { role, process, doing: 'starting' };
    this.emsps.push(actor);
    inOrder(this.emsps, this.cast.emsps);
    process.child.died.catch(this.lose);
    await process.started();
    return actor;
  }

  /** Ends all processes: partners first, so that the hub's last minutes are quiet. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await Promise.all([...this.cpos, ...this.emsps].map(({ process }) => process.stop()));
    await this.hub.child.stop();
  }

  private async common(): Promise<string[]> {
    return ['--seed', String(this.demo.seed), '--port', String(await lastingPort())];
  }
}

/** As in the cast, whoever was ready first. */
function inOrder<R>(actors: { readonly role: R }[], roles: readonly R[]): void {
  actors.sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));
}
