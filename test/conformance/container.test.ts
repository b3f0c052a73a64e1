import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';

/** What can be held about the image without building it. */
const dockerfile = readFileSync('Dockerfile', 'utf8').replace(/\\\n\s*/g, ' ');
const lines = dockerfile.split('\n');
const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM'));

describe('the container image', () => {
  it('runs a Node.js whose Brotli decoder is repaired, in both stages', () => {
    const [, major, minor, patch] = /^ARG NODE_IMAGE=node:(\d+)\.(\d+)\.(\d+)-[a-z]+-slim$/m.exec(dockerfile) ?? [];
    expect(major).toBe('24');
    expect(Number(minor) * 1000 + Number(patch)).toBeGreaterThanOrEqual(22_001);
    expect(lines.filter((line) => line.startsWith('FROM') && !/^FROM \$\{NODE_IMAGE\}/.test(line))).toEqual([]);
  });

  it('is not root, and writes to volumes only', () => {
    expect(final).toMatch(/^USER node$/m);
    expect(final).toContain('ROAMHUB_DATA_DIR=/data');
    expect(final).toContain('TMPDIR=/data');
  });

  it('copies what exists, and nothing that .dockerignore keeps out', () => {
    const ignore = readFileSync('.dockerignore', 'utf8').split('\n');
    const sources = lines
      .filter((line) => line.startsWith('COPY') && !line.includes('--from'))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((source) => !existsSync(source) || !ignore.includes(`!${source.replace('./', '')}`))).toEqual(
      [],
    );
  });

  it('does not put a secret into the image', () => {
    expect(dockerfile).not.toMatch(/^(ARG|ENV).*(TOKEN|SECRET|PASSWORD)/m);
  });

  describe('its health check', () => {
    const command = JSON.parse(/^HEALTHCHECK.*?CMD (\[.*\])$/m.exec(final)?.[1] ?? '[]') as string[];
    const check = (port: number): Promise<number | null> =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, command.slice(1), {
          env: { ROAMHUB_PORT: String(port) },
          stdio: 'ignore',
        });
        child.once('error', reject);
        child.once('exit', resolve);
      });
    const serving = async (status: number, use: (port: number) => Promise<void>): Promise<void> => {
      const server = http.createServer((request, response) => {
        response.writeHead(request.url === '/health' ? status : 404).end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      try {
        await use(port);
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
    };

    it('passes when /health answers 200, and fails when it does not', async () => {
      let closedPort = 0;
      await serving(200, async (port) => {
        expect(await check(port)).toBe(0);
        closedPort = port;
      });
      await serving(503, async (port) => expect(await check(port)).toBe(1));
      expect(await check(closedPort)).toBe(1);
    });
  });
});

describe('compose.yaml', () => {
  const compose = readFileSync('compose.yaml', 'utf8');

  it('runs a Redis that neither evicts nor forgets', () => {
    expect(compose).toMatch(/redis-server.*--appendonly.*yes.*--maxmemory-policy.*noeviction/s);
  });

  it('publishes the admin listener to this machine only', () => {
    expect(compose).toContain('"127.0.0.1:8081:8081"');
    expect(compose).not.toMatch(/^\s*- ["']?8081/m);
  });
});
