/**
 * A Location under HERE's name for it. The content id is made from owner and id of the Location alone, so that it stays
 * when the address or the coordinates are corrected, and every node makes the same one. HERE section 4.4.
 */
const prefix = 'here:evcp:charginglocation:';

/** @param key object key of the Location, `DE/CP1/LOC1`. The answer holds no colon. */
export function contentIdOf(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

/** `here:evcp:charginglocation:<contentId>` */
export function placeIdOf(key: string): string {
  return prefix + contentIdOf(key);
}

/**
 * The object key that an id in any of its forms stands for: only what follows the last colon counts. `undefined` if it can be
 * none of ours; a key is no promise that the Location is there.
 */
export function placeKeyOf(id: string): string | undefined {
  const content = id.slice(id.lastIndexOf(':') + 1);
  if (!/^[A-Za-z0-9_-]{1,400}$/.test(content)) return undefined;
  const key = Buffer.from(content, 'base64url').toString('utf8');
  return contentIdOf(key) === content && key.split('/').length === 3 ? key : undefined;
}
