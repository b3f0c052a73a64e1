import { Command, InvalidArgumentError } from 'commander';
import { type ConfigRefusal, type Environment, loadAdminAddress, type ReadFile } from '../platform/config/index.js';
import { AdminClient, type Json } from './admin-client.js';
import { CliError, ExitCode } from './cli-error.js';

/** What a command line runs in; tests give their own. */
export interface CliContext {
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly cwd: string;
  readonly print: (text: string) => void;
}

/** What an admin command works with. */
export interface Session {
  readonly client: AdminClient;
  /** Prints the JSON as it came with `--json`, else the text. */
  readonly show: (json: unknown, text: () => string) => void;
}

interface AdminOptions {
  readonly adminUrl?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/**
 * A command that speaks to a running hub. The options that say which hub stand on each such command, not on the program, so
 * that other commands are free to give `--token` a meaning of their own.
 */
export function adminCommand<O extends object>(
  context: CliContext,
  name: string,
  description: string,
  run: (session: Session, options: O, ...args: string[]) => Promise<void>,
): Command {
  return new Command(name)
    .description(description)
    .option('--admin-url <url>', 'where the admin API listens (ROAMHUB_ADMIN_URL)')
    .option('--token <token>', 'admin token (ROAMHUB_ADMIN_TOKEN)')
    .option('--token-file <file>', 'file that holds it (ROAMHUB_ADMIN_TOKEN_FILE; admin-token in the data directory)')
    .option('--json', 'print the answer as JSON')
    .action(async (...given: unknown[]) => {
      const options = given.at(-2) as O & AdminOptions;
      // An argument that was left out is undefined, a variadic one is a list.
      const args = given.slice(0, -2).flat().map(String);
      await run(openSession(context, options), options, ...args);
    });
}

function openSession(context: CliContext, options: AdminOptions): Session {
  const { url, token } = findHub(context, options);
  return {
    client: new AdminClient(url, token),
    show: (json, text) => context.print(options.json === true ? JSON.stringify(json ?? null, null, 2) : text()),
  };
}

function findHub({ env, readFile, cwd }: CliContext, options: AdminOptions): { url: string; token: string } {
  const known = loadAdminAddress(env, readFile, cwd);
  const url = options.adminUrl ?? known.url;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new CliError(ExitCode.usage, `${url} is no http or https URL.`);
  if (options.token !== undefined) return { url, token: options.token };
  if (options.tokenFile === undefined && known.token !== undefined) return { url, token: known.token };
  const file = options.tokenFile ?? known.tokenFile;
  const token = readOrRefuse(readFile, file)?.trim();
  if (token === undefined || token === '')
    throw new CliError(
      ExitCode.token,
      `There is no admin token in ${file}; give --token or --token-file, or set ROAMHUB_ADMIN_TOKEN.`,
    );
  return { url, token };
}

/** A file's text; undefined if there is none. */
export function readOrRefuse(readFile: ReadFile, file: string): string | undefined {
  try {
    return readFile(file);
  } catch {
    throw new CliError(ExitCode.usage, `${file} cannot be read.`);
  }
}

/** Problems with the configuration are wrong usage as well. */
export const usageOf = (error: ConfigRefusal): CliError => new CliError(ExitCode.usage, error.problems.join('\n'));

export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `DE-CP1:CPO` as the admin API writes it. */
export function roleClaim(text: string, before: readonly Json[] = []): readonly Json[] {
  const [, country, party, role] = /^([a-z]{2})[-*/]([a-z0-9]{3})[:/]([a-z]+)$/i.exec(text) ?? [];
  if (country === undefined || party === undefined || role === undefined)
    throw new InvalidArgumentError('Write it as DE-CP1:CPO.');
  return [...before, { country_code: country.toUpperCase(), party_id: party.toUpperCase(), role: role.toUpperCase() }];
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** Partners may be named by id, by name or by one of their parties, such as `DE-CP1`. */
export async function partnerId({ client }: Session, wanted: string): Promise<string> {
  const partners = (await client.get('/api/partners')) as readonly Json[];
  const key = wanted.toLowerCase();
  const exact = partners.find(({ id }) => id === wanted);
  if (exact !== undefined) return String(exact.id);
  const found = partners.filter(({ name, roles }) =>
    [String(name), ...(roles as readonly Json[]).map((role) => `${role.country_code}-${role.party_id}`)].some(
      (text) => text.toLowerCase() === key,
    ),
  );
  if (found.length === 1) return String(found[0]?.id);
  throw new CliError(
    ExitCode.refused,
    found.length === 0
      ? `There is no partner ${wanted}; roamhub partner list shows them.`
      : `${found.length} partners answer to ${wanted}; use an id: ${found.map(({ id }) => id).join(', ')}.`,
  );
}
