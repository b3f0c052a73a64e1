import { LoadConnection } from './load-connection.js';
import type { LoadResult, LoadRun } from './load-run.js';
import { NodeClient } from './node-client.js';

// Process of its own: takes a LoadRun as a message, answers with a LoadResult, any number of times.
process.on('message', (run: LoadRun) => {
  const buffer = Buffer.from(run.bytes.buffer, run.bytes.byteOffset, run.bytes.byteLength);
  const requests = run.ends.map((end, index) => buffer.subarray(run.ends[index - 1] ?? 0, end));
  perform(run, requests).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`load generator: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
});

function perform(run: LoadRun, requests: readonly Uint8Array[]): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const expected = run.expect === undefined ? undefined : Buffer.from(run.expect);
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    let sent = 0;
    let answers = 0;
    let bad = 0;
    let bodyBytes = 0;
    let example: string | undefined;
    const connections: (LoadConnection | NodeClient)[] = [];
    const finish = (): void => {
      const seconds = (performance.now() - startedAt) / 1000;
      const cpu = process.cpuUsage(cpuBefore);
      for (const connection of connections) connection.end();
      const generatorCpu = (cpu.user + cpu.system) / 1e6 / seconds;
      resolve({ seconds, answers, bad, bodyBytes, generatorCpu, ...(example === undefined ? {} : { example }) });
    };
    const source = {
      next: () => (sent < run.count ? requests[sent++ % requests.length] : undefined),
      done: (status: number, bytes: number, piece: Buffer) => {
        answers++;
        bodyBytes += bytes;
        if ((status !== 200 && status !== 201) || (expected && !piece.includes(expected))) {
          bad++;
          example ??= piece.toString('utf8').slice(0, 2000);
        }
        if (answers === run.count) finish();
      },
      failed: (error: Error) => {
        for (const connection of connections) connection.end();
        reject(error);
      },
    };
    const Client = run.client === 'node' ? NodeClient : LoadConnection;
    for (let index = 0; index < run.connections; index++) connections.push(new Client(run.port, source));
  });
}
