/**
 * Readers of single values, from an environment variable (always text) or the config file (JSON's own types).
 * Each returns the value or throws a BadValue that says what was expected.
 */
export class BadValue extends Error {
  /** @param expected completes "… must be …" */
  constructor(readonly expected: string) {
    super(`must be ${expected}`);
    this.name = 'BadValue';
  }
}

export type RawValue = string | number | boolean;
export type Parser<T> = (raw: RawValue) => T;

/** Text that matches, in the given case. */
export function text(pattern: RegExp, expected: string, change: (value: string) => string = (value) => value) {
  return (raw: RawValue): string => {
    if (typeof raw !== 'string' || !pattern.test(raw)) throw new BadValue(expected);
    return change(raw);
  };
}

export function wholeNumber(least: number, most: number): Parser<number> {
  return (raw) => {
    const value = typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      throw new BadValue(`a whole number from ${least} to ${most}`);
    return value;
  };
}

export const flag: Parser<boolean> = (raw) => {
  if (raw === true || raw === 'true' || raw === '1') return true;
  if (raw === false || raw === 'false' || raw === '0') return false;
  throw new BadValue('true or false');
};

export function oneOf<const T extends string>(...choices: readonly T[]): Parser<T> {
  return (raw) => {
    const found = choices.find((choice) => choice === raw);
    if (found === undefined) throw new BadValue(`one of ${choices.join(', ')}`);
    return found;
  };
}

/** A number, or `off` as undefined. */
export function numberOrOff(least: number, most: number): Parser<number | undefined> {
  const number = wholeNumber(least, most);
  return (raw) => {
    if (raw === 'off') return undefined;
    try {
      return number(raw);
    } catch {
      throw new BadValue(`a whole number from ${least} to ${most}, or off`);
    }
  };
}

/** A URL with one of the schemes; the text is kept as it came. */
export function url(schemes: readonly string[], expected: string): Parser<string> {
  return (raw) => {
    if (typeof raw !== 'string' || !URL.canParse(raw) || !schemes.includes(new URL(raw).protocol))
      throw new BadValue(expected);
    return raw;
  };
}

/** An http(s) base URL: no query, fragment or credentials; slashes at the end are dropped. */
export const baseUrl: Parser<string> = (raw) => {
  const expected = 'an http or https URL without query, fragment or credentials';
  const value = url(['http:', 'https:'], expected)(raw);
  const { search, hash, username, password } = new URL(value);
  if (search !== '' || hash !== '' || username !== '' || password !== '') throw new BadValue(expected);
  return value.replace(/\/+$/, '');
};
