import { cdrRows } from './rows/cdrs.js';
import { describeRows } from './rows/describe-rows.js';

describeRows('CDRs', cdrRows, { reachable: true });
