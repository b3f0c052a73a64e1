import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Hub, startHub } from '../../../src/app/index.js';
import { systemClock } from '../../../src/kernel/clock.js';
import { loadConfig } from '../../../src/platform/config/index.js';
import { silentLogger } from '../../../src/platform/observability/index.js';
import type { Platform } from '../../../src/simulator/index.js';
import { Admin } from './admin.js';
import { claimsOf } from './world.js';

const adminToken = 'in-process-admin-token';

/** The composed hub within the test's own process, on free ports, with a data directory of its own. */
export class HubInProcess {
  private constructor(
    private readonly hub: Hub,
    readonly dataDir: string,
    readonly admin: Admin,
    private readonly platforms: Platform[],
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<HubInProcess> {
    const dataDir = mkdtempSync(path.join(os.tmpdir(), 'roamhub-hub-'));
    const settings = {
      ROAMHUB_PORT: '0',
      ROAMHUB_ADMIN_PORT: '0',
      ROAMHUB_DATA_DIR: dataDir,
      ROAMHUB_ADMIN_TOKEN: adminToken,
      ROAMHUB_DEVELOPMENT: 'true',
      ROAMHUB_RATE_LIMIT: 'off',
      ROAMHUB_STOP_GRACE_SECONDS: '0',
    };
    const { config, secrets } = loadConfig({ ...settings, ...env }, () => undefined);
    const hub = await startHub({ config, secrets, logger: silentLogger, clock: systemClock, processMetrics: false });
    return new HubInProcess(hub, dataDir, new Admin(hub.adminUrl, () => adminToken), []);
  }

  get publicUrl(): string {
    return this.hub.publicUrl;
  }

  get adminUrl(): string {
    return this.hub.adminUrl;
  }

  /** Starts platforms and registers them by invites. */
  async join(...platforms: Platform[]): Promise<void> {
    for (const platform of platforms) {
      this.platforms.push(platform);
      await platform.start();
      await platform.register(await this.admin.invite(platform.name, claimsOf(platform)));
    }
  }

  /** Resolves when pulls and pushes that are due now are done. */
  idle(): Promise<void> {
    return this.hub.idle();
  }

  /** Ends hub and platforms and removes the data. */
  async close(): Promise<void> {
    await this.hub.stop();
    await Promise.all(this.platforms.map((platform) => platform.stop()));
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
