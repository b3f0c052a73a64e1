import { describeRows } from './rows/describe-rows.js';
import { sessionRows } from './rows/sessions.js';

describeRows('Sessions', sessionRows, { reachable: true });
