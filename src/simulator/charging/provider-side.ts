import type { PartyRef } from '../../kernel/party-ref.js';
import { sameParty } from '../../kernel/party-ref.js';
import { CdrCopy } from '../cdrs/cdr-copy.js';
import { ProfileDesk } from '../chargingprofiles/profile-desk.js';
import { CommandDesk } from '../commands/command-desk.js';
import type { SimulatedModule } from '../http/exchange.js';
import type { OcpiAnswer } from '../http/ocpi-answer.js';
import { ResultMailbox } from '../results/result-mailbox.js';
import { SessionCopy } from '../sessions/session-copy.js';
import { TokenDesk } from '../tokens/token-desk.js';
import { Wallet } from '../tokens/wallet.js';
import { type JsonObject, writeJson } from '../wire/json-object.js';
import type { SideOptions } from './operator-side.js';

/** What an eMSP platform does beside its copy of Locations: gives out Tokens, sends commands, takes Sessions and CDRs. */
export class ProviderSide {
  readonly wallet: Wallet;
  readonly tokens: TokenDesk;
  readonly commands: CommandDesk;
  readonly profiles: ProfileDesk;
  readonly sessions: SessionCopy;
  readonly cdrs: CdrCopy;
  private readonly mailbox: ResultMailbox;

  constructor(private readonly options: SideOptions) {
    const { parties, client, clock, seed, pageLimit, url } = options;
    this.wallet = new Wallet(parties, seed, clock);
    this.mailbox = new ResultMailbox(clock);
    this.tokens = new TokenDesk({ wallet: this.wallet, client, pageLimit, url: () => url('tokens', 'SENDER') });
    this.commands = new CommandDesk({ client, mailbox: this.mailbox, clock, url: () => url('commands', 'SENDER') });
    this.profiles = new ProfileDesk(client, this.mailbox, () => url('chargingprofiles', 'SENDER'));
    this.sessions = new SessionCopy(parties);
    this.cdrs = new CdrCopy(parties, () => url('cdrs', 'RECEIVER'));
  }

  modules(): SimulatedModule[] {
    const { tokens, commands, profiles, sessions, cdrs } = this;
    return [tokens, commands, profiles, sessions, cdrs].map((part) => part.module());
  }

  /** Says how a customer wants to charge. Spec: 2.2.1 §9.2.1.2 (S-05). */
  prefer(
    sessionId: string,
    preferences: JsonObject,
    routing: { from: PartyRef; to?: PartyRef; open?: boolean },
  ): Promise<OcpiAnswer> {
    return this.options.client.call({
      method: 'PUT',
      module: 'sessions',
      role: 'SENDER',
      path: [sessionId, 'charging_preferences'],
      body: writeJson(preferences),
      ...routing,
    });
  }

  /** Our own party that is meant, or the first one. */
  party(wanted: PartyRef | undefined): PartyRef | undefined {
    const { parties } = this.options;
    return wanted === undefined ? parties[0] : parties.find((own) => sameParty(own, wanted));
  }

  state(): Record<string, unknown> {
    return {
      tokens: { held: this.wallet.tokens.length, ...this.tokens.counts },
      commands: this.commands.sent.length,
      sessions: this.sessions.state(),
      cdrs: this.cdrs.state(),
      profiles: this.profiles.sent.length,
      active_profiles: Object.fromEntries(this.profiles.active),
    };
  }
}
