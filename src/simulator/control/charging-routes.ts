import type { PartyRef } from '../../kernel/party-ref.js';
import { partyKey } from '../../kernel/party-ref.js';
import { chargeView } from '../charging/charges.js';
import type { OperatorSide } from '../charging/operator-side.js';
import { anyPlace, findPlace, type Place } from '../charging/place.js';
import type { ProviderSide } from '../charging/provider-side.js';
import { type CommandName, commandNames, type SentCommand } from '../commands/command-desk.js';
import { isRecord } from '../handshake/credentials.js';
import { type CdrToken, cdrTokenOf, type OwnToken } from '../tokens/wallet.js';
import { missingIn } from '../wire/json-object.js';
import { fromWire } from '../wire/wire-text.js';
import { defined, flagIn, listIn, numberIn, partyIn, requiredText, textIn } from './control-input.js';
import { type ControlInput, ControlInputError, type ControlRoutes, Lines } from './control-server.js';

const RESULT_MS = 10_000;

/** Control calls of a platform with CPO parties, beside Locations and status changes. */
export function operatorRoutes(operator: OperatorSide, parties: readonly PartyRef[]): ControlRoutes {
  const asker = (input: ControlInput): PartyRef => partyOf(partyIn(input, 'from') ?? parties[0]);
  return {
    'GET /tokens': (input) => tokenLines(operator.tokens.copy(partyIn(input, 'party'))),
    'POST /authorize': (input) => {
      const location = isRecord(input.location) ? input.location : undefined;
      return operator.authorize({
        uid: requiredText(input, 'uid'),
        from: asker(input),
        open: flagIn(input, 'open'),
        ...defined({ type: textIn(input, 'type'), to: partyIn(input, 'to'), location }),
      });
    },
    'POST /script': (input) => {
      const plan = isRecord(input.plan) ? input.plan : {};
      operator.commands.play({
        ...defined({
          response: textIn(input, 'response'),
          result: textIn(input, 'result'),
          timeout: numberIn(input, 'timeout'),
          delayMs: numberIn(input, 'delayMs'),
        }),
        ...('hold' in input && { hold: flagIn(input, 'hold') }),
        ...('withoutCharge' in input && { withoutCharge: flagIn(input, 'withoutCharge') }),
        plan: planIn(plan),
      });
      return operator.commands.script;
    },
    'GET /commands': () => ({ taken: operator.commands.taken, results: operator.courier.sent }),
    'POST /release': () => operator.commands.release(),
    'POST /cancel-reservation': async (input) => ({
      cancelled: await operator.commands.cancelReservation(requiredText(input, 'reservation_id')),
    }),
    'POST /charge': async (input) => {
      const owner = asker(input);
      const charge = operator.charges.start({
        owner,
        token: cdrTokenIn(input),
        place: placeIn(operator, owner, input),
        authMethod: textIn(input, 'authorization_reference') === undefined ? 'WHITELIST' : 'AUTH_REQUEST',
        authorizationReference: textIn(input, 'authorization_reference'),
        plan: planIn(input),
      });
      if (flagIn(input, 'wait')) await charge.done;
      return chargeView(charge);
    },
    'POST /end-charge': (input) => {
      const charge = operator.charges.find(requiredText(input, 'session_id'));
      if (charge === undefined) throw new ControlInputError('no such session');
      charge.end();
    },
    'GET /charges': (input) => {
      const id = textIn(input, 'session_id');
      return operator.charges.all.filter(({ facts }) => id === undefined || facts.sessionId === id).map(chargeView);
    },
    'GET /places': () => parties.map((party) => placeView(party, anyPlace(operator.catalogue, party))),
    'POST /tell-profile': async (input) => ({
      told: await operator.profiles.tellActive(requiredText(input, 'session_id')),
    }),
  };
}

/** Control calls of a platform with eMSP parties, beside its copy of Locations. */
export function providerRoutes(provider: ProviderSide): ControlRoutes {
  const own = (input: ControlInput): PartyRef => partyOf(provider.party(partyIn(input, 'from')));
  const routing = (input: ControlInput) => ({ open: flagIn(input, 'open'), ...defined({ to: partyIn(input, 'to') }) });
  return {
    'GET /tokens': () => new Lines(provider.wallet.tokens.map(tokenView)),
    'POST /tokens': (input) => provider.wallet.generate(numberIn(input, 'count') ?? 1).map(tokenView),
    'POST /push-tokens': (input) => {
      const uids = listIn(input, 'uids')?.map(String);
      const chosen = provider.wallet.tokens.filter(({ uid }) => uids === undefined || uids.includes(uid));
      return provider.tokens.push(chosen, partyIn(input, 'to'));
    },
    'POST /change-token': (input) => {
      const members = isRecord(input.members) ? input.members : {};
      return provider.tokens.change(tokenIn(provider, input), members, partyIn(input, 'to'));
    },
    'POST /authorize-script': (input) => {
      provider.tokens.script = {
        ...defined({ allowed: textIn(input, 'allowed') }),
        needsLocation: flagIn(input, 'needsLocation'),
      };
    },
    'POST /command': async (input) => {
      const name = requiredText(input, 'command');
      const command = commandNames.find((known): known is CommandName => known === name);
      if (command === undefined) throw new ControlInputError(`command is one of ${commandNames.join(', ')}`);
      const withToken = command === 'START_SESSION' || command === 'RESERVE_NOW';
      const sent = await provider.commands.send({
        command,
        from: own(input),
        members: isRecord(input.members) ? input.members : {},
        ...routing(input),
        ...(withToken && { token: tokenIn(provider, input) }),
        ...defined({ responseUrl: textIn(input, 'response_url') }),
      });
      if (flagIn(input, 'wait') && sent.response?.result === 'ACCEPTED') {
        await provider.commands.result(sent, numberIn(input, 'timeoutMs') ?? RESULT_MS);
      }
      return commandView(sent);
    },
    'GET /commands': () => provider.commands.sent.map(commandView),
    'GET /sessions': () =>
      new Lines(
        [...provider.sessions.sessions].map(([key, { text, party }]) => ({ key, party, text: fromWire(text) })),
      ),
    'GET /cdrs': () =>
      new Lines([...provider.cdrs.cdrs.values()].map(({ key, text, party }) => ({ key, party, text: fromWire(text) }))),
    'POST /preferences': async (input) => {
      const preferences = isRecord(input.preferences) ? input.preferences : { profile_type: 'GREEN' };
      const answer = await provider.prefer(requiredText(input, 'session_id'), preferences, {
        from: own(input),
        ...routing(input),
      });
      return { http: answer.http, code: answer.code, message: answer.message, data: answer.data };
    },
    'POST /profile': (input) => {
      const action = requiredText(input, 'action');
      if (action !== 'set' && action !== 'get' && action !== 'clear') throw new ControlInputError('set, get or clear');
      const session_id = requiredText(input, 'session_id');
      return provider.profiles.send({ action, session_id, from: own(input), ...routing(input) });
    },
  };
}

function partyOf(party: PartyRef | undefined): PartyRef {
  if (party === undefined) throw new ControlInputError('no such party here');
  return { country_code: party.country_code, party_id: party.party_id };
}

function tokenIn(provider: ProviderSide, input: ControlInput): OwnToken {
  const uid = textIn(input, 'uid');
  const found = provider.wallet.tokens.find((token) => uid === undefined || token.uid === uid);
  if (found === undefined) throw new ControlInputError('no such token');
  return found;
}

/** `{token: {country_code, party_id, uid, type, contract_id}}` */
function cdrTokenIn({ token }: ControlInput): CdrToken {
  const members = ['country_code', 'party_id', 'uid', 'type', 'contract_id'];
  if (!isRecord(token) || missingIn(token, members).length > 0) {
    throw new ControlInputError(`token needs ${members.join(', ')}`);
  }
  const [country_code = '', party_id = '', uid = '', type = '', contract_id = ''] = members.map((m) =>
    String(token[m]),
  );
  return { country_code, party_id, uid, type, contract_id };
}

function placeIn(operator: OperatorSide, owner: PartyRef, input: ControlInput): Place {
  const location = textIn(input, 'location_id');
  const place =
    location === undefined
      ? anyPlace(operator.catalogue, owner)
      : findPlace(operator.catalogue, owner, location, textIn(input, 'evse_uid'), textIn(input, 'connector_id'));
  if (place === undefined) throw new ControlInputError('no such place');
  return place;
}

function planIn(input: ControlInput) {
  return {
    ...defined({
      updates: numberIn(input, 'updates'),
      intervalMs: numberIn(input, 'intervalMs'),
      kwhPerUpdate: numberIn(input, 'kwhPerUpdate'),
    }),
    ...('open' in input && { open: flagIn(input, 'open') }),
    ...('untilStopped' in input && { untilStopped: flagIn(input, 'untilStopped') }),
  };
}

const tokenView = (token: OwnToken): object => ({ ...cdrTokenOf(token), text: fromWire(token.text) });

const commandView = (sent: SentCommand): object => ({ ...sent, results: [...sent.results] });

const tokenLines = (copy: ReadonlyMap<string, string> | undefined): Lines =>
  new Lines([...(copy ?? [])].map(([key, text]) => ({ key, text: fromWire(text) })));

const placeView = (party: PartyRef, place: Place | undefined): object => ({
  party: partyKey(party),
  location_id: place?.location.id,
  evse_uid: place?.evse.uid,
  connector_id: place?.connector.id,
});
