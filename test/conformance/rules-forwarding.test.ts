import { describeRows } from './rows/describe-rows.js';
import { forwardedRows, forwardingRows } from './rows/forwarding.js';

describeRows('Message routing: from party to party', forwardingRows, { reachable: true });
describeRows('Messages that are passed on', forwardedRows, { reachable: true });
