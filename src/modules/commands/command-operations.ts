import { invalidParameters, OcpiError } from '../../kernel/ocpi-error.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import { StatusCode } from '../../kernel/status-code.js';
import {
  type Callbacks,
  type Passage,
  type RouteMemory,
  responseUrlInBody,
  type Sought,
} from '../../platform/forwarding/index.js';
import {
  done,
  type OcpiReply,
  orderOf,
  type PartyRequest,
  pathParam,
  relayed,
  requiredBody,
} from '../../platform/http/index.js';
import type { Partner } from '../../platform/partners/index.js';
import { type Command, readCommand } from './read-command.js';

export interface CommandsDeps {
  readonly callbacks: Pick<Callbacks, 'passage' | 'receive'>;
  readonly routes: Pick<RouteMemory, 'learn' | 'partyOf' | 'ownersOf'>;
  /** Who owns a stored Location of this id that `party` of the partner may see; several, if several use that id. */
  readonly locationOwners: (locationId: string, partner: Partner, party: PartyRef) => Promise<readonly PartyRef[]>;
}

export interface CommandOperations {
  /** Who is meant by a command that names nobody. */
  seek(request: PartyRequest): Promise<Sought>;
  readonly passage: Passage;
  /** A result has come for a command (CMD-05). */
  receiveResult(command: string, request: PartyRequest): Promise<OcpiReply>;
}

export function commandOperations({ callbacks, routes, locationOwners }: CommandsDeps): CommandOperations {
  return {
    async seek(request) {
      const { partner, from } = request;
      const command = readCommand(request.path, requiredBody(request).value, from);
      const { type, locationId, sessionId, reservationId } = command;
      switch (type) {
        case 'STOP_SESSION':
          return onlyOne(
            'session_id',
            sessionId === undefined ? [] : await routes.ownersOf('session', sessionId, from),
          );
        case 'CANCEL_RESERVATION': {
          const cpo =
            reservationId === undefined ? undefined : await routes.partyOf('reservation', from, reservationId);
          return onlyOne('reservation_id', cpo ? [cpo] : []);
        }
        default: {
          const owners = locationId === undefined ? [] : await locationOwners(locationId, partner, from);
          if (owners.length === 0) throw unknownHere();
          return onlyOne('location_id', owners);
        }
      }
    },
    passage: callbacks.passage((order) => {
      const body = order.body ?? Buffer.alloc(0);
      const command: Command = readCommand(order.path, JSON.parse(body.toString('utf8')), order.from);
      const { type, reservationId, expiresAt } = command;
      return {
        responseUrl: responseUrlInBody(body, order.query),
        command: type,
        ...(expiresAt === undefined ? {} : { reusableUntil: expiresAt }),
        onTaken: () => {
          if (type === 'RESERVE_NOW' && reservationId !== undefined)
            routes.learn('reservation', order.from, reservationId, order.to);
        },
      };
    }),
    async receiveResult(command, request) {
      const answer = await callbacks.receive(orderOf(request), command, pathParam(request, 'callback'));
      // Nobody answered: the hub has taken the result over.
      return answer ? relayed(answer) : done();
    },
  };
}

function onlyOne(by: string, parties: readonly PartyRef[]): Sought {
  const [party, another] = parties;
  if (!party) return { kind: 'nobody', by };
  if (another) throw invalidParameters(`Several parties have this ${by}; name the one that is meant with OCPI-to.`);
  return { kind: 'party', party, by: by === 'location_id' ? 'owner of the Location' : by };
}

/** CMD-06: there is a word of its own for a Location that nobody knows. */
const unknownHere = (): OcpiError =>
  new OcpiError(
    200,
    StatusCode.unknownLocation,
    'No Location of this id is known here; name the party that has it with OCPI-to.',
  );
