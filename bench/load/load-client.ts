import { fileURLToPath } from 'node:url';
import { MeasuredProcess } from '../harness/measured-process.js';
import type { LoadResult, LoadRun } from './load-run.js';

export interface RequestSpec {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Requests as they go over the wire. */
export type RequestBytes = Pick<LoadRun, 'bytes' | 'ends'>;

export function requestBytes(specs: Iterable<RequestSpec>): RequestBytes {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  let length = 0;
  for (const { method, target, headers, body } of specs) {
    const content = body === undefined ? undefined : Buffer.from(body);
    let head = `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n`;
    for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
    if (content) head += `Content-Type: application/json\r\nContent-Length: ${content.length}\r\n`;
    const request = Buffer.concat([Buffer.from(`${head}\r\n`), content ?? Buffer.alloc(0)]);
    parts.push(request);
    length += request.length;
    ends.push(length);
  }
  return { bytes: Buffer.concat(parts), ends };
}

/** The load generator in its process. The same for the hub and for the floors. */
export class LoadClient {
  private readonly generator = MeasuredProcess.start(fileURLToPath(new URL('./generator.js', import.meta.url)));

  /** @throws if any answer was not what it should be: a refusal is quick, and no figure */
  async run(run: LoadRun): Promise<LoadResult> {
    const result = await this.generator.ask<LoadResult>(run);
    if (result.bad > 0)
      throw new Error(`${result.bad} of ${result.answers} answers were not good, such as:\n${result.example}`);
    return result;
  }

  close(): Promise<void> {
    return this.generator.stop();
  }
}
