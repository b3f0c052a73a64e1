import { invalidParameters } from '../../kernel/ocpi-error.js';
import {
  type Asked,
  type Callbacks,
  type ForwardOrder,
  type Passage,
  type RouteMemory,
  responseUrlInBody,
  responseUrlInQuery,
  type Sought,
} from '../../platform/forwarding/index.js';
import {
  done,
  fieldOf,
  type OcpiReply,
  orderOf,
  type PartyRequest,
  pathParam,
  relayed,
} from '../../platform/http/index.js';

export interface ChargingProfilesDeps {
  readonly callbacks: Pick<Callbacks, 'passage' | 'receive'>;
  readonly routes: Pick<RouteMemory, 'learn' | 'partyOf' | 'ownersOf'>;
}

export interface ProfileOperations {
  /** Whose Session it is that a profile is asked of, set or cleared for. */
  seekCpo(request: PartyRequest): Promise<Sought>;
  /** Who set the profile that has changed (CP-07). */
  seekSetter(request: PartyRequest): Promise<Sought>;
  readonly passage: Passage;
  /** A result has come (CP-05). */
  receiveResult(request: PartyRequest): Promise<OcpiReply>;
}

/** Segment of the URLs that results come to; no session id can be mistaken for it, as those have one segment. */
export const callbackSegment = 'callbacks';

export function profileOperations({ callbacks, routes }: ChargingProfilesDeps): ProfileOperations {
  return {
    async seekCpo(request) {
      readAsked(request.method, request.queryText, request.body?.bytes);
      const session = pathParam(request, 'session_id');
      // An SCSP steers Sessions of an eMSP's customers, so its own come first and any other with this id after.
      const own = await routes.ownersOf('session', session, request.from);
      const owners = own.length > 0 ? own : await routes.ownersOf('session', session);
      const [party, another] = owners;
      if (!party) return { kind: 'nobody', by: 'session_id' };
      if (another)
        throw invalidParameters('Several CPOs have a Session of this id; name the one that is meant with OCPI-to.');
      return { kind: 'party', party, by: 'session_id' };
    },
    async seekSetter(request) {
      const party = await routes.partyOf('profile', request.from, pathParam(request, 'session_id'));
      return party ? { kind: 'party', party, by: 'who set the profile' } : { kind: 'nobody', by: 'session_id' };
    },
    passage: callbacks.passage((order) => ({
      ...readAsked(order.method, order.query, order.body),
      onTaken: (_receiver, { body }) => {
        // Who was refused has set nothing, and must not be told of the profile that somebody else has set (T3).
        if (order.method === 'PUT' && !isRefused(body)) routes.learn('profile', order.to, sessionIn(order), order.from);
      },
    })),
    async receiveResult(request) {
      const answer = await callbacks.receive(orderOf(request), callbackSegment, pathParam(request, 'callback'));
      return answer ? relayed(answer) : done();
    },
  };
}

/** CP-01…CP-03. @throws OcpiError 200/2001 if something required is missing */
function readAsked(method: string, query: string, body: Buffer | undefined): Asked {
  if (method === 'PUT') {
    const bytes = body ?? Buffer.alloc(0);
    const profile = fieldOf(JSON.parse(bytes.toString('utf8')), 'charging_profile');
    if (typeof profile !== 'object' || profile === null)
      throw invalidParameters('charging_profile is missing.', '/charging_profile');
    return { responseUrl: responseUrlInBody(bytes, query), command: callbackSegment };
  }
  if (method === 'GET' && !/^\d{1,9}$/.test(new URLSearchParams(query).get('duration') ?? ''))
    throw invalidParameters('duration is missing or no number of seconds.');
  return { responseUrl: responseUrlInQuery(query), command: callbackSegment };
}

function sessionIn({ path }: ForwardOrder): string {
  return decodeURIComponent(path.split('/')[1] ?? '');
}

/** CP-04: the answer has another `result` than ACCEPTED; one that leaves it out is believed by its status code. */
function isRefused(body: unknown): boolean {
  if (!Buffer.isBuffer(body)) return false;
  try {
    return (fieldOf(fieldOf(JSON.parse(body.toString('utf8')), 'data'), 'result') ?? 'ACCEPTED') !== 'ACCEPTED';
  } catch {
    return false;
  }
}
