import { decodeAuthorization } from '../../../src/kernel/credentials-token.js';
import { type Role, roles } from '../../../src/kernel/module-id.js';
import { sameParty } from '../../../src/kernel/party-ref.js';
import type { Authenticator } from '../../../src/platform/http/index.js';
import {
  type Caller,
  defaultSwitches,
  type Invite,
  type Partner,
  type PartnerEndpoint,
  type PartnerSwitches,
} from '../../../src/platform/partners/index.js';
import type { PartnerBook } from '../../../src/platform/routing/index.js';

/** A partner in one line: `DE/CP1/CPO`, or several such parties. */
export interface PartnerSpec {
  readonly parties: readonly string[];
  readonly token: string;
  readonly switches?: Partial<PartnerSwitches>;
}

/** Knows a few partners by heart, as if they had registered. */
export class FixedAuthenticator implements Authenticator {
  readonly touched: string[] = [];
  private readonly callers = new Map<string, Caller>();

  /** @param endpoints where partners are reached, by id; nowhere unless given */
  constructor(
    specs: Readonly<Record<string, PartnerSpec>>,
    tokenA: string,
    endpoints: Readonly<Partial<Record<string, readonly PartnerEndpoint[]>>> = {},
  ) {
    for (const [id, spec] of Object.entries(specs)) {
      this.callers.set(spec.token, {
        partner: partnerOf(id, spec, endpoints[id]),
        credentialId: id,
        presentedToken: spec.token,
        form: 'base64',
      });
    }
    const invite: Invite = {
      id: 'invite',
      name: 'invited',
      roles: [],
      origins: [],
      state: 'OPEN',
      createdAt: 0,
      expiresAt: 0,
    };
    this.callers.set(tokenA, { invite, credentialId: 'invite', presentedToken: tokenA, form: 'base64' });
  }

  authenticate(authorization: string | undefined): Caller | undefined {
    const decoded = decodeAuthorization(authorization)?.decoded;
    return decoded === undefined ? undefined : this.callers.get(decoded);
  }

  touch(partnerId: string): void {
    this.touched.push(partnerId);
  }

  /** The partners as routing sees them; the token that each is called with is `for-ID`. */
  book(): PartnerBook {
    const all = [...this.callers.values()].flatMap(({ partner }) => (partner ? [partner] : []));
    return {
      all: () => all,
      byId: (id) => all.find((partner) => partner.id === id),
      speakingFor: (party) => all.filter(({ roles }) => roles.some((role) => sameParty(role, party))),
      outboundToken: (id) => `for-${id}`,
    };
  }

  partner(id: string): Partner {
    const found = [...this.callers.values()].find((caller) => caller.partner?.id === id)?.partner;
    if (!found) throw new TypeError(`there is no partner ${id}`);
    return found;
  }
}

export function partnerOf(
  id: string,
  spec: Pick<PartnerSpec, 'parties' | 'switches'>,
  endpoints: readonly PartnerEndpoint[] = [],
): Partner {
  const claims = spec.parties.map((text) => {
    const [country_code = '', party_id = '', role = ''] = text.split('/');
    if (!(roles as readonly string[]).includes(role)) throw new TypeError(`${text} has no role`);
    return { country_code, party_id, role: role as Role };
  });
  return {
    id,
    name: id,
    status: 'CONNECTED',
    roles: claims,
    allowedRoles: claims,
    versionsUrl: 'https://partner.example/ocpi/versions',
    version: '2.2.1',
    endpoints,
    origins: [...new Set(['https://partner.example', ...endpoints.map(({ url }) => new URL(url).origin)])],
    pendingOrigins: [],
    switches: { ...defaultSwitches, ...spec.switches },
    createdAt: 0,
    credentialsAt: 0,
  };
}
