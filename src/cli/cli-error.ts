/** What `roamhub` tells the shell. */
export const ExitCode = {
  done: 0,
  /** The hub said no, or what was asked to be checked is not in order. */
  refused: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  unreachable: 3,
  /** There is no admin token, or not the right one. */
  token: 4,
} as const;

/** Ends a command: one sentence for standard error, and the exit code. */
export class CliError extends Error {
  constructor(
    /** One of ExitCode, or what a process that was started ended with. */
    readonly exitCode: number,
    sentence: string,
  ) {
    super(sentence);
    this.name = 'CliError';
  }
}
