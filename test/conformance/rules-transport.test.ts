import { describeRows } from './rows/describe-rows.js';
import { statusRows, transportRows } from './rows/transport.js';

describeRows('Transport, authorization, envelope', transportRows);
describeRows('HTTP status and OCPI status', statusRows);
