import { commandRows } from './rows/commands.js';
import { describeRows } from './rows/describe-rows.js';

describeRows('Commands', commandRows, { reachable: true });
