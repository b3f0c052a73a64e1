import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import type { Clock } from '../../kernel/clock.js';
import type { LogLevel } from '../config/index.js';
import { redact, scrub } from './redact.js';

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Writes JSON lines. What each level promises: `debug` nothing an operator needs; `info` something happened that is part of the
 * hub's life; `warn` somebody should look, not now; `error` a fault of this hub; `fatal` the process ends.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  fatal(fields: LogFields, message: string): void;
  /** A logger whose lines all carry these fields, such as `request_id` and `correlation_id`. */
  child(fields: LogFields): Logger;
  /** Whether lines of the level are written; ask before computing what only they need. */
  isEnabled(level: LogLevel): boolean;
}

export interface LogOutput {
  readonly logger: Logger;
  /** Writes out what is still buffered. To be called before the process ends. */
  flush(): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly clock: Clock;
  /** Where lines go instead of standard output. */
  readonly write?: (line: string) => void;
}

/**
 * Opens the log. Lines to standard output are buffered and written by the event loop when it is free (`sync: false`), so that a slow
 * reader of the log does not slow requests.
 */
export function openLog({ level, clock, write }: LogOptions): LogOutput {
  const stdout = write === undefined ? pino.destination({ fd: 1, sync: false }) : undefined;
  const destination: DestinationStream = stdout ?? { write: (line) => write?.(line) };
  const root = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return { logger: new RedactingLogger(root), flush: () => stdout?.flushSync() };
}

/** Drops every line. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  fatal: () => {},
  child: () => silentLogger,
  isEnabled: () => false,
};

/** The only way to the library, so that no line, and no field of a child logger, gets around {@link redact}. */
class RedactingLogger implements Logger {
  constructor(private readonly lines: PinoLogger) {}

  debug(fields: LogFields, message: string): void {
    this.put('debug', fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.put('info', fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.put('warn', fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.put('error', fields, message);
  }

  fatal(fields: LogFields, message: string): void {
    this.put('fatal', fields, message);
  }

  child(fields: LogFields): Logger {
    return new RedactingLogger(this.lines.child(redact(fields)));
  }

  isEnabled(level: LogLevel): boolean {
    return this.lines.isLevelEnabled(level);
  }

  private put(level: LogLevel, fields: LogFields, message: string): void {
    if (this.lines.isLevelEnabled(level)) this.lines[level](redact(fields), scrub(message));
  }
}
