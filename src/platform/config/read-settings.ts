import { BadValue, type RawValue } from './parsers.js';
import { type Setting, type SettingName, settingNames, settings } from './settings.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Gives a file's text, or undefined if there is no such file. Other trouble may be thrown. */
export type ReadFile = (path: string) => string | undefined;

type Value<S> = S extends Setting<infer T> ? T : never;
/** What holds for each setting; undefined where nothing is set and nothing is the default. */
export type SettingValues = { readonly [K in SettingName]: Value<(typeof settings)[K]> | undefined };

/** The config file that is read when ROAMHUB_CONFIG names none; it may be missing. */
export const defaultConfigFile = 'config/roamhub.json';

type FileContent = ReadonlyMap<string, unknown>;

/**
 * Takes each setting from the environment or the file. Set in both with different values is a contradiction, as neither
 * is more likely to be meant; an empty variable counts as not set.
 * @returns the values, which are complete only if `problems` (one sentence each) is empty
 */
export function readSettings(
  env: Environment,
  readFile: ReadFile,
): { values: SettingValues; problems: readonly string[]; file: string } {
  const problems: string[] = [];
  const named = env.ROAMHUB_CONFIG || undefined;
  const file = named ?? defaultConfigFile;
  const content = readConfigFile(file, named !== undefined, readFile, problems);
  const known = new Set(settingNames.map((name) => settings[name].file));
  for (const key of content.keys()) {
    if (known.has(key)) continue;
    problems.push(
      key === 'admin.token'
        ? `${file}: "admin.token" is a secret and does not belong in this file; use ROAMHUB_ADMIN_TOKEN.`
        : `${file}: "${key}" is not a setting of this hub.`,
    );
  }
  const values: Record<string, unknown> = {};
  for (const name of settingNames) values[name] = settingValue(settings[name], env, content, file, problems);
  return { values: values as SettingValues, problems, file };
}

function settingValue(
  setting: Setting<unknown>,
  env: Environment,
  content: FileContent,
  file: string,
  problems: string[],
): unknown {
  const parse = (where: string, raw: unknown): unknown => {
    try {
      return setting.parse(raw as RawValue);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      problems.push(`${where} must be ${error.expected}${setting.file === undefined ? '' : `, not ${shown(raw)}`}.`);
      return undefined;
    }
  };
  const before = problems.length;
  const fromFile = setting.file === undefined ? undefined : (content.get(setting.file) ?? undefined);
  const inFile = fromFile === undefined ? undefined : parse(`${file}: "${setting.file}"`, fromFile);
  const fromEnv = env[setting.env] || undefined;
  const inEnv = fromEnv === undefined ? undefined : parse(setting.env, fromEnv);
  if (fromFile !== undefined && fromEnv !== undefined && inFile !== inEnv && problems.length === before)
    problems.push(
      `${setting.env} says ${shown(fromEnv)} but "${setting.file}" in ${file} says ${shown(fromFile)}; keep one of them.`,
    );
  if (fromEnv !== undefined) return inEnv;
  if (fromFile !== undefined) return inFile;
  return setting.fallback === null ? undefined : setting.parse(setting.fallback);
}

/** Settings by dotted name; groups that are no objects are left for the check of unknown names. */
function readConfigFile(file: string, required: boolean, readFile: ReadFile, problems: string[]): FileContent {
  let text: string | undefined;
  try {
    text = readFile(file);
  } catch {
    problems.push(`${file} cannot be read.`);
    return new Map();
  }
  if (text === undefined) {
    if (required) problems.push(`ROAMHUB_CONFIG names ${file}, which does not exist.`);
    return new Map();
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    // The parser's own words quote the file, which may hold a password where it must not.
    const place = /position (\d+)/.exec(String(error))?.[1];
    problems.push(`${file} is not valid JSON${place === undefined ? '' : ` (see character ${place})`}.`);
    return new Map();
  }
  if (!isObject(content)) {
    problems.push(`${file} must hold one JSON object.`);
    return new Map();
  }
  const groups = new Set(settingNames.flatMap((name) => settings[name].file?.match(/^(.+)\./)?.[1] ?? []));
  const found = new Map<string, unknown>();
  for (const [name, value] of Object.entries(content)) {
    if (!groups.has(name) || !isObject(value)) found.set(name, value);
    else for (const [inner, innerValue] of Object.entries(value)) found.set(`${name}.${inner}`, innerValue);
  }
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as it may be printed: credentials inside a URL are masked, long ones are cut. */
function shown(raw: unknown): string {
  const masked = maskUrl(String(typeof raw === 'object' ? JSON.stringify(raw) : raw));
  return `"${masked.length > 80 ? `${masked.slice(0, 77)}…` : masked}"`;
}

/** Hides what stands between `://` and `@`. */
export function maskUrl(text: string): string {
  return text.replace(/(:\/\/)[^/@\s]*(?:\/[^/@\s]*)*@/, '$1***@');
}
