import { describeRows } from './rows/describe-rows.js';
import { objectRows } from './rows/objects.js';

describeRows('Client owned objects', objectRows);
