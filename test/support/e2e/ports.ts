import net from 'node:net';

/** Below the range from which the operating system gives out ports by itself, so that a restarted hub finds its port free. */
const first = 20_000;
const last = 32_000;
let next = first + ((process.pid * 37) % (last - first));

/** A loopback port that nobody listens on and that no outgoing connection will take. */
export async function freePort(): Promise<number> {
  for (;;) {
    next = next >= last ? first : next + 1;
    // Others may ask meanwhile.
    const port = next;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
