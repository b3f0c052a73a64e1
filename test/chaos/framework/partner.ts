import { EmspSimulator, type Fault, type PlatformOptions, parseFault } from '../../../src/simulator/index.js';
import { canonicalHash } from '../../../src/simulator/wire/canonical.js';
import { Recorder } from './recorder.js';
import type { RunFolder } from './run-folder.js';

/** One partner of the hub: a simulated eMSP, and a recorder of all that it is pushed. */
export class Partner {
  readonly recorder: Recorder;
  readonly emsp: EmspSimulator;

  constructor(
    readonly name: string,
    party: { readonly country_code: string; readonly party_id: string },
    run: RunFolder,
    options: Partial<PlatformOptions> = {},
  ) {
    this.recorder = new Recorder(run.file('receipts', `${name}.ndjson`));
    const { observe } = this.recorder;
    this.emsp = new EmspSimulator({ name, parties: [{ ...party, role: 'EMSP' }], observe, ...options });
  }

  /** Faults as texts, see the simulators' README; none: it is well. */
  setFaults(...texts: string[]): Promise<void> {
    return this.emsp.setFaults(texts.map((text): Fault => parseFault(text)));
  }

  /** How many objects of its copy are not as in this list, or not in it. */
  differences(list: ReadonlyMap<string, string>, hashes: Map<string, string>): number {
    let wrong = 0;
    let found = 0;
    for (const [key, text] of this.emsp.objects()) {
      if (!key.startsWith('locations/')) continue;
      const listed = list.get(key);
      if (listed === undefined) wrong += 1;
      else {
        found += 1;
        if (text !== listed && canonicalHash(text) !== hashOf(key, listed, hashes)) wrong += 1;
      }
    }
    return wrong + list.size - found;
  }

  /** Whether its copy of an object is another than this. */
  isBehind(key: string, text: string): boolean {
    const held = this.emsp.object(key);
    return held === undefined || (held !== text && canonicalHash(held) !== canonicalHash(text));
  }

  /** Writes its copy down. */
  dump(run: RunFolder): void {
    const objects = [...this.emsp.objects()].filter(([key]) => key.startsWith('locations/'));
    run.writeLines(
      `copies/${this.name}.ndjson`,
      objects.map(([k, d]) => ({ k, d })),
    );
  }

  async close(): Promise<void> {
    await this.emsp.stop();
    await this.recorder.close();
  }
}

function hashOf(key: string, text: string, hashes: Map<string, string>): string {
  const known = hashes.get(key);
  if (known !== undefined) return known;
  const hash = canonicalHash(text);
  hashes.set(key, hash);
  return hash;
}
