import { describeRows } from './rows/describe-rows.js';
import { hubClientInfoRows } from './rows/hubclientinfo.js';

describeRows('Hub client info', hubClientInfoRows);
