import { type Profile, profileBytes } from './profile.js';

/** Profiles of one owner's subjects, one after another in one piece of memory. */
export class ProfileShelf {
  private readonly places = new Map<string, number>();
  private bytes: Uint8Array;

  constructor(most: number) {
    this.bytes = new Uint8Array(most * profileBytes);
  }

  get size(): number {
    return this.places.size;
  }

  add(subject: string, profile: Profile): void {
    const at = this.places.size;
    this.bytes.set(profile, at * profileBytes);
    this.places.set(subject, at);
  }

  find(subject: string): Profile | undefined {
    const at = this.places.get(subject);
    return at === undefined ? undefined : this.bytes.subarray(at * profileBytes, (at + 1) * profileBytes);
  }

  /** Gives back what was not needed. */
  close(): this {
    this.bytes = this.bytes.slice(0, this.places.size * profileBytes);
    return this;
  }
}
