import { describeRows } from './rows/describe-rows.js';
import { credentialRows, versionRows } from './rows/versions.js';

describeRows('Versions', versionRows);
describeRows('Credentials', credentialRows);
