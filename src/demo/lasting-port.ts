import { randomInt } from 'node:crypto';
import net from 'node:net';

/** Below the range from which operating systems give out ports by themselves (Linux: from 32768). */
const range = { from: 20_000, to: 30_000 };
const tries = 200;

/**
 * A free port that stays its owner's while it is closed for a time: one that the operating system gave out could meanwhile
 * become the near end of any connection on this machine.
 */
export async function lastingPort(): Promise<number> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const port = randomInt(range.from, range.to);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port between ${range.from} and ${range.to}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
