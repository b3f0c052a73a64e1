import { type Hub, startHub } from './app/index.js';
import { systemClock } from './kernel/clock.js';
import { StartRefusal } from './kernel/start-refusal.js';
import { configSummary, loadConfig, readTextFile } from './platform/config/index.js';
import { openLog } from './platform/observability/index.js';

/** How long past its deadline a stop is waited for, ms. */
const hardStopMarginMs = 3_000;

async function main(): Promise<void> {
  const { config, secrets, warnings } = loadConfig(process.env, readTextFile);
  const log = openLog({ level: config.logLevel, clock: systemClock });
  log.logger.info(configSummary(config), 'hub.configured');
  for (const warning of warnings) log.logger.warn({ detail: warning }, 'config.warning');
  const hub = await startHub({ config, secrets, logger: log.logger, clock: systemClock });
  log.logger.info({ public_url: hub.publicUrl, admin_url: hub.adminUrl }, 'hub.started');
  stopOnSignals(hub, config.timers.stopDeadlineMs + hardStopMarginMs, () => log.flush());
}

/** SIGTERM and SIGINT stop in order; a second one, or a stop that hangs, ends the process at once. */
function stopOnSignals(hub: Hub, hardStopMs: number, flush: () => void): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), hardStopMs).unref();
    hub.stop().then(
      () => {
        flush();
        process.exit(0);
      },
      () => {
        flush();
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    // The design is crash-only: what nobody expected is not lived on with.
    process.on(event, (error: unknown) => {
      hub.logFatal(error);
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
