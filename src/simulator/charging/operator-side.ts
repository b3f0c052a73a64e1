import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { ProfileTaker } from '../chargingprofiles/profile-taker.js';
import { CommandTaker } from '../commands/command-taker.js';
import type { PeerLink } from '../handshake/peer-link.js';
import type { SimulatedModule, SimulatedParty } from '../http/exchange.js';
import type { Inspector } from '../http/inspector.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import { ResultCourier } from '../results/result-courier.js';
import type { Catalogue } from '../sender/catalogue.js';
import { type AuthorizeAnswer, type AuthorizeQuestion, authorize, TokenCopy } from '../tokens/token-copy.js';
import { Charges } from './charges.js';

/** What either side of a charge needs of its platform. */
export interface SideOptions {
  /** Those in the role of this side. */
  parties: readonly SimulatedParty[];
  client: OcpiClient;
  link: PeerLink;
  inspector: Inspector;
  clock: Clock;
  seed: number;
  pageLimit: number;
  /** Our own URL of an interface. */
  url: (module: string, role: 'SENDER' | 'RECEIVER') => string;
}

/** What a CPO platform does beside its Locations: takes Tokens and commands, lets cars charge, tells of Sessions and CDRs. */
export class OperatorSide {
  readonly tokens: TokenCopy;
  readonly charges: Charges;
  readonly commands: CommandTaker;
  readonly profiles: ProfileTaker;
  readonly courier: ResultCourier;
  readonly authorizations: AuthorizeAnswer[] = [];

  constructor(
    private readonly options: SideOptions,
    readonly catalogue: Catalogue,
  ) {
    const { parties, client, link, clock, pageLimit, url } = options;
    this.tokens = new TokenCopy(parties);
    this.courier = new ResultCourier(client, link, clock);
    this.charges = new Charges({ ...options, pageLimit, url: (module) => url(module, 'SENDER') });
    this.commands = new CommandTaker({ catalogue, charges: this.charges, courier: this.courier });
    const now = (): number => clock.now();
    this.profiles = new ProfileTaker({ charges: this.charges, courier: this.courier, client, now });
  }

  modules(): SimulatedModule[] {
    return [this.tokens.module(), ...this.charges.modules(), this.commands.module(), this.profiles.module()];
  }

  /** Ends every charge and every result on its way. */
  stop(): void {
    this.courier.stop();
    this.charges.endAll();
  }

  /** Asks in real time whether a Token may charge. */
  async authorize(question: Omit<AuthorizeQuestion, 'correlationId'>): Promise<AuthorizeAnswer> {
    const { client, clock } = this.options;
    const answer = await authorize(client, { ...question, correlationId: randomUUID() }, () => clock.now());
    this.authorizations.push(answer);
    return answer;
  }

  state(): Record<string, unknown> {
    return {
      tokens: this.tokens.state(),
      commands: this.commands.taken.length,
      holding: this.commands.holding,
      results: this.courier.sent.length,
      charges: { ...this.charges.count(), preferences: this.charges.preferences.length },
      profiles: this.profiles.taken.length,
    };
  }
}
