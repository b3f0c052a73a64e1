import { Command, CommanderError } from 'commander';
import { ConfigRefusal } from '../platform/config/index.js';
import { type CliContext, usageOf } from './cli-context.js';
import { CliError, ExitCode } from './cli-error.js';
import { agreementCommands } from './commands/agreement-commands.js';
import { deliveryCommands } from './commands/delivery-commands.js';
import { evDataCommands } from './commands/ev-data-commands.js';
import { inviteCommands } from './commands/invite-commands.js';
import { localCommands } from './commands/local-commands.js';
import { messageCommands } from './commands/message-commands.js';
import { partnerCommands } from './commands/partner-commands.js';
import { recordCommands } from './commands/record-commands.js';

export interface CliOptions extends CliContext {
  readonly complain: (text: string) => void;
  /** Adds commands that live elsewhere, such as `simulate`. */
  readonly extend?: (program: Command) => void;
  readonly version: string;
}

/** Runs one command line (without `node` and the script) and returns the exit code; nothing is thrown. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<number> {
  const program = new Command('roamhub')
    .description('Operate a Roamhub OCPI hub.')
    .version(options.version)
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 the hub refused or something is not in order, 2 wrong usage, 3 no hub answers, 4 no or wrong token.',
    );
  for (const command of [
    ...localCommands(options),
    ...inviteCommands(options),
    partnerCommands(options),
    ...deliveryCommands(options),
    ...recordCommands(options),
    messageCommands(options),
    ...agreementCommands(options),
    ...evDataCommands(options),
  ])
    program.addCommand(command);
  options.extend?.(program);
  settle(program, options);
  try {
    await program.parseAsync(args, { from: 'user' });
    return ExitCode.done;
  } catch (error) {
    return exitCodeOf(error, options.complain);
  }
}

/** Throw instead of ending the process, and write where the options say: commands made apart do not inherit it. */
function settle(command: Command, options: CliOptions): void {
  command
    .exitOverride()
    .showHelpAfterError('(add --help for what is possible)')
    .configureOutput({
      writeOut: (text) => options.print(text.trimEnd()),
      writeErr: (text) => options.complain(text.trimEnd()),
    });
  for (const inner of command.commands) settle(inner, options);
}

function exitCodeOf(error: unknown, complain: (text: string) => void): number {
  // Commander has printed its sentence, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  const known = error instanceof ConfigRefusal ? usageOf(error) : error;
  if (known instanceof CliError) {
    complain(known.message);
    return known.exitCode;
  }
  complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return ExitCode.refused;
}
