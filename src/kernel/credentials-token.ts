/**
 * Credentials tokens and how they travel in `Authorization`.
 *
 * Directions are kept apart by name: an *inbound* token is one that a partner shows us, an *outbound* token
 * is one that we show a partner.
 *
 * Spec: 2.2.1 §4.1.2 (T-01…T-09), §7.3.1.
 */
const tokenAlphabet = /^[\x21-\x7e]{1,64}$/;
const strictBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** How a token is written into the header: Base64 as the text orders, or raw as older partners do (T-05). */
export type TokenForm = 'base64' | 'raw';

/** Whether a text may be a credentials token: 1–64 characters from U+0021 to U+007E (T-09). */
export function isCredentialsToken(text: string): boolean {
  return tokenAlphabet.test(text);
}

/** The `Authorization` value that presents a token (T-02). */
export function encodeAuthorization(token: string, form: TokenForm = 'base64'): string {
  return form === 'raw' ? `Token ${token}` : `Token ${Buffer.from(token, 'utf8').toString('base64')}`;
}

/** The readings of one `Authorization` header: its decoded form if it is Base64, and the raw text itself. */
export interface PresentedToken {
  readonly decoded: string | undefined;
  readonly raw: string;
}

/**
 * Takes an `Authorization` header apart, or `undefined` if it is no `Token` credential.
 *
 * The scheme word compares without case (T-07). White space after the decoded token is trimmed: the specification's
 * own samples end in a line feed (T-06).
 */
export function decodeAuthorization(header: string | undefined): PresentedToken | undefined {
  if (header === undefined || header.length > 512) return undefined;
  const match = /^token +(\S+)\s*$/i.exec(header);
  const raw = match?.[1];
  if (raw === undefined) return undefined;
  if (!strictBase64.test(raw)) return { decoded: undefined, raw };
  const decoded = Buffer.from(raw, 'base64').toString('utf8').trimEnd();
  return { decoded: isCredentialsToken(decoded) ? decoded : undefined, raw };
}

/** A partner's words without these tokens, in clear or in Base64: some platforms repeat in errors what they were shown (T4, T20). */
export function withoutTokens(text: string, tokens: readonly string[]): string {
  return tokens
    .flatMap((token) => [token, Buffer.from(token, 'utf8').toString('base64').replace(/=+$/, '')])
    .reduce((clean, secret) => (secret === '' ? clean : clean.replaceAll(secret, '…')), text);
}
