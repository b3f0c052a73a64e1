import type { Role } from '../../../kernel/module-id.js';
import { defaultSwitches, type PartnerSwitches } from '../../partners/partner.js';
import type { LanePartner, LanePartners } from '../ports.js';

export interface PartnerTraits {
  readonly id?: string;
  readonly status?: LanePartner['status'];
  /** `NL/EM1 EMSP` */
  readonly roles?: readonly string[];
  readonly base?: string;
  /** Modules with a RECEIVER endpoint. */
  readonly receives?: readonly string[];
  readonly switches?: Partial<PartnerSwitches>;
  readonly credentialsAt?: number;
}

/** A registered eMSP that receives locations and tariffs, unless told otherwise. */
export function lanePartner(traits: PartnerTraits = {}): LanePartner {
  const base = traits.base ?? 'https://emsp.example/ocpi';
  return {
    id: traits.id ?? 'p1',
    status: traits.status ?? 'CONNECTED',
    roles: (traits.roles ?? ['NL/EM1 EMSP']).map((text) => {
      const [, country_code = '', party_id = '', role = ''] = /^(..)\/(...) (\w+)$/.exec(text) ?? [];
      return { country_code, party_id, role: role as Role };
    }),
    versionsUrl: `${base}/versions`,
    endpoints: (traits.receives ?? ['locations', 'tariffs']).map((identifier) => ({
      identifier,
      role: 'RECEIVER',
      url: `${base}/receiver/${identifier}`,
    })),
    origins: [new URL(base).origin],
    switches: { ...defaultSwitches, ...traits.switches },
    credentialsAt: traits.credentialsAt ?? 0,
  };
}

/** Partners in memory; `set` tells whoever listens. */
export class FakePartners implements LanePartners {
  private readonly partners = new Map<string, LanePartner>();
  private readonly tokens = new Map<string, string>();
  private readonly listeners = new Set<(partnerId: string) => void>();

  constructor(...partners: readonly LanePartner[]) {
    for (const partner of partners) this.set(partner);
  }

  set(partner: LanePartner, token = `token-of-${partner.id}`): void {
    this.partners.set(partner.id, partner);
    this.tokens.set(partner.id, token);
    for (const listener of this.listeners) listener(partner.id);
  }

  all(): readonly LanePartner[] {
    return [...this.partners.values()];
  }

  byId(id: string): LanePartner | undefined {
    return this.partners.get(id);
  }

  outboundToken(partnerId: string): string | undefined {
    return this.tokens.get(partnerId);
  }

  onChange(listener: (partnerId: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
