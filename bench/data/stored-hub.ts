import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BenchPartner } from '../harness/bench-partner.js';
import { authorization, type Registered } from '../harness/handshake.js';
import { httpCall } from '../harness/http-call.js';
import { Hub, type HubOptions } from '../harness/hub.js';
import { until } from '../harness/until.js';
import type { Workspace } from '../harness/workspace.js';
import type { LocationSet } from './location-set.js';

/** A Location that the hub holds, with what is needed to change it. */
export interface StoredLocation {
  readonly country_code: string;
  readonly party_id: string;
  readonly id: string;
  readonly uids: readonly string[];
}

/** Who may speak with the stored hub, and where it listens to what. */
export interface Access {
  /** Token of the platform that owns all Locations. */
  readonly ownerToken: string;
  /** Token of a platform that pulls. */
  readonly readerToken: string;
  readonly senderPath: string;
  readonly receiverPath: string;
}

/** A hub's data directory with the whole data set, pulled by the hub from a registered platform. */
export class StoredHub {
  constructor(
    /** Not to be worked on; take a copy. */
    readonly dataDir: string,
    readonly access: Access,
    readonly locations: readonly StoredLocation[],
  ) {}

  /** Starts a hub on a copy. */
  async start(
    program: string,
    workspace: Workspace,
    options: Pick<HubOptions, 'settings' | 'nodeOptions'> = {},
  ): Promise<Hub> {
    return Hub.start({ program, dataDir: workspace.copyOf(this.dataDir), ...options });
  }
}

export const reader = { country_code: 'FR', party_id: 'BEN' };

interface PullView {
  readonly module: string;
  readonly state: string;
  readonly ended_at: string | null;
  readonly stored: number;
  readonly refused: number;
}

export interface Pulled {
  /** The owner, as the hub knows it. */
  readonly owner: Registered;
  readonly stored: number;
  readonly refused: number;
  /** ms since the epoch */
  readonly endedAt: number;
}

/** Registers the platform that owns the Locations; the hub pulls them then by itself. Waits for the end of that. */
export async function pullInto(hub: Hub, owner: BenchPartner, ownerCount: number): Promise<Pulled> {
  const registered = await owner.register(hub);
  const look = async (): Promise<readonly PullView[] | undefined> => {
    const pulls = (await hub.admin<readonly PullView[]>('GET', '/api/pulls')).filter(
      (pull) => pull.module === 'locations',
    );
    const failed = pulls.find(({ state }) => state === 'failed' || state === 'stopped');
    if (failed) throw new Error(`A pull did not end well: ${JSON.stringify(failed)}`);
    return pulls.length === ownerCount && pulls.every(({ state }) => state === 'complete') ? pulls : undefined;
  };
  const pulls = await until('the hub has pulled everything', look, { everyMs: 250, withinMs: 300_000 });
  return {
    owner: registered,
    stored: pulls.reduce((sum, pull) => sum + pull.stored, 0),
    refused: pulls.reduce((sum, pull) => sum + pull.refused, 0),
    endedAt: Math.max(...pulls.map((pull) => Date.parse(pull.ended_at ?? ''))),
  };
}

export function ownerOf(locations: LocationSet): BenchPartner {
  return new BenchPartner({ name: 'Owner', role: 'CPO', parties: locations.owners, locations: locations.page });
}

/** Makes the stored hub, or takes the one that an earlier run has left for the same data and the same tables. */
export async function openStoredHub(
  program: string,
  locations: LocationSet,
  workspace: Workspace,
  say: (text: string) => void,
): Promise<StoredHub> {
  const name = `${path.basename(locations.file, '.ndjson')}-${tablesOf(program)}`;
  const folder = workspace.cached(name);
  if (!existsSync(folder)) {
    say('storing the data set in a hub, once …');
    const fresh = workspace.folder();
    await fill(fresh, program, locations, say);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  }
  const { access, stored } = JSON.parse(readFileSync(path.join(folder, 'bench.json'), 'utf8')) as Saved;
  return new StoredHub(path.join(folder, 'data'), access, stored);
}

interface Saved {
  readonly access: Access;
  readonly stored: readonly StoredLocation[];
}

async function fill(
  folder: string,
  program: string,
  locations: LocationSet,
  say: (text: string) => void,
): Promise<void> {
  const dataDir = path.join(folder, 'data');
  mkdirSync(dataDir);
  const owner = ownerOf(locations);
  const eMsp = new BenchPartner({ name: 'Reader', role: 'EMSP', parties: [reader] });
  await Promise.all([owner.listen(), eMsp.listen()]);
  const hub = await Hub.start({ program, dataDir });
  try {
    const eMspAccess = await eMsp.register(hub);
    const pulled = await pullInto(hub, owner, locations.owners.length);
    say(`stored ${pulled.stored} of ${locations.count} locations; refused ${pulled.refused}`);
    const access = accessOf(pulled.owner, eMspAccess);
    const saved: Saved = { access, stored: await crawl(hub, access) };
    writeFileSync(path.join(folder, 'bench.json'), JSON.stringify(saved));
    await hub.stop();
  } finally {
    await hub.kill();
    owner.close();
    eMsp.close();
  }
}

/** What the owner of the Locations and a platform that reads them learnt by registering. */
export function accessOf(owner: Registered, other: Registered): Access {
  return {
    ownerToken: owner.token,
    readerToken: other.token,
    senderPath: other.pathOf('locations', 'SENDER'),
    receiverPath: owner.pathOf('locations', 'RECEIVER'),
  };
}

/** Reads the whole list as a partner would, by the Link of each page. */
export async function crawl(hub: Hub, access: Access): Promise<StoredLocation[]> {
  const found: StoredLocation[] = [];
  let url: string | undefined = `http://127.0.0.1:${hub.port}${access.senderPath}?limit=500`;
  while (url !== undefined) {
    const { body, headers } = await httpCall({ url, headers: { Authorization: authorization(access.readerToken) } });
    const page = JSON.parse(body.toString('utf8')) as {
      data?: readonly (Omit<StoredLocation, 'uids'> & { evses?: readonly { uid: string }[] | null })[];
    };
    for (const { country_code, party_id, id, evses } of page.data ?? [])
      found.push({ country_code, party_id, id, uids: (evses ?? []).map(({ uid }) => uid) });
    url = /<([^>]+)>; *rel="next"/.exec(String(headers.link ?? ''))?.[1];
  }
  return found;
}

/** A short digest of the migrations of a build: with other tables the stored hub is made anew. */
function tablesOf(program: string): string {
  const root = path.dirname(program);
  const hash = createHash('sha256');
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort())
    if (/(^|\/)migrations\/[^/]+\.js$/.test(file)) hash.update(readFileSync(path.join(root, file)));
  return hash.digest('hex').slice(0, 12);
}
