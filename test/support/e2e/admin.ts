import type {
  AuditEntryView,
  LaneView,
  NewInviteView,
  ParkedView,
  PartnerView,
  PullView,
} from '../../../src/admin/views.js';
import { type Answer, callHttp } from '../hub/http-call.js';

export type { AuditEntryView, LaneView, NewInviteView, ParkedView, PartnerView, PullView };

/** A party in one role, as invites name it. */
export interface RoleClaim {
  readonly country_code: string;
  readonly party_id: string;
  readonly role: string;
}

/** The operator: the admin API of a running hub. */
export class Admin {
  constructor(
    readonly url: string,
    private readonly readToken: () => string,
  ) {}

  get token(): string {
    return this.readToken();
  }

  /** Any call, whatever comes of it. */
  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return callHttp(method, this.url + path, {
      headers: { Authorization: `Bearer ${this.token}`, Connection: 'close' },
      ...(body === undefined ? {} : { body }),
    });
  }

  invite(name: string, roles: readonly RoleClaim[], origins?: readonly string[]): Promise<NewInviteView> {
    return this.done('POST', '/api/invites', { name, roles, ...(origins ? { origins } : {}) });
  }

  register(name: string, target: { versions_url: string; token: string }): Promise<PartnerView> {
    return this.done('POST', '/api/registrations', { name, ...target });
  }

  partners(): Promise<PartnerView[]> {
    return this.done('GET', '/api/partners');
  }

  /** @throws Error if there is none of this name */
  async partner(name: string): Promise<PartnerView> {
    const partner = (await this.partners()).find((one) => one.name === name);
    if (!partner) throw new Error(`no partner ${name}`);
    return partner;
  }

  async lane(partner: string): Promise<LaneView> {
    const lane = (await this.lanes()).find((one) => one.partner === partner);
    if (!lane) throw new Error(`no lane of ${partner}`);
    return lane;
  }

  lanes(): Promise<LaneView[]> {
    return this.done('GET', '/api/lanes');
  }

  parked(): Promise<ParkedView[]> {
    return this.done('GET', '/api/parked');
  }

  async pulls(partner: string): Promise<PullView[]> {
    return (await this.done<PullView[]>('GET', '/api/pulls')).filter((pull) => pull.partner === partner);
  }

  async pull(name: string, full = true): Promise<void> {
    await this.done('POST', `/api/partners/${(await this.partner(name)).id}/pull`, { full });
  }

  audit(): Promise<{ chain: { intact: boolean; first_broken: number | null } | null; entries: AuditEntryView[] }> {
    return this.done('GET', '/api/audit?limit=1000');
  }

  /** Any call that must succeed. */
  async done<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
  }
}
