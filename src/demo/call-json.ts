import http from 'node:http';

/** A call that was answered with another status than 2xx. */
export class CallError extends Error {
  override readonly name = 'CallError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: object;
  readonly bearer?: string;
}

/** Calls the admin API of the hub or the control server of a simulator and returns the text of the answer. */
export function callText(url: string, call: Call = {}): Promise<string> {
  const { method = 'GET', body, bearer } = call;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
    ...(text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    // Without keep-alive: a server that closes an idle connection must not look like a failure.
    const request = http.request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString('utf8');
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) return resolve(answer);
        reject(new CallError(status, `${method} ${new URL(url).pathname}: ${status} ${reasonIn(answer)}`));
      });
    });
    request.on('error', (error) => reject(new Error(`${method} ${new URL(url).pathname}: ${error.message}`)));
    request.end(text);
  });
}

/** The same, read as JSON; an empty answer is undefined. */
export async function callJson<T>(url: string, call: Call = {}): Promise<T> {
  const text = await callText(url, call);
  return (text.trim() === '' ? undefined : JSON.parse(text)) as T;
}

/** The same, read as NDJSON. */
export async function callLines<T>(url: string, call: Call = {}): Promise<T[]> {
  const text = await callText(url, call);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

function reasonIn(answer: string): string {
  try {
    const { detail, title, error } = JSON.parse(answer) as { detail?: string; title?: string; error?: string };
    return error ?? detail ?? title ?? answer.slice(0, 200);
  } catch {
    return answer.slice(0, 200);
  }
}
