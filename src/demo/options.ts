import { parseArgs } from 'node:util';

/** What the person at the terminal asked for. */
export interface DemoOptions {
  /** NDJSON file with Locations; undefined: invented ones. */
  readonly data: string | undefined;
  /** NDJSON file with Tariffs; undefined: what stands beside `data`, or invented ones. */
  readonly tariffs: string | undefined;
  /** The hub's queue is BullMQ on Redis. */
  readonly redis: boolean;
  /** Goes on after the summary until it is interrupted. */
  readonly keep: boolean;
  readonly seed: number;
  /** How long status changes stream, seconds. */
  readonly durationSeconds: number;
  /** Status changes a second, of all CPO platforms together. */
  readonly rate: number;
}

/** A mistake on the command line, said in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `usage: scripts/demo [options]

Starts a hub and partner platforms as separate processes, lets them register, exchange charging locations, follow status changes
and settle a charge with one another, and checks at the end that every partner holds exactly what the hub holds and that every
message of the charge arrived as it should.

  --data FILE.ndjson.gz  real Locations, one OCPI object a line, instead of invented ones
  --tariffs FILE         their Tariffs (default: tariffs.ndjson.gz beside the Locations, if it is there)
  --redis                the hub queues its work with BullMQ: on ROAMHUB_REDIS_URL, else on a private Redis of the demo
  --duration SECONDS     how long status changes stream (default 30; 40 with --data)
  --rate N               status changes a second (default 24; 75 with --data)
  --seed N               seed of everything random (default 1)
  --keep                 leave it running after the summary, until Ctrl-C
  --help                 this text

Exit code: 0 if everything held, 1 if something differs, 2 for a mistake on the command line, 130 when interrupted.`;

/**
 * Reads the command line.
 * @returns undefined if help is asked for
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]): DemoOptions | undefined {
  const values = read(args);
  if (values.help === true) return undefined;
  if (values.tariffs !== undefined && values.data === undefined) {
    throw new UsageError('--tariffs needs --data: invented locations come with tariffs of their own');
  }
  const real = values.data !== undefined;
  return {
    data: values.data,
    tariffs: values.tariffs,
    redis: values.redis === true,
    keep: values.keep === true,
    seed: number('--seed', values.seed, 1, [0, 2 ** 31]),
    durationSeconds: number('--duration', values.duration, real ? 40 : 30, [5, 86_400]),
    rate: number('--rate', values.rate, real ? 75 : 24, [1, 2000]),
  };
}

function read(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    return parseArgs({
      args: [...args],
      options: {
        data: text,
        tariffs: text,
        redis: flag,
        keep: flag,
        seed: text,
        duration: text,
        rate: text,
        help: flag,
      },
    }).values;
  } catch (error) {
    // Node's message goes on with advice about positional arguments.
    throw new UsageError(`${(error as Error).message.split(/\. |\n/)[0]} (--help lists the options)`);
  }
}

function number(name: string, text: string | undefined, fallback: number, range: readonly [number, number]): number {
  if (text === undefined) return fallback;
  const [least, most] = range;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`${name} takes a whole number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}
