import { it } from '@jest/globals';
import Database from 'better-sqlite3';
import { writeFileSync } from 'node:fs';
import { LaneHistory } from './testing/lane-history.js';
import { MemoryLaneStore } from './testing/memory-lane-store.js';
import { changeTable } from './testing/model-hub.js';
it('trace', async () => {
  const db = new Database(':memory:'); db.exec(changeTable);
  const lines: string[] = [];
  const save = MemoryLaneStore.prototype.save;
  MemoryLaneStore.prototype.save = async function (p, l) { const lost = await save.call(this, p, l); lines.push(`   save ${this.node} ${JSON.stringify(p.map(({circuit,cleared,...r})=>r))} lost ${lost}`); return lost; };
  const acq = MemoryLaneStore.prototype.acquire;
  MemoryLaneStore.prototype.acquire = async function (p, l) { const r = await acq.call(this, p, l); lines.push(`   acquire ${this.node} ${JSON.stringify(r)}`); return r; };
  const r = await new LaneHistory(db, { seed: Number(process.env.SEED), steps: 60, faults: process.env.FAULTS as 'all', sharing: true, trace: (x) => lines.push(x) }).run();
  lines.push(...r.differences);
  writeFileSync('/tmp/rh/trace4.log', lines.join('\n'));
});
