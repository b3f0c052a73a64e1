import { type Hub, startHub } from './app/index.js';
import { systemClock } from './kernel/clock.js';
import { StartRefusal } from './kernel/start-refusal.js';
import { configSummary, loadConfig, readTextFile } from './platform/config/index.js';
import { type LogOutput, openLog } from './platform/observability/index.js';

/** How long past its deadline a stop is waited for, ms. */
const hardStopMarginMs = 3_000;

async function main(): Promise<void> {
  const { config, secrets, warnings } = loadConfig(process.env, readTextFile);
  const log = openLog({ level: config.logLevel, clock: systemClock });
  // A turn later, so that a signal finds its listener before anybody can see that we are there.
  const starting = Promise.resolve().then(() => {
    log.logger.info(configSummary(config), 'hub.configured');
    for (const warning of warnings) log.logger.warn({ detail: warning }, 'config.warning');
    return startHub({ config, secrets, logger: log.logger, clock: systemClock });
  });
  stopOnSignals(starting, config.timers.stopDeadlineMs + hardStopMarginMs, log);
  const hub = await starting;
  log.logger.info({ public_url: hub.publicUrl, admin_url: hub.adminUrl }, 'hub.started');
}

/**
 * SIGTERM and SIGINT stop in order, as soon as the start is through; a second one, or a stop that hangs, ends the process
 * at once.
 */
function stopOnSignals(starting: Promise<Hub>, hardStopMs: number, { logger, flush }: LogOutput): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), hardStopMs).unref();
    const end = (code: number): void => {
      flush();
      process.exit(code);
    };
    starting.then(
      (hub) =>
        hub.stop().then(
          () => end(0),
          (error: unknown) => {
            logger.error({ err: error }, 'hub.stop-failed');
            end(1);
          },
        ),
      // Why the start failed is said by whoever waits for it.
      () => undefined,
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    // The design is crash-only: what nobody expected is not lived on with.
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error }, 'hub.failed');
      flush();
      process.exit(1);
    });
  }
}

main().catch((error: unknown) => {
  for (const sentence of sentencesOf(error)) process.stderr.write(`roamhub: ${sentence}\n`);
  process.exit(error instanceof StartRefusal ? 2 : 1);
});

function sentencesOf(error: unknown): readonly string[] {
  if (error instanceof StartRefusal) return error.sentences;
  return [error instanceof Error ? error.message : String(error)];
}
