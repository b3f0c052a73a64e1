import { randomBytes } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import type { PartyRef } from '../../kernel/party-ref.js';

/** A role in a credentials object. */
export interface PeerRole extends PartyRef {
  role: string;
}

/** An endpoint of the peer's version details. */
export interface PeerEndpoint {
  identifier: string;
  role: string;
  url: string;
}

/** The platform at the other end: a hub, or another simulator. */
export interface Peer {
  versionsUrl: string;
  /** What we show it. */
  outboundToken: string;
  roles: PeerRole[];
  endpoints: PeerEndpoint[];
}

/** What a caller may do: everything, or only what a registration needs. */
export type Standing = 'peer' | 'pending' | 'invited';

/** How long the previous token stays good after a rotation. */
const OVERLAP_MS = 60_000;

/** A fresh credentials token: 40 characters, 240 bits. */
export const newToken = (): string => randomBytes(30).toString('base64url');

/** The `Authorization` value that presents a token (T-02). */
export const authorizationOf = (token: string): string => `Token ${Buffer.from(token, 'utf8').toString('base64')}`;

/**
 * The connection of a simulated platform to its one peer: who that is, what we show it and what we let in.
 *
 * A token that we sent in a POST or PUT is let in at once and for everything, since the peer may use it before its answer
 * has reached us.
 */
export class PeerLink {
  peer: Peer | undefined;
  inboundToken: string | undefined;
  private readonly admitted = new Map<string, { standing: Standing; token: string; until: number }>();

  constructor(private readonly clock: Clock) {}

  /** Makes a token A for a peer that is to start the handshake. */
  invite(): string {
    const token = newToken();
    this.admit(token, 'invited');
    return token;
  }

  /** Admits a token of our making while a handshake runs. */
  admit(token: string, standing: Standing): void {
    this.admitted.set(authorizationOf(token), { standing, token, until: Number.POSITIVE_INFINITY });
  }

  /** Forgets a token. */
  revoke(token: string): void {
    this.admitted.delete(authorizationOf(token));
  }

  /** Whom an `Authorization` value admits, strictly in Base64 (T-02). */
  standingOf(authorization: string | undefined): { standing: Standing; token: string } | undefined {
    const entry = authorization === undefined ? undefined : this.admitted.get(authorization);
    if (entry === undefined || entry.until < this.clock.now()) return undefined;
    return entry;
  }

  /** The handshake succeeded: the peer is known and `inboundToken` is what it shows us. The one before it fades out. */
  establish(peer: Peer, inboundToken: string): void {
    const until = this.clock.now() + OVERLAP_MS;
    for (const entry of this.admitted.values()) {
      if (entry.standing === 'peer' && entry.token !== inboundToken) entry.until = Math.min(entry.until, until);
    }
    this.admit(inboundToken, 'peer');
    this.peer = peer;
    this.inboundToken = inboundToken;
  }

  /** Unregistered: nobody is let in any more (C-17). Invitations stay. */
  drop(): void {
    for (const [key, entry] of this.admitted) if (entry.standing !== 'invited') this.admitted.delete(key);
    this.peer = undefined;
    this.inboundToken = undefined;
  }

  /** The party that stands for the peer: its hub role, or else its first role. */
  peerParty(): PeerRole | undefined {
    return this.peer?.roles.find((role) => role.role === 'HUB') ?? this.peer?.roles[0];
  }

  /** URL of a peer's endpoint, or undefined if it does not offer that. */
  endpoint(identifier: string, role: 'SENDER' | 'RECEIVER'): string | undefined {
    return this.peer?.endpoints.find((e) => e.identifier === identifier && e.role === role)?.url;
  }
}
